import { map } from 'ix/asynciterable/operators/map'
import type { IxOperator } from './operator.ts'
import type { Page } from './page.ts'
import { refusePromise, rowError } from './row-error.ts'

/**
 * Keeps the rows for which `keep` answers true. The page keeps its position and meta, and comes through even when no
 * row is left: its position still says how far the stream has been read.
 *
 * Shape:  AsyncIterable<Page<R>> → AsyncIterable<Page<R>>, as many pages as before.
 * Order:  preserved.
 * Memory: one page.
 * Pulls:  lazy; one page for each that is asked for. On early exit calls `return()` on the source.
 *
 * @param keep - Gets the row and its index in the page. Must answer at once.
 * @throws {MillraceError} `E_ROW_FUNCTION`, with page and row in `context`, when `keep` throws or returns a promise.
 * @example
 * const paid = pipe(pages, filterRows((row) => row.status === 'paid'))
 */
export function filterRows<In, Out extends In>(
  keep: (row: In, index: number) => row is Out,
): IxOperator<Page<In>, Page<Out>>
export function filterRows<In>(keep: (row: In, index: number) => boolean): IxOperator<Page<In>, Page<In>>
export function filterRows<In>(keep: (row: In, index: number) => boolean): IxOperator<Page<In>, Page<In>> {
  return map((page: Page<In>, pageIndex: number): Page<In> => {
    const { rows } = page
    const kept: In[] = []
    let at = 0
    try {
      for (; at < rows.length; at++) {
        const row = rows[at] as In
        const answer = keep(row, at)
        if (at === 0) refusePromise(answer)
        if (answer) kept.push(row)
      }
    } catch (thrown) {
      throw rowError('filterRows', page, pageIndex, at, thrown)
    }
    return { ...page, rows: kept }
  })
}
