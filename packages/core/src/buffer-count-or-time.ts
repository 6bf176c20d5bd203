import { defer } from 'ix/asynciterable/defer'
import { type Clock, systemClock } from './clock.ts'
import type { IxOperator } from './operator.ts'
import { createReadAhead } from './read-ahead.ts'
import { wholeNumber } from './whole-number.ts'

export interface BufferCountOrTimeOptions {
  readonly clock?: Clock
  /** Rejects the pending `next()` with its reason, and closes the source. */
  readonly signal?: AbortSignal
}

/**
 * Groups items into arrays of `count`, or fewer when `ms` have passed since the consumer asked and one was there: full
 * batches from a busy source, and no item of a slow one left waiting.
 *
 * Shape:  AsyncIterable<T> → AsyncIterable<readonly T[]>, 1 to `count` items each; never empty.
 * Order:  preserved. An error of the source comes after the items before it.
 * Memory: `count` items, and the array the consumer holds.
 * Pulls:  lazy; from the first item on at most `count` ahead, one at a time. On early exit and on abort calls `return()`
 *         on the source; on early exit waits for it, and so for the item that is on its way.
 *
 * @param count - Items, from 1.
 * @param ms - Milliseconds, from 0.
 */
export function bufferCountOrTime<T>(
  count: number,
  ms: number,
  options: BufferCountOrTimeOptions = {},
): IxOperator<T, readonly T[]> {
  wholeNumber('bufferCountOrTime: count', count, 1)
  wholeNumber('bufferCountOrTime: ms', ms, 0)
  const { clock = systemClock, signal } = options
  return (source) => defer(() => grouped(source, count, ms, clock, signal))
}

async function* grouped<T>(
  source: AsyncIterable<T>,
  count: number,
  ms: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<T[]> {
  const ahead = createReadAhead(source, { capacity: count, signal })
  try {
    while (await ahead.ready(1)) {
      // Stopped as soon as the group is full, so that no timer outlives its group.
      const timer = new AbortController()
      const timeUp = clock.sleep(ms, timer.signal).catch(() => {})
      await ahead.ready(count, timeUp).finally(() => timer.abort())
      yield ahead.take(count)
    }
  } finally {
    await ahead.close()
  }
}
