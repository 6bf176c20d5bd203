import { errorMessage, MillraceError, type Operator } from '@millrace/core'
import { type RecordBatch, RecordBatchFileWriter, RecordBatchStreamWriter, type Schema } from 'apache-arrow'
import { conformBatch } from './conform-batch.ts'
import { type OneSchemaOptions, withOneSchema } from './with-one-schema.ts'
import { WrittenBytes } from './written-bytes.ts'

export interface IpcOptions extends OneSchemaOptions {
  /**
   * `file` has an index at its end, and is read at any place (`.arrow`, Feather 2); `stream` is read from front to back
   * while it is still being written (`.arrows`). Default `file`.
   */
  readonly format?: 'file' | 'stream'
}

/**
 * Turns record batches into the bytes of one Arrow IPC file or stream.
 *
 * Shape:  AsyncIterable<RecordBatch> → AsyncIterable<Uint8Array>, a piece per batch, and one each for beginning and end.
 * Order:  kept. Batches may lack columns, which are null then, but not add any after the first `schemaRows` rows.
 * Memory: the batches of the first `schemaRows` rows, then one batch.
 * Pulls:  lazy; the first `schemaRows` rows at once, then one batch a piece. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and there is no `schema`; `E_SCHEMA_CHANGED` for a column
 *   that comes later; `E_SCHEMA_MISMATCH` for one that changes its type; `E_IPC` for what the format cannot hold.
 * @see Apache Arrow columnar format, "Serialization and Interprocess Communication (IPC)"
 */
export function toIpc(options: IpcOptions = {}): Operator<RecordBatch, Uint8Array> {
  const { format = 'file' } = options
  return (source) => withOneSchema(source, options, (schema, batches) => write(format, schema, batches))
}

async function* write(
  format: 'file' | 'stream',
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Uint8Array, undefined> {
  const writer = format === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter()
  const written = new WrittenBytes()
  writer.reset(written, schema)
  yield written.take()
  for await (const batch of batches) {
    // One schema object for all: the writer ends the file in silence at a batch that has another.
    const conformed = conformBatch(batch, schema)
    attempt(() => writer.write(conformed))
    yield written.take()
  }
  writer.finish()
  yield written.take()
}

function attempt(run: () => void): void {
  try {
    run()
  } catch (thrown) {
    const message = `the batch cannot be written as Arrow IPC: ${errorMessage(thrown)}; where dictionaries change, use format: 'stream'`
    throw new MillraceError('E_IPC', message, { cause: thrown })
  }
}
