import { errorMessage, type JsonValue } from '@millrace/core'
import { parseJson } from './parse-json.ts'

/** Why a body is no JSON. */
export class DecodeError extends Error {
  /** The text ends in the middle of a value: it was cut on the way, and may be whole the next time. */
  readonly isTruncated: boolean
  /** The body as far as it is text; not redacted. */
  readonly text: string

  constructor(message: string, options: { readonly isTruncated: boolean; readonly text: string }) {
    super(message)
    this.name = 'DecodeError'
    this.isTruncated = options.isTruncated
    this.text = options.text
  }
}

/**
 * JSON from bytes: strict UTF-8, a byte order mark is skipped, large integers come as `bigint`.
 *
 * @see RFC 8259 §8.1 (UTF-8, whatever the charset of the content type says)
 */
export function decodeJson(bytes: Uint8Array): JsonValue {
  const text = decodeText(bytes)
  try {
    return parseJson(text)
  } catch (thrown) {
    throw new DecodeError(reasonFor(text), { isTruncated: isTruncated(text, errorMessage(thrown)), text })
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes)
    const problem = `is not UTF-8 (after ${text.indexOf('\ufffd')} characters)`
    throw new DecodeError(problem, { isTruncated: false, text })
  }
}

function reasonFor(text: string): string {
  const start = text.trimStart()
  if (start === '') return 'is empty'
  if (start.startsWith('<')) return 'is HTML or XML, such as a login page; check the path and the credentials'
  return 'is not valid JSON'
}

/** The parsers name the position they stopped at; the end of the text means that the rest is missing. */
function isTruncated(text: string, message: string): boolean {
  if (text.trim() === '') return false
  if (/unexpected end|end of input/i.test(message)) return true
  return /at position (\d+)/.exec(message)?.[1] === String(text.length)
}
