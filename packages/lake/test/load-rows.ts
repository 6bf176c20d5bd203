import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { type TableRef, upsertRules } from '@millrace/pipeline'

export interface LoadOptions {
  readonly table?: string
  /** Merges by these columns. Default: appends. */
  readonly primaryKey?: readonly string[]
  readonly partitionBy?: readonly string[]
  readonly replace?: boolean
  readonly pipeline?: string
}

export function tableRef({ table = 'events', primaryKey = [], partitionBy }: LoadOptions = {}): TableRef {
  const disposition = primaryKey.length > 0 ? 'merge' : 'append'
  const layout = partitionBy && { partitionBy }
  return { stream: table, table, disposition, primaryKey, ...layout, mode: 'incremental', configuration: '' }
}

/** One run that loads some rows. Returns the version it made. */
export async function loadRows(
  folder: string,
  run: string,
  rows: readonly Row[],
  options: LoadOptions = {},
): Promise<number> {
  const table = tableRef(options)
  const session = await lake(folder).open({ pipeline: options.pipeline ?? 'p', run })
  try {
    const schema = await session.schema(table)
    const checkpoint = { position: { run }, pages: 1, rows: rows.length }
    const batch = createConverter(schema ? { schema } : {}).convert(rows)
    await session.stage([{ table, batch }], checkpoint)
    const merge = table.disposition === 'merge'
    const { tables } = await session.commit({
      tables: [
        {
          table,
          checkpoint,
          replace: options.replace ?? false,
          merge: merge && { ...upsertRules, isWhole: false, at: 0 },
        },
      ],
    })
    return tables[0]?.version ?? -1
  } finally {
    await session.close()
  }
}

/** The rows of a table, in order of their text. */
export async function rowsOf(folder: string, table = 'events', version?: number): Promise<readonly string[]> {
  const rows: string[] = []
  const opened = await openLake(folder).table(table, version === undefined ? {} : { version })
  for await (const row of opened.rows()) rows.push(JSON.stringify(row))
  return rows.sort()
}
