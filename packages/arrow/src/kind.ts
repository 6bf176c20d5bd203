/// <reference lib="es2024.string" />

/**
 * What a JSON value is, as one bit, so that the kinds of a whole column are the bits of its values together.
 */
export const kind = {
  bool: 1,
  /** A `number` that is a safe integer. Not `-0`: an integer column would lose its sign. */
  int: 2,
  /** A `bigint` within int64. */
  bigint: 4,
  /** Any other finite `number`. */
  float: 8,
  /** A `bigint` beyond int64. */
  huge: 16,
  text: 32,
  /** A string with half of a surrogate pair: JSON can write it, UTF-8 cannot. */
  brokenText: 64,
  object: 128,
  list: 256,
} as const

/** What {@link kindOf} says of a value that JSON cannot carry: NaN, an infinity, a Date, a function. */
export const notJson = -1

/** The bit of {@link kind}, 0 for null and undefined, {@link notJson} for what JSON cannot carry. */
export function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? kind.text : kind.brokenText
    case 'number':
      if (Number.isSafeInteger(value)) return value === 0 && Object.is(value, -0) ? kind.float : kind.int
      return Number.isFinite(value) ? kind.float : notJson
    case 'boolean':
      return kind.bool
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? kind.bigint : kind.huge
    case 'undefined':
      return 0
    case 'object':
      if (value === null) return 0
      if (Array.isArray(value)) return kind.list
      return isPlainObject(value) ? kind.object : notJson
    default:
      return notJson
  }
}

/** True for what an object literal or `JSON.parse` makes, in any realm; false for arrays and instances of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}
