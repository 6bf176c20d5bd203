import { defer } from 'ix/asynciterable/defer'
import type { IxOperator } from './operator.ts'
import { createReadAhead } from './read-ahead.ts'
import { wholeNumber } from './whole-number.ts'

export interface BatchOptions {
  /** Rejects the pending `next()` with its reason, and closes the source. */
  readonly signal?: AbortSignal
}

/**
 * Hands over what has arrived since the last time, as one array: single items while the consumer keeps up, full batches
 * when it does not.
 *
 * Shape:  AsyncIterable<T> → AsyncIterable<readonly T[]>, 1 to `most` items each.
 * Order:  preserved. An error of the source comes after the items before it.
 * Memory: `most` items, and the array the consumer holds.
 * Pulls:  lazy; from the first item on at most `most` ahead, one at a time. On early exit and on abort calls `return()`
 *         on the source; on early exit waits for it, and so for the item that is on its way.
 *
 * @param most - Items, from 1.
 */
export function batch<T>(most: number, options: BatchOptions = {}): IxOperator<T, readonly T[]> {
  wholeNumber('batch: most', most, 1)
  return (source) => defer(() => arrived(source, most, options.signal))
}

async function* arrived<T>(source: AsyncIterable<T>, most: number, signal?: AbortSignal): AsyncGenerator<T[]> {
  const ahead = createReadAhead(source, { capacity: most, signal })
  try {
    while (await ahead.ready(1)) yield ahead.take(most)
  } finally {
    await ahead.close()
  }
}
