import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web'
import { conformBatch, encodeIpc } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import { DataType, makeData, RecordBatch, Schema, Struct } from 'apache-arrow'
import type { WriterProperties } from 'parquet-wasm'
import { attempt } from './attempt.ts'
import { defaultRowGroupRows, type EncodeOptions, type ParquetEncoder } from './parquet-encoder.ts'
import { readFooter } from './read-footer.ts'
import { requireColumns } from './require-columns.ts'

/** Most bytes of encoded data in a row group, so that wide rows do not make large ones: 64 MiB take about 200 MB to encode. */
export const maxRowGroupBytes = 67_108_864

type Wasm = typeof import('parquet-wasm')

const failed = 'parquet-wasm could not encode the batches'

const noRows = new RecordBatch(new Schema([]), makeData({ type: new Struct([]), length: 0, nullCount: 0 }))

const codecs = { zstd: 'ZSTD', snappy: 'SNAPPY', gzip: 'GZIP', none: 'UNCOMPRESSED' } as const

/**
 * The default encoder: columnar, in WebAssembly, all types, zstd.
 *
 * Memory: one row group of encoded columns and about three batches. WebAssembly memory grows to the largest row group
 * written so far and is not given back before the process ends.
 */
export function parquetWasm(): ParquetEncoder {
  return Object.freeze({ name: 'parquet-wasm', encode })
}

async function* encode(
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  options: EncodeOptions = {},
): AsyncGenerator<Uint8Array> {
  const { compression = 'zstd', rowGroupRows = defaultRowGroupRows, metadata = {} } = options
  requireColumns(schema, rowGroupRows)
  for (const field of schema.fields) refuseEmptyStructs(field.name, field.type)

  // Loaded at the first use: 5 MB that nobody should pay for who writes with another encoder.
  const wasm = await import('parquet-wasm')
  const properties = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression[codecs[compression]])
    .setMaxRowGroupSize(rowGroupRows)
    .setMaxRowGroupBytes(maxRowGroupBytes)
    .setKeyValueMetadata(new Map(Object.entries(metadata)))
    .build()

  const input = new EncoderInput(wasm, schema, batches)
  try {
    yield* checkedPieces(wasm, input, properties)
  } finally {
    await input.stop()
  }
}

async function* checkedPieces(
  wasm: Wasm,
  input: EncoderInput,
  properties: WriterProperties,
): AsyncGenerator<Uint8Array> {
  const output = await input.unlessFailed(() => wasm.transformParquetStream(input.stream, properties))
  const reader = output.getReader()
  try {
    // One piece is held back: the last one has the footer, and must be checked before anybody takes it for a file.
    let held: Uint8Array = new Uint8Array()
    for (;;) {
      const { done, value } = await input.unlessFailed(() => reader.read())
      if (done) break
      if (held.length > 0) yield held
      held = value
    }
    requireRows(held, input.rows)
    yield held
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/**
 * The batches as the stream that parquet-wasm reads from.
 *
 * An error must not travel through WebAssembly: there it ends the file as if it were complete. So the stream just ends,
 * and {@link unlessFailed} has the error.
 */
class EncoderInput {
  readonly stream: ReadableStream
  rows = 0
  readonly #wasm: Wasm
  readonly #schema: Schema
  readonly #iterator: Iterator<RecordBatch> | AsyncIterator<RecordBatch>
  #failure: { readonly thrown: unknown } | undefined
  #started = false
  #ended = false

  constructor(wasm: Wasm, schema: Schema, batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>) {
    this.#wasm = wasm
    this.#schema = schema
    this.#iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]()
    this.stream = new ReadableStream({ pull: (controller) => this.#pull(controller) }, { highWaterMark: 0 })
  }

  /** What the encoder answers, unless the source failed meanwhile: then that is the error, and the answer its echo. */
  async unlessFailed<T>(ask: () => Promise<T>): Promise<T> {
    const answer = await attempt(failed, ask).catch((echo: unknown) => {
      throw this.#failure ? this.#failure.thrown : echo
    })
    if (this.#failure) throw this.#failure.thrown
    return answer
  }

  /** Lets go of the source. What is read of the stream afterwards is its end. */
  async stop(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#iterator.return?.()
  }

  async #pull(controller: ReadableStreamDefaultController): Promise<void> {
    try {
      if (!this.#ended) for (const batch of await this.#toWasm(await this.#next())) controller.enqueue(batch)
    } catch (thrown) {
      this.#failure = { thrown }
      await this.stop().catch(() => {})
    }
    if (this.#ended) controller.close()
  }

  /** The next batch. A stream must have one, since it is what carries the schema: an empty one where there is none. */
  async #next(): Promise<RecordBatch | undefined> {
    let next: IteratorResult<RecordBatch>
    try {
      next = await this.#iterator.next()
    } catch (thrown) {
      this.#ended = true
      throw thrown
    }
    if (next.done) this.#ended = true
    else return next.value
    return this.#started ? undefined : noRows
  }

  async #toWasm(batch: RecordBatch | undefined): Promise<readonly unknown[]> {
    if (!batch) return []
    const conformed = conformBatch(batch, this.#schema)
    const table = await attempt(failed, () => this.#wasm.Table.fromIPCStream(encodeIpc(conformed)))
    this.#started = true
    this.rows += batch.numRows
    const inWasm = table.recordBatches()
    table.free()
    return inWasm
  }
}

/** The library ends a file early and without an error where a batch cannot be encoded: so the rows are counted. */
function requireRows(tail: Uint8Array, rows: number): void {
  const { rows: written } = readFooter(tail)
  if (written === rows) return
  throw new MillraceError('E_PARQUET', `parquet-wasm encoded ${written} of ${rows} rows: a batch could not be encoded`)
}

function refuseEmptyStructs(column: string, type: DataType): void {
  if (DataType.isStruct(type) && type.children.length === 0) {
    throw new MillraceError(
      'E_UNSUPPORTED_TYPE',
      `column "${column}" holds a struct without fields, which Parquet cannot`,
      {
        context: { column },
      },
    )
  }
  for (const child of type.children ?? []) refuseEmptyStructs(column, child.type)
}
