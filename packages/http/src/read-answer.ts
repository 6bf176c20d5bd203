import { type JsonValue, MillraceError } from '@millrace/core'
import { type BodyFormat, formatOf } from './body-format.ts'
import type { Call, ClientSettings } from './call.ts'
import { decodeBody } from './decode-body.ts'
import { DecodeError } from './decode-error.ts'
import { decodeJson } from './decode-json.ts'
import { quoteOf } from './excerpt.ts'
import { hasNoContent, readContent, readErrorContent } from './read-content.ts'
import type { Answer } from './send.ts'
import { statusError } from './status-error.ts'

/** An answer that is complete. */
export interface Reading {
  /** How the body was read, or would have been. */
  readonly format: BodyFormat
  /** Of the body, unpacked. */
  readonly bytes: number
  text(): string
  /** Decoded; the text where it cannot be decoded. */
  body(): JsonValue
  /** What the answer means by itself, where status or body are no success. */
  readonly failure?: MillraceError
}

/**
 * Reads an answer to its end. Work that only a rule of the caller may ask for is left until it does.
 *
 * The body is null where an answer has none by definition. An empty body elsewhere is a failure, because "no rows" is
 * something an API says, unless it is NDJSON, which has no other way to say so.
 */
export async function readAnswer(
  answer: Answer,
  call: Call,
  number: number,
  settings: ClientSettings,
): Promise<Reading> {
  const { status, headers } = answer
  const { maxDepth } = settings
  const contentType = headers.get('content-type')
  const format = call.asked.format ?? formatOf(contentType)
  if (status < 200 || status > 299) {
    const content = await readErrorContent(answer, settings)
    return failed(statusError(answer, content, call, number, settings), format, content, maxDepth)
  }
  const content = await readContent(answer, call, settings)
  if (hasNoContent(answer)) return { format, bytes: 0, text: () => '', body: () => null }
  try {
    const body = decodeBody(content, { format, contentType, maxDepth })
    return { format, bytes: content.length, text: once(() => textOf(content)), body: () => body }
  } catch (thrown) {
    if (!(thrown instanceof DecodeError)) throw thrown
    return failed(undecodable(thrown, answer, call, settings), format, content, maxDepth)
  }
}

function failed(failure: MillraceError, format: BodyFormat, content: Buffer, maxDepth: number): Reading {
  const text = once(() => textOf(content))
  const body = once(() => {
    try {
      return decodeJson(text(), maxDepth)
    } catch {
      return text()
    }
  })
  return { format, bytes: content.length, text, body, failure }
}

function undecodable(
  thrown: DecodeError,
  { method, url, status }: Answer,
  { isIdempotent }: Call,
  { redaction }: ClientSettings,
): MillraceError {
  const { message, isTruncated, text, line } = thrown
  const excerpt = quoteOf(text, redaction)
  const cut = isTruncated ? ': it was cut off' : ''
  const quoted = excerpt && `. It starts with: ${excerpt}`
  return new MillraceError('E_PAYLOAD', `${method} ${url} answered ${status}, but the body ${message}${cut}${quoted}`, {
    retryable: isIdempotent && isTruncated,
    context: { method, url, status, ...(line !== undefined && { line }) },
  })
}

/** Not strictly: the body may be no UTF-8, and whoever asks wants to see what is there. */
function textOf(content: Buffer): string {
  return new TextDecoder().decode(content)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
