import { conformBatch, encodeIpc } from '@millrace/arrow'
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow'

/** A batch as bytes: what WebAssembly and other threads take. */
export interface IpcBatch {
  /** An Arrow IPC stream of its own, in a buffer of its own. */
  readonly ipc: Uint8Array<ArrayBuffer>
  readonly rows: number
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
    isFirst = false
    yield toIpcBatch(batch, schema)
  }
  if (isFirst) yield toIpcBatch(noRows, schema)
}

function toIpcBatch(batch: RecordBatch, schema: Schema): IpcBatch {
  const ipc = encodeIpc(conformBatch(batch, schema))
  return { ipc: ownBuffer(ipc), rows: batch.numRows }
}

/** The bytes in a buffer that holds nothing else, so that it can be given away: copied where they share one. */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
  return isOwn ? new Uint8Array(buffer) : Uint8Array.from(bytes)
}
