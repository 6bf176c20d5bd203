import { MillraceError } from '@millrace/core'
import { dateDays } from './calendar.ts'
import { digitsAt } from './digits.ts'
import { timeEnd, timeMicros } from './time-of-day.ts'

/** An instant: whole days since 1970-01-01, which may be negative, and the microseconds after. */
export interface Instant {
  readonly days: number
  /** 0 to 86 399 999 999. */
  readonly micros: number
}

const dayMicros = 86_400_000_000

/** 0000-01-01 and 9999-12-31: what ISO 8601 writes with four digits of a year. */
const firstDay = -719_528
const lastDay = 2_932_896

/**
 * The instant of an RFC 3339 date-time, or undefined for any text that is none, or that would lose something as one.
 *
 * Undefined, among others: no offset (a local time of nobody knows where), `-00:00` (says just that), a leap second, more
 * than six digits of a second, a day that is not in the calendar, an instant outside the years 0000 to 9999.
 *
 * @see RFC 3339 §5.6
 */
export function parseTimestamp(text: string): Instant | undefined {
  if (text.length < 20 || text.length > 32 || (text.charCodeAt(10) | 32) !== 116) return undefined // T or t
  const end = timeEnd(text, 11)
  return instantOf(dateDays(text), timeMicros(text, 11, end) - offsetMinutes(text, end) * 60_000_000)
}

/** The same for a date-time without an offset, `2024-05-01T12:00:00` or with a space for the `T`: by no clock in particular. */
export function parseLocalTimestamp(text: string): Instant | undefined {
  const separator = text.charCodeAt(10) | 32
  if (separator !== 116 && separator !== 32) return undefined
  const end = timeEnd(text, 11)
  return end === text.length ? instantOf(dateDays(text), timeMicros(text, 11, end)) : undefined
}

/** @param micros Of the day, or of the day before or after where an offset leads there; NaN where there is none. */
function instantOf(days: number, micros: number): Instant | undefined {
  const shift = Math.floor(micros / dayMicros)
  const day = days + shift
  return day >= firstDay && day <= lastDay ? { days: day, micros: micros - shift * dayMicros } : undefined
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

/** Minutes ahead of UTC; NaN where the rest of the text is no offset. */
function offsetMinutes(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if ((sign | 32) === 122) return text.length === at + 1 ? 0 : Number.NaN // Z or z
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return Number.NaN
  const hours = digitsAt(text, at + 1, at + 3)
  const minutes = digitsAt(text, at + 4, at + 6)
  if ((hours | minutes) < 0 || hours > 23 || minutes > 59) return Number.NaN
  const total = hours * 60 + minutes
  if (sign === 43) return total
  return total === 0 ? Number.NaN : -total
}
