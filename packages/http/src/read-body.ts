import type { Readable } from 'node:stream'
import { DecompressError, type DecompressFailure, decompress } from './decompress.ts'
import { type MinimumRate, watchRate } from './watch-rate.ts'

/** Rows compress 5 to 50 times, and a bomb about 1,000 times. */
export const maxUnpackRatio = 200

/** 10 MB: up to here a bomb does no harm, whatever its ratio. */
export const ratioFromBytes: number = 10 * 1024 * 1024

export interface ReadBodyOptions {
  /** The header. */
  readonly contentEncoding: string
  /** Most bytes, unpacked. */
  readonly maxBytes: number
  /** Slower ones are given up. */
  readonly minimumRate: MinimumRate
}

/**
 * The content of a body, unpacked as it comes; the rest of one that is too long or too slow is not read.
 *
 * Memory: the content, and once more for the moment in which its pieces are put together.
 *
 * @throws {DecompressError} or what the connection throws.
 */
export async function readBody(stream: Readable, options: ReadBodyOptions): Promise<Buffer> {
  const { contentEncoding, maxBytes, minimumRate } = options
  const pieces: Buffer[] = []
  let bytes = 0
  let refusal: DecompressError | undefined
  function refuse(failure: DecompressFailure, message: string): never {
    refusal = new DecompressError(failure, message)
    throw refusal
  }
  const watch = watchRate(minimumRate, (tooSlow) => stream.destroy(tooSlow))
  try {
    await decompress(stream, contentEncoding, (piece, packedBytes) => {
      watch.received(piece.length)
      bytes += piece.length
      if (bytes > maxBytes) refuse('too-large', `the body is longer than ${maxBytes} bytes`)
      if (bytes > ratioFromBytes && bytes > packedBytes * maxUnpackRatio) {
        refuse('bomb', `the body unpacks to more than ${maxUnpackRatio} times its size`)
      }
      pieces.push(piece)
    })
    return Buffer.concat(pieces, bytes)
  } catch (thrown) {
    // What is left of the body would keep the connection busy. It is told of the end as an error, which nobody awaits.
    stream.on('error', () => {}).destroy()
    // A body that is given up reports an abort of its own.
    throw refusal ?? thrown
  } finally {
    watch.stop()
  }
}
