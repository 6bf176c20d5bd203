import { MillraceError, type Row } from '@millrace/core'
import type { RecordBatch } from 'apache-arrow'
import type { TableRef } from './destination.ts'

/**
 * Every row must have its whole key, or a merge would drop or duplicate it in silence.
 *
 * Looks at the columns, not the rows: a value of another type than its column went to a variant column, and left a null
 * in the key.
 *
 * @param rows Those of the page.
 * @param placeOf Place in the page of a row of the batch. Asked only where there is something to say.
 * @throws {MillraceError} `E_KEY_MISSING` with the row's place in its page.
 */
export function checkKey(
  batch: RecordBatch,
  rows: readonly Row[],
  { primaryKey, merge }: Pick<TableRef, 'primaryKey' | 'merge'>,
  placeOf: (index: number) => number,
): void {
  if (batch.numRows === 0) return
  const { mergeKey = [] } = merge ?? {}
  for (const [key, name] of [...primaryKey.map(named('primary key')), ...mergeKey.map(named('merge key'))]) {
    const column = batch.getChild(name)
    if (column && column.nullCount === 0) continue
    let index = 0
    while (column?.isValid(index)) index++
    const place = placeOf(index)
    const value = rows[place]?.[name]
    const found =
      value === undefined || value === null
        ? `has ${value === null ? 'null' : 'nothing'} in its ${key} "${name}"`
        : `has ${typeof value === 'string' ? JSON.stringify(value) : String(value)} (${typeof value}) in its ${key} "${name}", a column of type ${column?.type}`
    throw new MillraceError(
      'E_KEY_MISSING',
      `row ${place} (counted from 0) of the page ${found}; keep such rows out with a selector, choose another key, or load with disposition "append"`,
      { context: { row: place, column: name } },
    )
  }
}

const named = (key: string) => (column: string) => [key, column] as const
