import type { CursorValue } from './compare-cursor-values.ts'
import { type DroppedRows, type KnownRow, nothingDropped } from './watermark.ts'

/**
 * Rows that the next run will get again and that are remembered so that it leaves them out. They are stored with every
 * checkpoint: a thousand are about 20 kB, with a lag 50 kB.
 */
export const mostTies = 1_000

/** What one page says about the cursor: small, and added to the watermark when the page is delivered. */
export interface Seen {
  /** The furthest value of all rows received. */
  readonly reached: CursorValue | undefined
  /** The furthest value of the rows that belong to this read. */
  readonly last: CursorValue | undefined
  /** Rows that may come again in the next run, at most {@link mostTies}. */
  readonly known: readonly KnownRow[]
  /** There were more of them. */
  readonly hasMoreKnown: boolean
  readonly dropped: DroppedRows
}

export const nothingSeen: Seen = Object.freeze({
  reached: undefined,
  last: undefined,
  known: [],
  hasMoreKnown: false,
  dropped: nothingDropped,
})

export interface MostKnown {
  readonly known: readonly KnownRow[]
  readonly hasMoreKnown: boolean
}

/**
 * The rows that are furthest on, each once; of equal ones the first to arrive. What is cut off page by page and what is
 * cut off at the end are therefore the same.
 */
export function mostKnown(
  rows: readonly KnownRow[],
  most: number,
  compare: (one: CursorValue, other: CursorValue) => number,
): MostKnown {
  const unique = new Map<string, KnownRow>()
  for (const row of rows) {
    const key = `${row.digest}${row.value}`
    if (!unique.has(key)) unique.set(key, row)
  }
  const known = [...unique.values()]
  if (known.length <= most) return { known, hasMoreKnown: false }
  // The sort is stable.
  known.sort((one, other) => compare(other.value, one.value))
  return { known: known.slice(0, most), hasMoreKnown: true }
}
