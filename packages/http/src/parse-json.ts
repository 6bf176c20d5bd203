import type { JsonValue } from '@millrace/core'
import { parse } from 'lossless-json'
import { checkJson, defaultMaxDepth } from './check-json.ts'

export interface ParseJsonOptions {
  /** Deepest nesting of objects and lists. Default {@link defaultMaxDepth}. */
  readonly maxDepth?: number
}

/**
 * Where a number of 16 digits or more may stand: right after `:`, `,`, `[`, a space or a minus, or at the start. A large
 * number that is written otherwise, such as `1e20`, does not cost the slow way.
 */
const longInteger = /(?:^|[:,[\s-])\d{16}/

/**
 * `JSON.parse`, except that integers beyond ±(2^53 - 1) become `bigint` instead of being rounded, that a number beyond
 * what a float holds is an error instead of `Infinity`, and that nesting has a limit.
 *
 * Only a text that holds such an integer takes the lossless parser, which is many times slower and recursive. It gets no
 * text that `JSON.parse` has not found to be valid and shallow.
 *
 * @throws {SyntaxError} where the text is no JSON, or is beyond these limits.
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const value: JsonValue = JSON.parse(text)
  const hasLargeNumber = checkJson(value, options.maxDepth ?? defaultMaxDepth)
  if (!hasLargeNumber || !longInteger.test(text)) return value
  return parse(text, undefined, {
    parseNumber: toNumber,
    // As JSON.parse does: the last one wins.
    onDuplicateKey: ({ newValue }) => newValue,
  }) as JsonValue
}

function toNumber(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) || /[.eE]/.test(text) ? number : BigInt(text)
}
