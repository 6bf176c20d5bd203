import { map } from 'ix/asynciterable/operators/map'
import type { IxOperator } from './operator.ts'
import type { Page } from './page.ts'
import { refusePromise, rowError } from './row-error.ts'

/**
 * Replaces each row by what `fn` makes of it. The page keeps its position and meta.
 *
 * `fn` runs in one loop per page and must answer at once: awaiting per row costs 25 to 150 times as much. Where rows need
 * something asynchronous, do it for a page at a time with `map` of `ix`.
 *
 * Shape:  AsyncIterable<Page<In>> → AsyncIterable<Page<Out>>, as many rows in each page as before.
 * Order:  preserved.
 * Memory: one page.
 * Pulls:  lazy; one page for each that is asked for. On early exit calls `return()` on the source.
 *
 * @param fn - Gets the row and its index in the page.
 * @throws {MillraceError} `E_ROW_FUNCTION`, with page and row in `context`, when `fn` throws or returns a promise.
 * @example
 * const named = pipe(pages, mapRows((row) => ({ id: row.id, name: `${row.first} ${row.last}` })))
 */
export function mapRows<In, Out>(fn: (row: In, index: number) => Out): IxOperator<Page<In>, Page<Out>> {
  return map((page: Page<In>, pageIndex: number): Page<Out> => {
    const { rows } = page
    const mapped = new Array<Out>(rows.length)
    let at = 0
    try {
      for (; at < rows.length; at++) {
        const row = fn(rows[at] as In, at)
        if (at === 0) refusePromise(row)
        mapped[at] = row
      }
    } catch (thrown) {
      throw rowError('mapRows', page, pageIndex, at, thrown)
    }
    return { ...page, rows: mapped }
  })
}
