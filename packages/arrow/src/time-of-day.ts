import { digitsAt, digitsEnd, fractionMicros } from './digits.ts'

/**
 * Microseconds since midnight of `HH:MM:SS`, with up to six digits after it, or NaN for any other text, a leap second among
 * them: there is no such microsecond of a day.
 *
 * @param from Where it starts; it ends where the digits end.
 */
export function timeMicros(text: string, from: number): number {
  const hour = digitsAt(text, from, from + 2)
  const minute = digitsAt(text, from + 3, from + 5)
  const second = digitsAt(text, from + 6, from + 8)
  if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59) return Number.NaN
  if (text.charCodeAt(from + 2) !== 58 || text.charCodeAt(from + 5) !== 58) return Number.NaN // :
  const whole = ((hour * 60 + minute) * 60 + second) * 1_000_000
  if (text.charCodeAt(from + 8) !== 46) return whole // .
  const fraction = fractionMicros(text, from + 9, digitsEnd(text, from + 9))
  return fraction < 0 ? Number.NaN : whole + fraction
}

/** Where the time that {@link timeMicros} reads at `from` ends. */
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
