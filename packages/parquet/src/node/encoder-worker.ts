import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { errorMessage, isMillraceError } from '@millrace/core'
import type { IpcBatch } from '../ipc-batch.ts'
import { ownBuffer } from '../own-buffer.ts'
import type { FromWorker, SentError, ToWorker, WorkerJob } from './worker-message.ts'

/*
 * What runs in the worker thread of `createWorkerEncoder`. An encoder and its libraries are loaded at the first file that
 * wants them: apache-arrow alone takes longer than the thread and WebAssembly together, and only one of the two needs it.
 */

async function loadWasm(): Promise<typeof import('../wasm-pieces.ts')> {
  const [pieces] = await Promise.all([import('../wasm-pieces.ts'), import('parquet-wasm')])
  return pieces
}

async function* encode(
  { encoder, options }: WorkerJob,
  batches: AsyncIterable<IpcBatch>,
): AsyncGenerator<Uint8Array, undefined> {
  if (encoder === 'parquet-wasm') {
    const { wasmPieces } = await loadWasm()
    yield* wasmPieces(batches, options)
  } else {
    const { litePieces } = await import('../lite-pieces.ts')
    yield* litePieces(batches, options)
  }
}

/**
 * The batches of one file as they arrive. What is taken makes room for another, and goes back when it has been used: this
 * thread makes so little garbage of its own that it would collect 60 MB of batches before it looked for any.
 */
class Arriving implements AsyncIterable<IpcBatch> {
  readonly #taken: () => void
  readonly #used: (batch: IpcBatch) => void
  readonly #queue: IpcBatch[] = []
  #isOver = false
  #wake = (): void => {}

  constructor(taken: () => void, used: (batch: IpcBatch) => void) {
    this.#taken = taken
    this.#used = used
  }

  push(batch: IpcBatch): void {
    this.#queue.push(batch)
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<IpcBatch, undefined> {
    for (;;) {
      const batch = this.#queue.shift()
      if (batch) {
        this.#taken()
        yield batch
        this.#used(batch)
      } else if (this.#isOver) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }
}

function serve(job: WorkerJob): void {
  const { port } = job
  const batches = new Arriving(
    () => send(port, { type: 'taken' }),
    ({ ipc }) => port.postMessage({ type: 'used', ipc } satisfies FromWorker, [ipc.buffer]),
  )
  const pieces = encode(job, batches)

  async function answer(): Promise<void> {
    try {
      const { done, value } = await pieces.next()
      if (!done) return sendPiece(port, value)
      send(port, { type: 'done' })
    } catch (thrown) {
      send(port, { type: 'failed', error: toSent(thrown) })
    }
    port.close()
  }

  async function stop(): Promise<void> {
    batches.end()
    // It waits for a piece that is under way. What goes wrong now is nobody's concern.
    await pieces.return(undefined).catch(() => {})
    port.close()
  }

  port.on('message', (message: ToWorker) => {
    if (message.type === 'batch') batches.push(message.batch)
    else if (message.type === 'end') batches.end()
    else void (message.type === 'next' ? answer() : stop())
  })
}

function send(port: MessagePort, message: FromWorker): void {
  port.postMessage(message)
}

function sendPiece(port: MessagePort, bytes: Uint8Array): void {
  const piece = ownBuffer(bytes)
  port.postMessage({ type: 'piece', piece } satisfies FromWorker, [piece.buffer])
}

function toSent(thrown: unknown): SentError {
  const message = errorMessage(thrown)
  if (!isMillraceError(thrown)) {
    return { code: 'E_PARQUET', message, retryable: false, context: {}, cause: message }
  }
  const { code, retryable, context, cause } = thrown
  return { code, message, retryable, context, cause: cause === undefined ? undefined : errorMessage(cause) }
}

// What takes a tenth of a second to load is there when the first file comes. Where it cannot be had, that file says so.
if (workerData === 'parquet-wasm') loadWasm().catch(() => {})
parentPort?.on('message', serve)
