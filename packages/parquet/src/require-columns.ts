import { MillraceError, wholeNumber } from '@millrace/core'
import type { Schema } from 'apache-arrow'

/** Refuses what no Parquet file can be: a table without columns, or a row group of no rows. */
export function requireColumns(schema: Schema, rowGroupRows: number | undefined): void {
  if (rowGroupRows !== undefined) wholeNumber('rowGroupRows', rowGroupRows, 1)
  if (schema.fields.length > 0) return
  throw new MillraceError(
    'E_NO_COLUMNS',
    'a Parquet file needs at least one column: every row so far is empty or null, so no column has a type yet',
  )
}
