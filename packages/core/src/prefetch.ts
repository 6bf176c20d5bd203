import { setImmediate as nextTurn } from 'node:timers/promises'
import { defer } from 'ix/asynciterable/defer'
import type { IxOperator } from './operator.ts'
import { createReadAhead } from './read-ahead.ts'
import { wholeNumber } from './whole-number.ts'

export interface PrefetchOptions {
  /** Rejects the pending `next()` with its reason, and closes the source. */
  readonly signal?: AbortSignal
}

/**
 * Asks for the next items while the consumer is still busy: the next page is on its way while this one is written.
 *
 * Shape:  AsyncIterable<T> → AsyncIterable<T>.
 * Order:  preserved. An error of the source comes after the items before it.
 * Memory: `count` items, and the one the consumer holds.
 * Pulls:  lazy; from the first item on at most `count` ahead, one at a time. On early exit and on abort calls `return()`
 *         on the source; on early exit waits for it, and so for the item that is on its way.
 *
 * @param count - Items, from 1. 1 is enough to overlap reading with working; more evens out a source of uneven speed.
 */
export function prefetch<T>(count: number, options: PrefetchOptions = {}): IxOperator<T, T> {
  wholeNumber('prefetch: count', count, 1)
  return (source) => defer(() => readAhead(source, count, options.signal))
}

async function* readAhead<T>(source: AsyncIterable<T>, count: number, signal?: AbortSignal): AsyncGenerator<T> {
  const ahead = createReadAhead(source, { capacity: count, signal })
  try {
    while (await ahead.ready(1)) {
      const taken = ahead.take(1)
      // A consumer that computes holds up this thread, and a request that was not written yet with it. One turn for what the
      // source does at once, and one for what that leaves to the next: undici writes a request in the turn after it was made.
      if (ahead.isReading()) {
        await nextTurn()
        await nextTurn()
        signal?.throwIfAborted()
      }
      yield* taken
    }
  } finally {
    await ahead.close()
  }
}
