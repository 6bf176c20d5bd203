import type { JsonValue } from '@millrace/core'
import { parse } from 'lossless-json'

/**
 * Where a number of 16 digits or more may stand: right after `:`, `,`, `[`, a space or a minus, or at the start.
 * Digits in strings follow a quote and fractions follow a point, so neither costs the slow way.
 */
const longInteger = /(?:^|[:,[\s-])\d{16}/

/**
 * `JSON.parse`, except that integers beyond ±(2^53 - 1) become `bigint` instead of being rounded.
 *
 * A scan of the text decides: only a text with a long run of digits takes the lossless parser, which is many times slower.
 *
 * @throws {SyntaxError} where the text is no JSON.
 */
export function parseJson(text: string): JsonValue {
  if (!longInteger.test(text)) return JSON.parse(text)
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
