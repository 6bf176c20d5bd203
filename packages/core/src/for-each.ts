import type { Sink } from './operator.ts'

/**
 * Calls `fn` with each item and waits for it: the next item is pulled when `fn` is done with this one.
 *
 * Shape:  AsyncIterable<T> → Promise<void>.
 * Order:  preserved.
 * Memory: one item.
 * Pulls:  one item at a time, to the end. When `fn` throws, calls `return()` on the source and rejects with that error.
 *
 * @param fn - Gets the item and its index.
 */
export function forEach<T>(fn: (item: T, index: number) => void | Promise<void>): Sink<T, void> {
  return async (source) => {
    let index = 0
    for await (const item of source) await fn(item, index++)
  }
}
