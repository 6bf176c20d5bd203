import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web'
import { MillraceError } from '@millrace/core'
import type { WriterProperties } from 'parquet-wasm'
import { attempt } from './attempt.ts'
import type { IpcBatch } from './ipc-batch.ts'
import {
  defaultDictionary,
  defaultPageBytes,
  defaultRowGroupBytes,
  defaultRowGroupRows,
  defaultStatistics,
  type EncodeOptions,
} from './parquet-encoder.ts'
import { readFooter } from './read-footer.ts'

type Wasm = typeof import('parquet-wasm')

const failed = 'parquet-wasm could not encode the batches'

const codecs = { zstd: 'ZSTD', snappy: 'SNAPPY', gzip: 'GZIP', none: 'UNCOMPRESSED' } as const

const statisticsLevels = { page: 'Page', rowGroup: 'Chunk', none: 'None' } as const

/**
 * The Parquet file of batches that are bytes already, in pieces.
 *
 * Without apache-arrow: a worker thread that encodes would wait longer for it than for all else.
 */
export async function* wasmPieces(
  batches: AsyncIterable<IpcBatch>,
  options: EncodeOptions,
): AsyncGenerator<Uint8Array, undefined> {
  // Loaded at the first use: 5 MB that nobody should pay for who writes with another encoder.
  const wasm = await import('parquet-wasm')
  const iterator = batches[Symbol.asyncIterator]()
  const first = await iterator.next()
  const input = new WasmInput(wasm, first, iterator)
  try {
    yield* checkedPieces(wasm, input, propertiesOf(wasm, first.value?.encodings, options))
  } finally {
    await input.stop()
  }
}

function propertiesOf(wasm: Wasm, encodings: IpcBatch['encodings'], options: EncodeOptions): WriterProperties {
  const {
    compression = 'zstd',
    dictionary = defaultDictionary,
    statistics = defaultStatistics,
    metadata = {},
  } = options
  let builder = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression[codecs[compression]])
    .setMaxRowGroupSize(options.rowGroupRows ?? defaultRowGroupRows)
    .setMaxRowGroupBytes(options.rowGroupBytes ?? defaultRowGroupBytes)
    .setDataPageSizeLimit(options.pageBytes ?? defaultPageBytes)
    .setDictionaryEnabled(dictionary !== false)
    .setStatisticsEnabled(wasm.EnabledStatistics[statisticsLevels[statistics]])
    .setKeyValueMetadata(new Map(Object.entries(metadata)))
  if (dictionary === 'auto') {
    for (const [column, encoding] of encodings ?? []) {
      builder = builder.setColumnDictionaryEnabled(column, encoding === 'dictionary')
      if (encoding === 'delta') builder = builder.setColumnEncoding(column, wasm.Encoding.DELTA_BINARY_PACKED)
    }
  }
  return builder.build()
}

async function* checkedPieces(
  wasm: Wasm,
  input: WasmInput,
  properties: WriterProperties,
): AsyncGenerator<Uint8Array, undefined> {
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
class WasmInput {
  readonly stream: ReadableStream
  rows = 0
  readonly #wasm: Wasm
  #first: IteratorResult<IpcBatch> | undefined
  readonly #iterator: AsyncIterator<IpcBatch>
  #failure: { readonly thrown: unknown } | undefined
  #ended = false

  constructor(wasm: Wasm, first: IteratorResult<IpcBatch>, iterator: AsyncIterator<IpcBatch>) {
    this.#wasm = wasm
    this.#first = first
    this.#iterator = iterator
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
      if (!this.#ended) for (const batch of await this.#next()) controller.enqueue(batch)
    } catch (thrown) {
      this.#failure = { thrown }
      await this.stop().catch(() => {})
    }
    if (this.#ended) controller.close()
  }

  async #next(): Promise<readonly unknown[]> {
    let next: IteratorResult<IpcBatch>
    try {
      next = this.#first ?? (await this.#iterator.next())
      this.#first = undefined
    } catch (thrown) {
      this.#ended = true
      throw thrown
    }
    if (next.done) {
      this.#ended = true
      return []
    }
    const { ipc, rows } = next.value
    const table = await attempt(failed, () => this.#wasm.Table.fromIPCStream(ipc))
    this.rows += rows
    const batches = table.recordBatches()
    table.free()
    return batches
  }
}

/** The library ends a file early and without an error where a batch cannot be encoded: so the rows are counted. */
function requireRows(tail: Uint8Array, rows: number): void {
  const { rows: written } = readFooter(tail)
  if (written === rows) return
  throw new MillraceError('E_PARQUET', `parquet-wasm encoded ${written} of ${rows} rows: a batch could not be encoded`)
}
