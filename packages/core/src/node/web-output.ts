import type { WritableStream, WritableStreamDefaultWriter } from 'node:stream/web'
import type { ByteOutput } from './byte-output.ts'
import { streamError } from './stream-error.ts'

/** A stream of the web as an output. It is locked while it is written to. */
export function webOutput(stream: WritableStream<Uint8Array>): ByteOutput {
  const writer = lock(stream)
  // Told by the call that meets it.
  writer.closed.catch(() => {})
  let bytes = 0

  const checked = async (call: () => Promise<void>): Promise<void> => {
    try {
      await call()
    } catch (thrown) {
      throw streamError(thrown, bytes)
    }
  }

  return {
    write: async (piece) => {
      await checked(async () => {
        await writer.ready
        await writer.write(piece)
      })
      bytes += piece.length
    },
    finish: async () => {
      await checked(() => writer.close())
      writer.releaseLock()
    },
    abandon: async (reason) => {
      await writer.abort(reason).catch(() => {})
      writer.releaseLock()
    },
  }
}

function lock(stream: WritableStream<Uint8Array>): WritableStreamDefaultWriter<Uint8Array> {
  try {
    return stream.getWriter()
  } catch (thrown) {
    throw streamError(thrown, 0)
  }
}
