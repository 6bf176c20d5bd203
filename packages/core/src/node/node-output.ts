import { finished, type Writable } from 'node:stream'
import type { ByteOutput } from './byte-output.ts'
import { streamError } from './stream-error.ts'

/**
 * A stream of Node as an output.
 *
 * A piece is written when the stream calls back, and a stream that is destroyed may never do so: its end is waited for too.
 */
export function nodeOutput(stream: Writable): ByteOutput {
  const isShared = stream === process.stdout || stream === process.stderr
  let bytes = 0
  let failure: Error | undefined
  // One waits at a time. A race with a promise of the stream's end would keep a reaction for every piece.
  let reject = (_: Error): void => {}

  function fail(thrown: unknown): void {
    failure ??= streamError(thrown, bytes)
    reject(failure)
  }

  function waitFor(call: (done: (thrown?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, whenFailed) => {
      reject = whenFailed
      if (failure) reject(failure)
      else call((thrown) => (thrown ? fail(thrown) : resolve()))
    })
  }

  const forget = finished(stream, { readable: false }, (thrown) => fail(thrown ?? 'it was ended by somebody else'))

  return {
    write: async (piece) => {
      await waitFor((done) => stream.write(piece, done))
      bytes += piece.length
    },
    finish: async () => {
      forget()
      if (isShared) return
      await waitFor((done) => {
        finished(stream, { readable: false }, done)
        stream.end()
      })
    },
    abandon: async (reason) => {
      forget()
      if (isShared) return
      // It hands the reason on as an event, which ends the process where nobody listens.
      stream.on('error', () => {})
      stream.destroy(reason instanceof Error ? reason : new Error(String(reason)))
    },
  }
}
