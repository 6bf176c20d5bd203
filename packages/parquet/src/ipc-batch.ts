import { conformBatch, encodeIpc } from '@millrace/arrow'
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow'
import { type ColumnEncoding, columnEncodings } from './column-encodings.ts'

/** A batch as bytes: what WebAssembly and other threads take. */
export interface IpcBatch {
  /** An Arrow IPC stream of its own, in a buffer of its own. */
  readonly ipc: Uint8Array<ArrayBuffer>
  readonly rows: number
  /** The first of a file says how its columns are best written. */
  readonly encodings?: ReadonlyMap<string, ColumnEncoding>
}

const noRows = new RecordBatch(new Schema([]), makeData({ type: new Struct([]), length: 0, nullCount: 0 }))

/**
 * The batches as bytes, each with the columns of `schema`. Always at least one, of no rows where there are none: it is what
 * carries the schema.
 *
 * @throws {MillraceError} `E_SCHEMA_MISMATCH`
 */
export async function* toIpcBatches(
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
): AsyncGenerator<IpcBatch, undefined> {
  let isFirst = true
  for await (const batch of batches) {
    yield toIpcBatch(conformBatch(batch, schema), isFirst)
    isFirst = false
  }
  if (isFirst) yield toIpcBatch(conformBatch(noRows, schema), isFirst)
}

function toIpcBatch(batch: RecordBatch, isFirst: boolean): IpcBatch {
  return { ipc: encodeIpc(batch), rows: batch.numRows, ...(isFirst && { encodings: columnEncodings(batch) }) }
}
