import { decodeIpc } from '@millrace/arrow'
import type { RecordBatch } from 'apache-arrow'
import type { IpcBatch } from './ipc-batch.ts'
import type { EncodeOptions } from './parquet-encoder.ts'
import { parquetjsLite } from './parquetjs-lite.ts'

/** The Parquet file of batches that are bytes already, in pieces. The first one says what the columns are. */
export async function* litePieces(
  batches: AsyncIterable<IpcBatch>,
  options: EncodeOptions,
): AsyncGenerator<Uint8Array, undefined> {
  const decoded = decodeAll(batches)
  const first = await decoded.next()
  if (first.done) return
  yield* parquetjsLite().encode(first.value.schema, startingWith(first.value, decoded), options)
}

async function* decodeAll(batches: AsyncIterable<IpcBatch>): AsyncGenerator<RecordBatch, undefined> {
  for await (const { ipc } of batches) yield decodeIpc(ipc)
}

async function* startingWith(first: RecordBatch, others: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  yield first
  yield* others
}
