import { readParquet } from '@millrace/parquet'
import type { Checkpoint, TableRef } from '@millrace/pipeline'
import { lake } from 'millrace'
import { primaryKey } from './orders.ts'

/** The name of the table, and of the pipeline that fills it. */
export const tableName = 'orders'

/** Loads the rows of a Parquet file into a lake, as a run of Millrace that appended them would have: 100,000 a file. */
export async function makeLake(folder: string, path: string): Promise<void> {
  const table: TableRef = {
    stream: tableName,
    table: tableName,
    disposition: 'append',
    primaryKey: [primaryKey],
    mode: 'incremental',
    configuration: '',
  }
  const session = await lake(folder).open({ pipeline: 'history', run: 'first' })
  try {
    let checkpoint: Checkpoint = { position: {}, pages: 0, rows: 0 }
    for await (const batch of readParquet(path)) {
      const { pages, rows } = checkpoint
      checkpoint = { position: { page: pages + 1 }, pages: pages + 1, rows: rows + batch.numRows }
      await session.stage([{ table, batch }], checkpoint)
    }
    await session.commit({ tables: [{ table, checkpoint, replace: false, merge: false }] })
  } finally {
    await session.close()
  }
}
