import { readFile } from 'node:fs/promises'
import { decodeIpc } from '@millrace/arrow'
import type { RecordBatch } from 'apache-arrow'
import { attempt } from '../attempt.ts'
import { readFooter } from '../read-footer.ts'

/** Rows per batch read: large enough that what a batch costs beside its rows does not show. */
export const readBatchRows = 65_536

/**
 * The record batches of a Parquet file, at a path or in memory.
 *
 * Shape:  AsyncIterable<RecordBatch>, at most {@link readBatchRows} rows each, columns as in the file.
 * Order:  that of the file.
 * Memory: the compressed file, twice, and one row group. parquet-wasm can read a file in parts, but ends the process
 *         where a part is damaged; what reads it whole reports an error.
 * Pulls:  lazy; one row group at a time.
 *
 * @throws {MillraceError} `E_PARQUET` for a file that is missing, damaged, or not Parquet.
 * @example
 * for await (const batch of readParquet('events.parquet')) console.log(batch.numRows) // => 1000
 */
export async function* readParquet(source: string | Uint8Array): AsyncGenerator<RecordBatch> {
  const failed = `cannot read ${typeof source === 'string' ? source : 'the bytes'} as Parquet`
  const wasm = await import('parquet-wasm')
  const bytes = await attempt(failed, () => (typeof source === 'string' ? readFile(source) : source))
  const { rowGroups } = await attempt(failed, () => readFooter(bytes))
  for (let group = 0; group < rowGroups; group++) {
    const table = await attempt(failed, () => wasm.readParquet(bytes, { rowGroups: [group], batchSize: readBatchRows }))
    const batches = table.recordBatches()
    table.free()
    try {
      while (batches.length > 0) yield decodeIpc((batches.shift() as (typeof batches)[number]).intoIPCStream())
    } finally {
      for (const batch of batches) batch.free()
    }
  }
}
