import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'

/** What {@link decompress} understands, as an `accept-encoding` header. */
export const acceptEncoding = 'gzip, deflate, br'

export type DecompressFailure = 'truncated' | 'too-large' | 'bomb' | 'corrupt' | 'unknown-encoding'

/** Says why a body could not be decompressed; what to tell the user is up to the client. */
export class DecompressError extends Error {
  readonly failure: DecompressFailure

  constructor(failure: DecompressFailure, message: string) {
    super(message)
    this.name = 'DecompressError'
    this.failure = failure
  }
}

/** Large pieces: a body is hundreds of them otherwise. */
const zlibOptions = { chunkSize: 64 * 1024 }

const decoders = {
  gzip: () => createGunzip(zlibOptions),
  br: () => createBrotliDecompress(zlibOptions),
  inflate: () => createInflate(zlibOptions),
  inflateRaw: () => createInflateRaw(zlibOptions),
}

/**
 * Unpacks a body, whatever it was packed in, and hands its content to `take` piece by piece.
 *
 * Ours and not the HTTP library's, because limits must hold for what comes out (a bomb is small on the wire), and because
 * a gzip stream that ends early must be an error: without a length, nothing else tells that it was cut.
 *
 * The header is not believed where the first bytes speak against it: servers forget it, or set it on what they did not
 * pack.
 *
 * Memory: a few pieces of 64 KB, besides what `take` keeps.
 *
 * @param packed - Read to its end. Where this throws, the rest is left to be destroyed.
 * @param contentEncoding - The header.
 * @param take - Gets each piece, and the packed bytes read so far. Throws to end it.
 */
export async function decompress(
  packed: Readable,
  contentEncoding: string,
  take: (piece: Buffer, packedBytes: number) => void,
): Promise<void> {
  const coding = codingOf(contentEncoding)
  const pieces = packed.iterator({ destroyOnReturn: false })
  const start = await readStart(pieces)
  const name = decoderOf(coding, start)
  if (name === undefined) {
    let bytes = start.length
    take(start, bytes)
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      bytes += piece.length
      take(piece, bytes)
    }
    return
  }
  await pieces.return?.()
  if (!packed.readableEnded) packed.unshift(start)
  const whole = packed.readableEnded ? Readable.from([start]) : packed
  const decoder = decoders[name]()
  try {
    await pipeline(whole, decoder, async (unpacked: AsyncIterable<Buffer>) => {
      for await (const piece of unpacked) take(piece, decoder.bytesWritten)
    })
  } catch (thrown) {
    throw failureOf(thrown, coding || name)
  }
}

function codingOf(contentEncoding: string): string {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > 1) {
    const message = `the body is packed ${codings.length} times (${codings.join(', ')}), which was not asked for`
    throw new DecompressError('unknown-encoding', message)
  }
  return codings[0] ?? ''
}

function decoderOf(coding: string, start: Buffer): keyof typeof decoders | undefined {
  const isGzip = start[0] === 0x1f && start[1] === 0x8b
  switch (coding) {
    case '':
      return isGzip ? 'gzip' : undefined
    case 'gzip':
    case 'x-gzip':
      return isText(start) ? undefined : 'gzip'
    case 'deflate':
      if (isGzip) return 'gzip'
      // "deflate" means the zlib format (RFC 9110 §8.4.1.2), but some servers send it without the zlib header.
      return ((start[0] ?? 8) & 0x0f) === 8 ? 'inflate' : 'inflateRaw'
    case 'br':
      return 'br'
    default:
      throw new DecompressError('unknown-encoding', `the body is packed as "${coding}", which was not asked for`)
  }
}

/** Whether a body starts as JSON or a table does, and not as gzip: with a printable character, a space or a mark. */
function isText(start: Buffer): boolean {
  const [first = 0x1f] = start
  return first === 0x09 || first === 0x0a || first === 0x0d || (first >= 0x20 && first !== 0x7f)
}

/** The first piece, of two bytes at least where there are two: enough to tell what it is. */
async function readStart(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0)
  while (start.length < 2) {
    const { done, value } = await pieces.next()
    if (done) break
    start = start.length === 0 ? value : Buffer.concat([start, value])
  }
  return start
}

/** Only what the decoders throw; what the source or `take` throw is passed on. */
function failureOf(thrown: unknown, coding: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'Z_BUF_ERROR') return new DecompressError('truncated', `the ${coding} stream ended early`)
  const isOurs = typeof code === 'string' && /^(Z_|ERR_BROTLI|ERR__ERROR|ERR_ZLIB)/.test(code)
  return isOurs ? new DecompressError('corrupt', `the body is no valid ${coding}`) : thrown
}
