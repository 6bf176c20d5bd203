import { MillraceError } from '@millrace/core'
import type { SchemaMode } from './contract.ts'
import type { PageColumns } from './page-columns.ts'

/** Holds the rows of a table that does not exist to a contract that wants no new one. */
export function refuseTable(page: PageColumns, mode: SchemaMode): void {
  if (page.rows.length === 0) return
  if (mode === 'freeze') {
    throw new MillraceError(
      'E_SCHEMA_FROZEN',
      'there is no such table yet, and the contract freezes tables: load it once with a schema that may evolve, or declare its columns',
    )
  }
  for (let row = 0; row < page.rows.length; row++) page.discards.push({ dropped: 'row', reason: 'table', row })
}
