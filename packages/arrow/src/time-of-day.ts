import { digitsEnd, fractionMicros, twoDigits } from './digits.ts'

/**
 * Microseconds since midnight of `HH:MM:SS`, with up to six digits after it, or NaN for any other text, a leap second among
 * them: there is no such microsecond of a day.
 *
 * @param from Where it starts.
 * @param end Where it ends: see {@link timeEnd}.
 */
export function timeMicros(text: string, from: number, end: number): number {
  const hour = twoDigits(text, from)
  const minute = twoDigits(text, from + 3)
  const second = twoDigits(text, from + 6)
  if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59) return Number.NaN
  if (text.charCodeAt(from + 2) !== 58 || text.charCodeAt(from + 5) !== 58) return Number.NaN // :
  const whole = ((hour * 60 + minute) * 60 + second) * 1_000_000
  if (end === from + 8) return whole
  const fraction = fractionMicros(text, from + 9, end)
  return fraction < 0 ? Number.NaN : whole + fraction
}

/** Where a time that starts at `from` ends: after its seconds, or after the digits of their fraction. */
export function timeEnd(text: string, from: number): number {
  return text.charCodeAt(from + 8) === 46 ? digitsEnd(text, from + 9) : from + 8
}

/** `HH:MM:SS`, with six digits after it where there is a fraction. */
export function formatTimeOfDay(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':')
  const fraction = micros % 1_000_000
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`
}
