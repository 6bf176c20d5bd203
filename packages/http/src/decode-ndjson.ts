import type { JsonValue } from '@millrace/core'
import { JsonLimitError } from './check-json.ts'
import { DecodeError, webPageReason } from './decode-error.ts'
import { isTruncated } from './decode-json.ts'
import { parseJson } from './parse-json.ts'

/**
 * The values of a text with one JSON value a line. Blank lines are skipped, and a text without any line has no values:
 * this format has no other way to say so.
 *
 * A last line that ends in the middle of its value was cut off on the way. A text that is cut between two lines is whole
 * to all appearances: only a length, chunks or a packed body tell.
 *
 * @see https://github.com/ndjson/ndjson-spec
 */
export function decodeNdjson(text: string, maxDepth: number): JsonValue[] {
  const webPage = webPageReason(text)
  if (webPage) throw new DecodeError(webPage, { text })
  const values: JsonValue[] = []
  let line = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const each = text.slice(start, end)
    line += 1
    start = end + 1
    if (each.trim() !== '') values.push(parseLine(each, { line, isLast: newline === -1, maxDepth }))
  }
  return values
}

interface LinePlace {
  readonly line: number
  /** It has no line break after it. */
  readonly isLast: boolean
  readonly maxDepth: number
}

function parseLine(text: string, { line, isLast, maxDepth }: LinePlace): JsonValue {
  try {
    return parseJson(text, { maxDepth })
  } catch (thrown) {
    const isCut = isLast && isTruncated(text, thrown)
    const problem = thrown instanceof JsonLimitError ? thrown.problem : 'is not valid JSON'
    throw new DecodeError(`has a line ${line} that ${problem}`, { isTruncated: isCut, text, line })
  }
}
