import { type JsonValue, MillraceError } from '@millrace/core'
import type { ClientSettings } from './call.ts'
import { DecodeError, decodeJson } from './decode-json.ts'
import { DecompressError, decompress } from './decompress.ts'
import { excerptOf, lineOf } from './excerpt.ts'
import { readBody } from './read-body.ts'
import type { Answer } from './send.ts'

/** As much of a body that is no JSON as a message quotes, characters. */
const quotedLength = 200

/**
 * The JSON of a successful answer. Null where it has no body by definition: 204, 205 and `HEAD`. An empty body
 * elsewhere is an error, because "no rows" is something an API says.
 *
 * @param isIdempotent - Whether a body that was cut on the way may be asked for again.
 * @param received - Gets the body, unpacked and not yet decoded.
 */
export async function readSuccess(
  answer: Answer,
  isIdempotent: boolean,
  settings: ClientSettings,
  received: (body: Buffer) => void,
): Promise<JsonValue> {
  const { method, url, status, headers, stream } = answer
  const { maxBodyBytes, redaction } = settings
  const context = { method, url, status }

  const packed = await readBody(stream, maxBodyBytes)
  if (packed && (method === 'HEAD' || status === 204 || status === 205)) return null
  try {
    if (!packed) throw new DecompressError('too-large', 'it is longer')
    const body = await decompress(packed, headers.get('content-encoding') ?? '', maxBodyBytes)
    received(body)
    return decodeJson(body)
  } catch (thrown) {
    if (thrown instanceof DecompressError && thrown.failure === 'too-large') {
      const message = `${method} ${url}: the body is longer than ${maxBodyBytes} bytes; ask for smaller pages, or allow more with maxBodyBytes`
      throw new MillraceError('E_BODY_TOO_LARGE', message, { context })
    }
    if (thrown instanceof DecompressError) {
      const retryable = isIdempotent && thrown.failure === 'truncated'
      throw new MillraceError('E_PAYLOAD', `${method} ${url}: ${thrown.message}`, { retryable, context })
    }
    if (thrown instanceof DecodeError) {
      const quoted = lineOf(excerptOf(thrown.text, quotedLength * 2, redaction), quotedLength)
      const cut = thrown.isTruncated ? ': it was cut off' : ''
      const message = `${method} ${url} answered ${status}, but the body ${thrown.message}${cut}${quoted && `. It starts with: ${quoted}`}`
      throw new MillraceError('E_PAYLOAD', message, { retryable: isIdempotent && thrown.isTruncated, context })
    }
    throw thrown
  }
}
