import type { MessagePort } from 'node:worker_threads'
import { MillraceError } from '@millrace/core'
import type { IpcBatch } from '../ipc-batch.ts'
import type { FromWorker, SentError, ToWorker } from './worker-message.ts'

/**
 * Batches that wait in the worker while it encodes another: enough that neither waits for the other where a batch takes
 * longer than most, as the last of a row group does.
 */
export const batchesAhead = 4

/**
 * The caller's end of one file that a worker encodes.
 *
 * Two things go on at once: batches are fetched from the source as far as the worker has room, and the next piece is made
 * while the consumer still has the one before. Nothing else is ever under way.
 */
export class EncodeJob {
  readonly #port: MessagePort
  readonly #closed: Promise<void>
  readonly #answers: FromWorker[] = []
  #room = batchesAhead
  #failure: { readonly thrown: unknown } | undefined
  #isStopped = false
  #waiting: (() => void)[] = []

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (message: FromWorker) => {
      // Where it was made it is soon collected.
      if (message.type === 'used') return
      if (message.type === 'taken') this.#room += 1
      else this.#answers.push(message)
      this.#wake()
    })
    this.#closed = new Promise((resolve) => {
      port.on('close', resolve)
    })
  }

  /** Ends it in the midst, whatever the worker does: it may be gone. */
  fail(thrown: unknown): void {
    this.#failure ??= { thrown }
    this.#port.close()
    this.#wake()
  }

  async *pieces(batches: AsyncGenerator<IpcBatch, undefined>): AsyncGenerator<Uint8Array, undefined> {
    const sent = this.#sendAll(batches)
    try {
      this.#send({ type: 'next' })
      for (let answer = await this.#answer(); answer.type === 'piece'; answer = await this.#answer()) {
        this.#send({ type: 'next' })
        yield answer.piece
      }
    } finally {
      this.#isStopped = true
      this.#wake()
      this.#send({ type: 'stop' })
      await sent
      // The worker closes the port when it has let go of the file.
      await this.#closed
    }
  }

  /** What the worker has for us. Its failure, or that of the source, is thrown. */
  async #answer(): Promise<FromWorker> {
    for (;;) {
      if (this.#failure) throw this.#failure.thrown
      const answer = this.#answers.shift()
      if (answer?.type === 'failed') throw fromSent(answer.error)
      if (answer) return answer
      await this.#change()
    }
  }

  async #sendAll(batches: AsyncGenerator<IpcBatch, undefined>): Promise<void> {
    try {
      while (await this.#hasRoom()) {
        const { done, value } = await batches.next()
        if (this.#isStopped) break
        if (done) return this.#send({ type: 'end' })
        this.#room -= 1
        this.#send({ type: 'batch', batch: value }, value.ipc.buffer)
      }
      await batches.return(undefined)
    } catch (thrown) {
      this.#failure ??= { thrown }
      this.#wake()
    }
  }

  /** Waits until the worker takes another batch. False where it never will. */
  async #hasRoom(): Promise<boolean> {
    while (this.#room === 0 && !this.#isStopped) await this.#change()
    return !this.#isStopped
  }

  #send(message: ToWorker, ...transfer: readonly ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function fromSent({ code, message, ...options }: SentError): MillraceError {
  return new MillraceError(code, message, options)
}
