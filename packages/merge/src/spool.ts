import { join } from 'node:path'
import { conformBatch, growSchema } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import { parquetWasm, writeParquetFile } from '@millrace/parquet'
import type { RecordBatch, Schema } from 'apache-arrow'

/** Rows held in memory before they go to a file. */
export const spoolRows = 100_000

/** Batches on disk, in the order they came. */
export interface Spooled {
  readonly paths: readonly string[]
  /** All columns that any batch had. Undefined where no batch had a row. */
  readonly schema: Schema | undefined
}

/**
 * Writes a source into Parquet files of a folder.
 *
 * @throws {MillraceError} `E_KEY_MISSING` with the row's number in the source, from 0.
 */
export async function spool(
  source: AsyncIterable<RecordBatch>,
  folder: string,
  primaryKey: readonly string[],
): Promise<Spooled> {
  const encoder = parquetWasm()
  const paths: string[] = []
  let schema: Schema | undefined
  let open: RecordBatch[] = []
  let openRows = 0
  let seen = 0

  const flush = async (): Promise<void> => {
    if (!schema || openRows === 0) return
    const columns = schema
    const path = join(folder, `${paths.length}.parquet`)
    await writeParquetFile(
      path,
      columns,
      open.map((batch) => conformBatch(batch, columns)),
      // Nobody makes the next batches meanwhile, so a thread of its own would gain nothing.
      { encoder },
    )
    paths.push(path)
    open = []
    openRows = 0
  }

  for await (const batch of source) {
    if (batch.numRows === 0) continue
    checkKey(batch, primaryKey, seen)
    schema = growSchema(schema, batch.schema)
    open.push(batch)
    openRows += batch.numRows
    seen += batch.numRows
    if (openRows >= spoolRows) await flush()
  }
  await flush()
  return { paths, schema }
}

function checkKey(batch: RecordBatch, primaryKey: readonly string[], rowsBefore: number): void {
  for (const name of primaryKey) {
    const column = batch.getChild(name)
    if (column && column.nullCount === 0) continue
    let index = 0
    while (column?.isValid(index)) index++
    const row = rowsBefore + index
    throw new MillraceError(
      'E_KEY_MISSING',
      `row ${row} has ${column ? 'null' : 'nothing'} in its primary key "${name}"; a merge needs the whole key in every row`,
      { context: { row, column: name } },
    )
  }
}
