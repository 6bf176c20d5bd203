import type { Row } from '@millrace/core'
import type { Discard } from './discard.ts'
import type { PageColumns } from './page-columns.ts'

/** Columns of the rows that stay, and all that was dropped, by its place in the rows that came. */
export interface KeptColumns {
  readonly page: PageColumns
  readonly discards: readonly Discard[]
}

/**
 * The columns of a page without the rows that a contract drops.
 *
 * Which these are is known only when all columns have been tried. The others are then tried again by themselves: a row that
 * is dropped must leave no value, no column and no type behind.
 */
export function withoutDropped(rows: readonly Row[], pageOf: (rows: readonly Row[]) => PageColumns): KeptColumns {
  let page = pageOf(rows)
  if (page.discards.length === 0) return { page, discards: page.discards }
  let places: readonly number[] = rows.map((_, r) => r)
  const discards: Discard[] = []
  for (;;) {
    const dropped = new Map<number, Discard>()
    for (const discard of page.discards) {
      if (discard.dropped === 'row' && !dropped.has(discard.row)) dropped.set(discard.row, discard)
    }
    const found = dropped.size > 0 ? dropped.values() : page.discards
    for (const discard of found) discards.push({ ...discard, row: places[discard.row] as number })
    if (dropped.size === 0) return { page, discards }
    places = places.filter((_, r) => !dropped.has(r))
    page = pageOf(places.map((r) => rows[r] as Row))
  }
}
