import { MessageChannel, Worker } from 'node:worker_threads'
import { errorMessage, MillraceError } from '@millrace/core'
import type { RecordBatch, Schema } from 'apache-arrow'
import { toIpcBatches } from '../ipc-batch.ts'
import type { EncodeOptions, ParquetEncoder } from '../parquet-encoder.ts'
import { checkForWasm } from '../parquet-wasm.ts'
import { checkForLite } from '../parquetjs-lite.ts'
import { EncodeJob } from './encode-job.ts'
import type { WorkerEncoderName, WorkerJob } from './worker-message.ts'

export interface WorkerEncoderOptions {
  /** Default `parquet-wasm`. */
  readonly encoder?: WorkerEncoderName
}

/** An encoder with a thread of its own. */
export interface WorkerEncoder extends ParquetEncoder {
  /** Starts the thread now, so that it need not be waited for when the first file begins. */
  start(): void
  /** Ends the thread, and files that are being encoded with `E_ENCODER_CLOSED`. Never fails. */
  close(): Promise<void>
}

const checks = { 'parquet-wasm': checkForWasm, 'parquetjs-lite': checkForLite } as const

/**
 * An encoder in a worker thread: the calling thread goes on making batches while they are encoded.
 *
 * The thread starts at the first file, encodes any number of them, also several at once, and ends with `close()`. One that
 * is idle does not keep the process alive. One that dies (out of memory, a fault in WebAssembly) fails the files it had
 * with `E_PARQUET`, and the next file gets a new one. WebAssembly memory is the thread's: it is given back by `close()`.
 *
 * Batches cross as Arrow IPC, copied once and handed over, so that the caller keeps its own; the pieces of the file are
 * handed over as they are.
 *
 * Memory: what the encoder takes, {@link batchesAhead} batches that wait for it, and one piece of the file ahead.
 *
 * @example
 * const encoder = createWorkerEncoder()
 * for (const day of days) await pipe(read(day), toArrow(), writeParquet(`${day}.parquet`, { encoder }))
 * await encoder.close()
 */
export function createWorkerEncoder(options: WorkerEncoderOptions = {}): WorkerEncoder {
  const { encoder = 'parquet-wasm' } = options
  const check = checks[encoder]
  const jobs = new Set<EncodeJob>()
  let worker: Worker | undefined
  let isClosed = false

  function failAll(thrown: MillraceError): void {
    for (const job of jobs) job.fail(thrown)
    jobs.clear()
  }

  function startWorker(): Worker {
    // Without the flags of the process: some, such as `--input-type`, are refused by a thread that is made of a file.
    const started = new Worker(new URL('./encoder-worker.js', import.meta.url), {
      name: 'millrace-parquet',
      execArgv: [],
      workerData: encoder satisfies WorkerEncoderName,
    })
    const died = (how: string, cause?: unknown): void => {
      if (worker !== started) return
      worker = undefined
      const message = `the worker thread that encodes ended before its files were whole: ${how}`
      failAll(new MillraceError('E_PARQUET', message, { cause }))
    }
    started.on('error', (thrown) => died(errorMessage(thrown), thrown))
    started.on('exit', (code) => died(`exit code ${code}`))
    // What keeps the process alive is the port of a file that is being encoded.
    started.unref()
    return started
  }

  function open(encodeOptions: EncodeOptions): EncodeJob {
    if (isClosed) throw closed()
    worker ??= startWorker()
    const { port1, port2 } = new MessageChannel()
    const job = new EncodeJob(port1)
    worker.postMessage({ encoder, options: encodeOptions, port: port2 } satisfies WorkerJob, [port2])
    jobs.add(job)
    return job
  }

  async function* encode(
    schema: Schema,
    batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
    options: EncodeOptions = {},
  ): AsyncGenerator<Uint8Array, undefined> {
    const encodeOptions = sendable(options)
    check(schema, encodeOptions)
    const job = open(encodeOptions)
    try {
      yield* job.pieces(toIpcBatches(schema, batches))
    } finally {
      jobs.delete(job)
    }
  }

  return Object.freeze({
    name: `${encoder} in a worker`,
    encode,
    start: () => {
      if (!isClosed) worker ??= startWorker()
    },
    close: async () => {
      isClosed = true
      const ending = worker
      worker = undefined
      failAll(closed())
      await ending?.terminate()
    },
  })
}

/** Only what an encoder knows: a sink has more options, and some cannot be sent. */
function sendable(options: EncodeOptions): EncodeOptions {
  const { compression, rowGroupRows, rowGroupBytes, pageBytes, dictionary, statistics, metadata } = options
  const known = { compression, rowGroupRows, rowGroupBytes, pageBytes, dictionary, statistics, metadata }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}

function closed(): MillraceError {
  return new MillraceError('E_ENCODER_CLOSED', 'this encoder is closed: make another, or close it after its last file')
}
