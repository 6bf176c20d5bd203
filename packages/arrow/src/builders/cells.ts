import type { Data, DataType } from 'apache-arrow'
import { ownValue } from '../own-value.ts'

/**
 * The values of one column where they lie: under a key of each row, or the rows themselves where there is no key (the
 * elements of a list, values that were made for the column).
 *
 * A row without the key, or that is null itself, has a null there. The key must not be one that every object inherits:
 * see {@link cellsOf}.
 */
export interface Cells {
  readonly rows: readonly unknown[]
  readonly key: string | undefined
}

/** One column of cells, or undefined where one of its values does not fit: how structs and lists build what is in them. */
export type Build = (type: DataType, cells: Cells) => Data | undefined

/** One value. Small enough that the loops which call it have it inlined. */
export function cellAt(rows: readonly unknown[], key: string | undefined, r: number): unknown {
  const row = rows[r]
  if (key === undefined) return row
  return row === null || row === undefined ? undefined : (row as Readonly<Record<string, unknown>>)[key]
}

/**
 * The column of a key. A row without an own `constructor` or `__proto__` must not read as having what every object
 * inherits, so the values of such a key are collected first.
 */
export function cellsOf(rows: readonly unknown[], key: string): Cells {
  if (!(key in Object.prototype)) return { rows, key }
  const own = rows.map((row) =>
    typeof row === 'object' && row !== null ? ownValue(row as Readonly<Record<string, unknown>>, key) : undefined,
  )
  return { rows: own, key: undefined }
}

/** All values of a column as a list of its own. */
export function valuesOf({ rows, key }: Cells): unknown[] {
  const values = new Array<unknown>(rows.length)
  for (let r = 0; r < rows.length; r++) values[r] = cellAt(rows, key, r)
  return values
}
