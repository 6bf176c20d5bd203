import { MillraceError } from '@millrace/core'

/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what ISO 8601 writes with four digits of a year. */
const firstMs = -62_167_219_200_000
const lastMs = 253_402_300_799_999

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Microseconds since 1970 of an RFC 3339 date-time, or undefined for any text that is none, or that would lose
 * something as one.
 *
 * Undefined, among others: no offset (a local time of nobody knows where), `-00:00` (says just that), a leap second, more
 * than six digits of a second, a day that is not in the calendar, an instant outside the years 0000 to 9999.
 *
 * @see RFC 3339 §5.6
 */
export function parseTimestamp(text: string): bigint | undefined {
  const length = text.length
  if (length < 20 || length > 32) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  if ((year | month | day | hour | minute | second) < 0) return undefined
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined // -
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined // :
  if ((text.charCodeAt(10) | 32) !== 116) return undefined // T or t
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined

  let at = 19
  let micros = 0
  if (text.charCodeAt(at) === 46) {
    let end = at + 1
    while (isDigit(text.charCodeAt(end))) end += 1
    const count = end - at - 1
    if (count < 1 || count > 6) return undefined
    micros = digits(text, at + 1, end) * 10 ** (6 - count)
    at = end
  }
  const offset = offsetMinutes(text, at)
  if (offset === undefined) return undefined

  const ms =
    daysFromCivil(year, month, day) * 86_400_000 +
    (hour * 60 + minute - offset) * 60_000 +
    second * 1_000 +
    Math.trunc(micros / 1_000)
  if (ms < firstMs || ms > lastMs) return undefined
  return BigInt(ms) * 1_000n + BigInt(micros % 1_000)
}

/** ISO 8601 in UTC with three digits of a second, or six where the last three are not zero. */
export function formatTimestamp(micros: bigint): string {
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n
  const date = new Date(Number((micros - rest) / 1_000n))
  if (Number.isNaN(date.getTime())) {
    throw new MillraceError('E_VALUE', `timestamp ${micros} µs lies outside what a JavaScript date can show`)
  }
  const text = date.toISOString()
  return rest === 0n ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}

function offsetMinutes(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at)
  if ((sign | 32) === 122) return text.length === at + 1 ? 0 : undefined // Z or z
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return undefined
  const hours = digits(text, at + 1, at + 3)
  const minutes = digits(text, at + 4, at + 6)
  if ((hours | minutes) < 0 || hours > 23 || minutes > 59) return undefined
  const total = hours * 60 + minutes
  if (sign === 43) return total
  return total === 0 ? undefined : -total
}

/** The number written at `from` to `to`, or -1 where another character than a digit is among them. */
function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (!isDigit(code)) return -1
    number = number * 10 + (code - 48)
  }
  return number
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function daysIn(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return (monthDays[month - 1] ?? 0) + (leap ? 1 : 0)
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. `Date.UTC` would read the years 0 to 99 as 1900 to 1999. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
