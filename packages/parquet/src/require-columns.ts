import { MillraceError } from '@millrace/core'
import type { Schema } from 'apache-arrow'

/** Refuses what no Parquet file can be: a table without columns. */
export function requireColumns(schema: Schema): void {
  if (schema.fields.length > 0) return
  throw new MillraceError(
    'E_NO_COLUMNS',
    'a Parquet file needs at least one column: every row so far is empty or null, so no column has a type yet',
  )
}
