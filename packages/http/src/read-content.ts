import { MillraceError } from '@millrace/core'
import type { Call, ClientSettings } from './call.ts'
import { DecompressError } from './decompress.ts'
import { readBody } from './read-body.ts'
import type { Answer } from './send.ts'

/** The body of an error is read for what it says of itself only. */
const maxErrorBodyBytes = 1024 * 1024

/** Whether an answer has no content by definition, whatever its headers say (RFC 9110 §6.4.1, §15.3.6). */
export function hasNoContent({ method, status }: Answer): boolean {
  return method === 'HEAD' || status === 204 || status === 205
}

/** What is in the body of a success, unpacked. */
export async function readContent(answer: Answer, call: Call, settings: ClientSettings): Promise<Buffer> {
  const { headers, stream } = answer
  const { maxBodyBytes: maxBytes, minimumRate } = settings
  const contentEncoding = hasNoContent(answer) ? '' : (headers.get('content-encoding') ?? '')
  try {
    return await readBody(stream, { contentEncoding, maxBytes, minimumRate })
  } catch (thrown) {
    throw thrown instanceof DecompressError ? unpackable(thrown, answer, call.isIdempotent) : thrown
  }
}

/** The same of a failure. Nothing where it cannot be read: the status says more than what went wrong with its explanation. */
export async function readErrorContent({ stream, headers }: Answer, settings: ClientSettings): Promise<Buffer> {
  const contentEncoding = headers.get('content-encoding') ?? ''
  try {
    return await readBody(stream, { contentEncoding, maxBytes: maxErrorBodyBytes, minimumRate: settings.minimumRate })
  } catch {
    return Buffer.alloc(0)
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
