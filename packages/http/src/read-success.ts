import { type JsonValue, MillraceError } from '@millrace/core'
import { type BodyFormat, formatOf } from './body-format.ts'
import type { Call, ClientSettings } from './call.ts'
import { decodeBody } from './decode-body.ts'
import { DecodeError } from './decode-error.ts'
import { DecompressError } from './decompress.ts'
import { excerptOf, lineOf } from './excerpt.ts'
import { readBody } from './read-body.ts'
import type { Answer } from './send.ts'

/** As much of a body that cannot be decoded as a message quotes, characters. */
const quotedLength = 200

export interface DecodedBody {
  readonly body: JsonValue
  readonly format: BodyFormat
}

/**
 * The value of a successful answer. Null where it has no body by definition: 204, 205 and `HEAD`. An empty body elsewhere
 * is an error, because "no rows" is something an API says, unless it is NDJSON, which has no other way to say so.
 *
 * @param received - Gets the body, unpacked and not yet decoded.
 */
export async function readSuccess(
  answer: Answer,
  call: Call,
  settings: ClientSettings,
  received: (body: Buffer) => void,
): Promise<DecodedBody> {
  const { method, status, headers, stream } = answer
  const { maxBodyBytes, maxDepth, minimumRate } = settings
  const contentType = headers.get('content-type')
  const format = call.asked.format ?? formatOf(contentType)
  const hasNone = method === 'HEAD' || status === 204 || status === 205
  const contentEncoding = hasNone ? '' : (headers.get('content-encoding') ?? '')
  try {
    const body = await readBody(stream, { contentEncoding, maxBytes: maxBodyBytes, minimumRate })
    if (hasNone) return { body: null, format }
    received(body)
    return { body: decodeBody(body, { format, contentType, maxDepth }), format }
  } catch (thrown) {
    if (thrown instanceof DecompressError) throw unpackable(thrown, answer, call.isIdempotent)
    if (thrown instanceof DecodeError) throw undecodable(thrown, answer, call.isIdempotent, settings)
    throw thrown
  }
}

function unpackable(thrown: DecompressError, { method, url, status }: Answer, isIdempotent: boolean): MillraceError {
  const { failure, message } = thrown
  const context = { method, url, status }
  if (failure === 'too-large' || failure === 'bomb') {
    const advice =
      failure === 'bomb' ? 'no page of an API does' : 'ask for smaller pages, or allow more with maxBodyBytes'
    return new MillraceError('E_BODY_TOO_LARGE', `${method} ${url}: ${message}; ${advice}`, { context })
  }
  const retryable = isIdempotent && failure === 'truncated'
  return new MillraceError('E_PAYLOAD', `${method} ${url}: ${message}`, { retryable, context })
}

function undecodable(
  thrown: DecodeError,
  { method, url, status }: Answer,
  isIdempotent: boolean,
  { redaction }: ClientSettings,
): MillraceError {
  const { message, isTruncated, text, line } = thrown
  const excerpt = lineOf(excerptOf(text, quotedLength * 2, redaction), quotedLength)
  const cut = isTruncated ? ': it was cut off' : ''
  const quoted = excerpt && `. It starts with: ${excerpt}`
  return new MillraceError('E_PAYLOAD', `${method} ${url} answered ${status}, but the body ${message}${cut}${quoted}`, {
    retryable: isIdempotent && isTruncated,
    context: { method, url, status, ...(line !== undefined && { line }) },
  })
}
