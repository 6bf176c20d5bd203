import { isMembers, isNumber, type Json, jsonOf } from './json-document.ts'

/** A value read back: 64-bit integers as `bigint`, instants as their microseconds, structs as maps. */
export type Stored = null | boolean | string | number | bigint | StoredInstant | readonly Stored[] | Map<string, Stored>

export interface StoredInstant {
  readonly micros: bigint
}

/**
 * True where what a column holds is the JSON value, to the last digit.
 *
 * It knows of the two ways to keep a value: as itself, or as text where its column is of text. A missing member and one
 * that is null are the same here, and so are an instant and its spelling.
 *
 * @param isText Whether the text of a value that is no text itself stands for it.
 */
export function holdsJson(stored: Stored | undefined, value: Json, isText: 'json' | 'text' | 'no'): boolean {
  if (value === null) return stored === null || stored === undefined
  if (stored === null || stored === undefined) return false
  if (isText === 'json') return stored === exactJson(value)
  if (typeof stored === 'string') return holdsText(stored, value, isText)
  if (isNumber(value)) return holdsNumber(stored, value.number)
  if (typeof value === 'string') return isInstant(stored) && stored.micros === microsOf(value)
  if (typeof value === 'boolean') return stored === value
  if (isMembers(value)) {
    if (!(stored instanceof Map)) return false
    const keys = new Set([...value.members.keys(), ...stored.keys()])
    return [...keys].every((key) => holdsJson(stored.get(key), value.members.get(key) ?? null, 'no'))
  }
  return (
    Array.isArray(stored) &&
    stored.length === value.length &&
    value.every((each, index) => holdsJson(stored[index], each, 'no'))
  )
}

function holdsText(stored: string, value: Json, isText: 'text' | 'no'): boolean {
  if (typeof value === 'string') return stored === value
  return isText === 'text' && stored === exactJson(value)
}

function holdsNumber(stored: Stored, number: string): boolean {
  if (typeof stored === 'bigint') return isWhole(number) ? stored === BigInt(number) : Number(stored) === Number(number)
  if (typeof stored !== 'number') return false
  return Object.is(stored, Number(number)) && (!isWhole(number) || BigInt(stored) === BigInt(number))
}

/** JSON as it must be kept: integers with all their digits, other numbers as JavaScript writes them, `-0` with its sign. */
function exactJson(value: Json): string {
  return jsonOf(value, (number) => {
    if (Object.is(Number(number), -0)) return '-0'
    return isWhole(number) ? String(BigInt(number)) : String(Number(number))
  })
}

function isWhole(number: string): boolean {
  return /^-?\d+$/.test(number)
}

function isInstant(stored: Stored): stored is StoredInstant {
  return typeof stored === 'object' && stored !== null && 'micros' in stored
}

/** By the platform's own parser, which knows milliseconds, and the three digits after them. */
function microsOf(text: string): bigint {
  const [, whole = '', fraction = '', offset = ''] = /^(.{19})(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const digits = fraction.padEnd(6, '0')
  const ms = Date.parse(`${whole}.${digits.slice(0, 3)}${offset}`)
  return BigInt(ms) * 1000n + BigInt(digits.slice(3))
}
