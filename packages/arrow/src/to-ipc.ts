import { errorMessage, MillraceError, type Operator } from '@millrace/core'
import {
  AsyncByteQueue,
  type RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  type Schema,
} from 'apache-arrow'
import { conformBatch } from './conform-batch.ts'
import { withOneSchema } from './with-one-schema.ts'

/** Rows held back until the columns are settled: enough pages to have met the columns, few enough to hold. */
export const defaultSchemaRows = 65_536

export interface IpcOptions {
  /**
   * `file` has an index at its end, and is read at any place (`.arrow`, Feather 2); `stream` is read from front to back
   * while it is still being written (`.arrows`). Default `file`.
   */
  readonly format?: 'file' | 'stream'
  /** The columns. Default: those of the batches that make up the first `schemaRows` rows. */
  readonly schema?: Schema
  /** Rows held back until the columns are settled. Default {@link defaultSchemaRows}; 1 for a stream that is to flow at once. */
  readonly schemaRows?: number
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
  const { format = 'file', schema, schemaRows = defaultSchemaRows } = options
  return (source) =>
    withOneSchema(source, { schema, rows: schemaRows, rowsOption: 'schemaRows' }, (settled, batches) =>
      write(format, settled, batches),
    )
}

async function* write(
  format: 'file' | 'stream',
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Uint8Array, undefined> {
  const writer = format === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter()
  const written = new Written()
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

/** What the writer has written and nobody has taken. Its own queue could only be read by waiting for the end. */
class Written extends AsyncByteQueue {
  readonly #pieces: Uint8Array[] = []

  override write(piece: Uint8Array): void {
    this.#pieces.push(piece)
  }

  /** Copied: what was written are the columns of batches, which their owner may change. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#pieces.reduce((length, piece) => length + piece.length, 0))
    let at = 0
    for (const piece of this.#pieces.splice(0)) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }
}

function attempt(run: () => void): void {
  try {
    run()
  } catch (thrown) {
    const message = `the batch cannot be written as Arrow IPC: ${errorMessage(thrown)}; where dictionaries change, use format: 'stream'`
    throw new MillraceError('E_IPC', message, { cause: thrown })
  }
}
