import { idColumn, rootIdColumn } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import type { RecordBatch } from 'apache-arrow'
import type { TableRef } from './destination.ts'

/**
 * Every row must have the ids that nested rows are merged by, or these would be taken for rows of none. A table that was there
 * before can keep them out, by its schema contract or by a column of another type.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT`
 */
export function checkIds(batch: RecordBatch, { table, root }: TableRef): void {
  if (batch.numRows === 0) return
  for (const column of root ? [idColumn, rootIdColumn] : [idColumn]) {
    if (batch.getChild(column)?.nullCount === 0) continue
    throw new MillraceError(
      'E_SCHEMA_CONFLICT',
      `column "${column}" of table "${table}" takes no ids, and rows with tables of nested rows are merged by them: let the columns of the table evolve, load into a new table, or choose nested "native" or "json"`,
      { context: { table, column } },
    )
  }
}
