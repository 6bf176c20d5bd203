import type { JsonValue } from '@millrace/core'
import { parse } from 'lossless-json'
import { checkJson, defaultMaxDepth } from './check-json.ts'

export interface ParseJsonOptions {
  /** Deepest nesting of objects and lists. Default {@link defaultMaxDepth}. */
  readonly maxDepth?: number
}

/**
 * Where a number of 16 digits or more may stand: right after `:`, `,`, `[`, a space or a minus, or at the start.
 * Digits in strings follow a quote and fractions follow a point, so neither costs the slow way.
 */
const longInteger = /(?:^|[:,[\s-])\d{16}/

/**
 * `JSON.parse`, except that integers beyond ±(2^53 - 1) become `bigint` instead of being rounded, that a number beyond
 * what a float holds is an error instead of `Infinity`, and that nesting has a limit.
 *
 * A scan of the text decides: only a text with a long run of digits takes the lossless parser, which is many times slower
 * and recursive. So it gets no text that `JSON.parse` has not found to be valid and shallow.
 *
 * @throws {SyntaxError} where the text is no JSON, or is beyond these limits.
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const value: JsonValue = JSON.parse(text)
  checkJson(value, options.maxDepth ?? defaultMaxDepth)
  if (!longInteger.test(text)) return value
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
