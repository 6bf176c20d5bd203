import type { JsonObject, Row } from '@millrace/core'
import { rowSignature } from './page-signature.ts'
import type { PageRequest } from './paginator.ts'

/** What a request remembers of the page before. */
export interface RowOverlap {
  /** Rows of that page that are asked for again. */
  readonly again: number
  /** Signatures of its last rows. */
  readonly known: readonly string[]
}

/**
 * The last rows of a page, to be known again in the next one.
 *
 * Fewer than half of a page are asked for again: otherwise a page after a few new rows could be the page before it, and
 * nobody could tell it from an API that ignores the offset. More of a short page are known, but not asked for.
 */
export function lastRows(rows: readonly Row[], overlap: number): RowOverlap {
  return {
    again: Math.min(overlap, Math.max(0, Math.floor((rows.length - 1) / 2))),
    known: rows.slice(-overlap).map(rowSignature),
  }
}

/** For the memo of a request. `overlapOf` reads it. */
export function memoOf({ again, known }: RowOverlap): JsonObject {
  return { again, known }
}

/** What a request remembers of the page before; undefined where it overlaps none. */
export function overlapOf({ memo }: PageRequest): RowOverlap | undefined {
  return Array.isArray(memo?.['known']) ? (memo as unknown as RowOverlap) : undefined
}

/**
 * How many of the first rows were in the page before, as far as the first known row tells: from there on both pages are
 * without a gap. 0 where none is known. Undefined where there are no rows, and none had to come again.
 */
export function countRepeated(rows: readonly Row[], { again, known }: RowOverlap): number | undefined {
  for (const [index, row] of rows.entries()) {
    const place = known.indexOf(rowSignature(row))
    if (place >= 0) return Math.min(rows.length, index + known.length - place)
  }
  return rows.length === 0 && again === 0 ? undefined : 0
}
