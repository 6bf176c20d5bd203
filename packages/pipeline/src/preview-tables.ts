import type { Row } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { createPageConverter } from './convert-page.ts'
import type { Stream } from './source.ts'
import { tableOf } from './table-of.ts'

export interface TablePreview {
  readonly table: string
  readonly schema: Schema
}

/** The tables that a stream would make of these rows where there are none yet, its own first. Touches no destination. */
export async function previewTables(stream: Stream, rows: readonly Row[]): Promise<readonly TablePreview[]> {
  const converter = await createPageConverter({
    session: { schema: async () => undefined },
    table: tableOf(stream, 'full-refresh'),
    hints: stream.schema,
    claim: () => {},
    isFirstRun: () => false,
    emit: () => {},
  })
  const parts = await converter.convert(rows)
  return parts.map(({ table, batch }) => ({ table: table.table, schema: batch.schema }))
}
