import { defer } from 'ix/asynciterable/defer'
import type { IxOperator } from './operator.ts'
import type { Page } from './page.ts'
import { wholeNumber } from './whole-number.ts'

/**
 * Ends the stream after `count` rows, and does not ask for the page after them.
 *
 * The last page is cut where it must be, and keeps its position: what was cut counts as read. That suits previews and
 * samples. A stream that a later run goes on from is limited by whole pages instead, with `take` of `ix`.
 *
 * Shape:  AsyncIterable<Page<R>> → AsyncIterable<Page<R>> with at most `count` rows in all.
 * Order:  preserved.
 * Memory: one page.
 * Pulls:  lazy; one page for each that is asked for, none for `count` 0. On early exit, and as soon as `count` rows are
 *         reached, calls `return()` on the source.
 *
 * @param count - Rows, from 0.
 */
export function takeRows<R>(count: number): IxOperator<Page<R>, Page<R>> {
  wholeNumber('takeRows: count', count, 0)
  return (source) => defer(() => cut(source, count))
}

async function* cut<R>(source: AsyncIterable<Page<R>>, count: number): AsyncGenerator<Page<R>> {
  if (count === 0) return
  let left = count
  for await (const page of source) {
    if (page.rows.length >= left) {
      yield page.rows.length === left ? page : { ...page, rows: page.rows.slice(0, left) }
      return
    }
    left -= page.rows.length
    yield page
  }
}
