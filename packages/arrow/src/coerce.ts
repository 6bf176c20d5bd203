import { DataType } from 'apache-arrow'
import { formatTimestamp } from './timestamp.ts'

/** A number as JSON writes it. */
const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const integerText = /^[+-]?\d{1,20}$/

/** A date, and with it a time: what ISO 8601 writes with a space, without an offset, or with one as `+0200`. */
const looseTimestamp =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)?)?\s?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/

/**
 * A value of another kind as a column of a declared type would have it: somebody has said what the column means, so a text
 * of digits is a number there, and seconds since 1970 an instant. Comes back as it is where it has no such meaning.
 */
export function coerce(type: DataType, value: unknown): unknown {
  if (DataType.isInt(type))
    return typeof value === 'string' && integerText.test(value) ? BigInt(unsigned(value)) : value
  if (DataType.isFloat(type)) return typeof value === 'string' && numberText.test(value) ? finite(value) : value
  if (DataType.isBool(type)) return toBool(value)
  if (DataType.isTimestamp(type)) return toTimestamp(value, Boolean(type.timezone))
  return value
}

/** `BigInt` takes no plus sign. */
function unsigned(text: string): string {
  return text.startsWith('+') ? text.slice(1) : text
}

function finite(text: string): unknown {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

function toBool(value: unknown): unknown {
  if (value === 0 || value === 1) return value === 1
  if (typeof value !== 'string') return value
  const text = value.toLowerCase()
  return text === 'true' || text === 'false' ? text === 'true' : value
}

/** Without an offset it is UTC, as in dlt. A number is seconds: milliseconds of our time would be far beyond the year 9999. */
function toTimestamp(value: unknown, hasZone: boolean): unknown {
  if (typeof value === 'number') return fromSeconds(value, hasZone)
  if (typeof value !== 'string') return value
  const match = looseTimestamp.exec(value)
  if (match === null) return value
  const [, date, time = '00:00', seconds = ':00', offset] = match
  if (!hasZone) return offset === undefined ? `${date}T${time}${seconds}` : value
  return `${date}T${time}${seconds}${offset === undefined ? 'Z' : fullOffset(offset)}`
}

function fullOffset(offset: string): string {
  if (offset.length === 1) return 'Z'
  const minutes = offset.length === 3 ? '00' : offset.slice(-2)
  return `${offset.slice(0, 3)}:${minutes}`
}

/** Exact to the microsecond that the number shows, or not at all. */
function fromSeconds(seconds: number, hasZone: boolean): unknown {
  const [whole = '', fraction = ''] = String(Math.abs(seconds)).split('.')
  if (!/^\d{1,12}$/.test(whole) || !/^\d{0,6}$/.test(fraction)) return seconds
  const micros = BigInt(`${whole}${fraction.padEnd(6, '0')}`) * (seconds < 0 ? -1n : 1n)
  const text = formatTimestamp(micros)
  return hasZone ? text : text.slice(0, -1)
}
