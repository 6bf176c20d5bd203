import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

/** What {@link decompress} understands, as an `accept-encoding` header. */
export const acceptEncoding = 'gzip, deflate, br'

export type DecompressFailure = 'truncated' | 'too-large' | 'corrupt' | 'unknown-encoding'

/** Says why a body could not be decompressed; what to tell the user is up to the client. */
export class DecompressError extends Error {
  readonly failure: DecompressFailure

  constructor(failure: DecompressFailure, message: string) {
    super(message)
    this.name = 'DecompressError'
    this.failure = failure
  }
}

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  inflate: promisify(inflate),
  inflateRaw: promisify(inflateRaw),
}

/**
 * The content of a body, whatever it was packed in.
 *
 * Ours and not the HTTP library's, because the limit must hold for what comes out (a bomb is small on the wire), and
 * because a gzip stream that ends early must be an error: without a length, nothing else tells that it was cut.
 *
 * @param contentEncoding - The header: codings in the order they were applied, separated by commas.
 * @param maxBytes - Most bytes that may come out, of any of the codings.
 */
export async function decompress(packed: Buffer, contentEncoding: string, maxBytes: number): Promise<Buffer> {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  let body = packed
  for (const coding of codings.reverse()) {
    const decode = decoders[decoderOf(coding, body)]
    try {
      body = await decode(body, { maxOutputLength: maxBytes })
    } catch (thrown) {
      throw failureOf(thrown, coding)
    }
  }
  return body
}

function decoderOf(coding: string, body: Buffer): keyof typeof decoders {
  if (coding === 'gzip' || coding === 'x-gzip' || coding === 'br') return coding
  // "deflate" means the zlib format (RFC 9110 §8.4.1.2), but some servers send it without the zlib header.
  if (coding === 'deflate') return ((body[0] ?? 8) & 0x0f) === 8 ? 'inflate' : 'inflateRaw'
  throw new DecompressError('unknown-encoding', `the body is packed as "${coding}", which was not asked for`)
}

function failureOf(thrown: unknown, coding: string): DecompressError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'ERR_BUFFER_TOO_LARGE') return new DecompressError('too-large', 'it is longer when unpacked')
  if (code === 'Z_BUF_ERROR') return new DecompressError('truncated', `the ${coding} stream ended early`)
  return new DecompressError('corrupt', `the body is no valid ${coding}`)
}
