import { errorMessage, type JsonValue } from '@millrace/core'
import { JsonLimitError } from './check-json.ts'
import { DecodeError, webPageReason } from './decode-error.ts'
import { parseJson } from './parse-json.ts'

/** JSON from text; large integers come as `bigint`. */
export function decodeJson(text: string, maxDepth: number): JsonValue {
  try {
    return parseJson(text, { maxDepth })
  } catch (thrown) {
    throw new DecodeError(reasonFor(text, thrown), { isTruncated: isTruncated(text, thrown), text })
  }
}

function reasonFor(text: string, thrown: unknown): string {
  if (thrown instanceof JsonLimitError) return thrown.problem
  if (text.trim() === '') return 'is empty'
  return webPageReason(text) ?? 'is not valid JSON'
}

/** The parser names the position it stopped at; the end of the text means that the rest is missing. */
export function isTruncated(text: string, thrown: unknown): boolean {
  if (text.trim() === '') return false
  const message = errorMessage(thrown)
  if (/unexpected end|end of input/i.test(message)) return true
  return /at position (\d+)/.exec(message)?.[1] === String(text.length)
}
