import type { Row } from '@millrace/core'
import { MillraceError } from '@millrace/core'
import { isPlainObject } from './kind.ts'

/**
 * The keys of all rows, in order of first appearance.
 *
 * @throws {MillraceError} `E_ROW` for a row that is no plain object, `E_COLUMN_NAME` for a key that cannot name a column.
 */
export function columnNames(rows: readonly Row[]): readonly string[] {
  const names = new Set<string>()
  let before: readonly string[] = []
  for (let r = 0; r < rows.length; r++) {
    const row: unknown = rows[r]
    if (!isPlainObject(row)) {
      const found = row === null ? 'null' : Array.isArray(row) ? 'an array' : `of type ${typeof row}`
      throw new MillraceError('E_ROW', `row ${r} is ${found}: a row must be a plain object with one value per column`, {
        context: { row: r },
      })
    }
    // Rows of an API mostly have the same keys, and comparing them is cheaper than looking each up.
    if (hasKeys(row, before)) continue
    before = Object.keys(row)
    for (const key of before) {
      if (names.has(key)) continue
      if (!isColumnName(key)) {
        throw new MillraceError(
          'E_COLUMN_NAME',
          `row ${r} has the key ${JSON.stringify(key)}, which cannot name a column (it is empty, or holds half of a surrogate pair, which UTF-8 cannot write): rename it`,
          { context: { row: r } },
        )
      }
      names.add(key)
    }
  }
  return [...names]
}

/** True where these are the keys of a row, in this order. Without a list of them: a row of its own would need one. */
function hasKeys(row: Row, keys: readonly string[]): boolean {
  let at = 0
  for (const key in row) {
    if (key !== keys[at]) return false
    at += 1
  }
  return at === keys.length
}

/** Arrow's JavaScript drops an empty name when it writes a schema, and UTF-8 cannot write half a surrogate pair. */
export function isColumnName(name: string): boolean {
  return name !== '' && name.isWellFormed()
}
