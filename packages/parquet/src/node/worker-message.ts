import type { MessagePort } from 'node:worker_threads'
import type { ErrorContext } from '@millrace/core'
import type { IpcBatch } from '../ipc-batch.ts'
import type { EncodeOptions } from '../parquet-encoder.ts'

/** The encoders that a worker thread can run: functions cannot be sent to it, names can. */
export type WorkerEncoderName = 'parquet-wasm' | 'parquetjs-lite'

/** One file to encode. All about it goes through a port of its own, so that files do not meet. */
export interface WorkerJob {
  readonly encoder: WorkerEncoderName
  readonly options: EncodeOptions
  readonly port: MessagePort
}

/** From the caller: batches as far as there is room, and one `next` for each piece. Stopped is what is not answered. */
export type ToWorker =
  | { readonly type: 'batch'; readonly batch: IpcBatch }
  | { readonly type: 'end' }
  | { readonly type: 'next' }
  | { readonly type: 'stop' }

/** From the worker: room for one more batch, and one answer for each `next`. */
export type FromWorker =
  | { readonly type: 'taken' }
  | { readonly type: 'piece'; readonly piece: Uint8Array }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: SentError }

/** What of an error crosses a thread. */
export interface SentError {
  readonly code: `E_${string}`
  readonly message: string
  readonly retryable: boolean
  readonly context: ErrorContext
  /** Where it came from, as text: what a library throws may be anything. */
  readonly cause: string | undefined
}
