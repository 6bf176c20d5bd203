import { toArray as collect } from 'ix/asynciterable/toarray'
import type { Sink } from './operator.ts'

/**
 * Collects everything. For tests, previews and streams known to be small: it is the one thing here that grows with the
 * data.
 *
 * Shape:  AsyncIterable<T> → Promise<T[]>.
 * Order:  preserved.
 * Memory: all items.
 * Pulls:  one item at a time, to the end.
 */
export function toArray<T>(): Sink<T, T[]> {
  return (source) => collect(source)
}
