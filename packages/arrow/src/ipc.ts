import { errorMessage, MillraceError } from '@millrace/core'
import { type RecordBatch, RecordBatchReader, RecordBatchStreamWriter, type Schema } from 'apache-arrow'
import { emptyBatch } from './empty-batch.ts'
import { WrittenBytes } from './written-bytes.ts'

/**
 * One batch as an Arrow IPC stream of its own: schema, batch, end. The bytes have a buffer to themselves.
 *
 * @see Apache Arrow columnar format, "IPC Streaming Format"
 */
export function encodeIpc(batch: RecordBatch): Uint8Array<ArrayBuffer> {
  const written = new WrittenBytes()
  const writer = new OneBatchWriter()
  writer.reset(written, batch.schema)
  writer.write(batch)
  writer.finish()
  return written.take()
}

/** Schemas as their bytes. Most batches have the schema of the one before, and to write it takes as long as to write them. */
const schemaMessages = new WeakMap<Schema, Uint8Array>()

class OneBatchWriter extends RecordBatchStreamWriter {
  protected override _writeSchema(schema: Schema): this {
    const known = schemaMessages.get(schema)
    if (known) return this._write(known)
    super._writeSchema(schema)
    const message = (this._sink as WrittenBytes).take()
    schemaMessages.set(schema, message)
    return this._write(message)
  }
}

/**
 * The batch of an Arrow IPC stream that holds one; an empty batch where the stream holds only a schema.
 *
 * @throws {MillraceError} `E_IPC` for bytes that are no such stream, or a stream of several batches.
 */
export function decodeIpc(bytes: Uint8Array): RecordBatch {
  let batches: RecordBatch[]
  let reader: RecordBatchReader
  try {
    reader = RecordBatchReader.from(bytes).open()
    batches = [...reader]
  } catch (thrown) {
    throw new MillraceError('E_IPC', `these bytes are no Arrow IPC stream: ${errorMessage(thrown)}`, { cause: thrown })
  }
  const [batch, ...more] = batches
  if (more.length > 0) throw new MillraceError('E_IPC', `the Arrow IPC stream holds ${batches.length} batches, not one`)
  if (batch) return batch
  const { schema } = reader
  if (!schema) throw new MillraceError('E_IPC', 'the Arrow IPC stream holds no schema: the bytes are cut off')
  return emptyBatch(schema)
}

/**
 * The columns of an Arrow IPC stream, as they stand in its bytes: the same bytes are the same columns, and comparing them costs
 * a hundredth of reading them. The whole stream where it does not begin as one.
 *
 * @see Apache Arrow columnar format, "Encapsulated message format": a marker, a length, and so many bytes
 */
export function columnBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 8) return bytes
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true)
  return bytes.subarray(0, 8 + length)
}
