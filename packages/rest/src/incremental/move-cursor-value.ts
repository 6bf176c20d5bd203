import { MillraceError } from '@millrace/core'
import type { CursorValue } from './compare-cursor-values.ts'
import { formatTimestamp, parseTimestamp, type Timestamp } from './timestamp.ts'

const secondsPerDay = 86_400

/**
 * A value moved by seconds where it is a timestamp, by days where it is a date, by units where it is a number.
 *
 * Text keeps its notation: offset, `T` or space, and its precision, which only grows where the amount has a part of a
 * second that could not be said otherwise. Days, and units of integers beyond 2^53, are whole: parts are rounded away from
 * zero.
 *
 * @param what - The key that asks for it, for the message.
 * @throws {MillraceError} `E_CURSOR_TYPE` for text that is neither date nor timestamp.
 */
export function moveCursorValue(value: CursorValue, amount: number, what: 'lag' | 'step'): CursorValue {
  if (typeof value === 'bigint') return value + BigInt(awayFromZero(amount))
  if (typeof value === 'number') {
    const sum = value + amount
    const isExact = !Number.isInteger(sum) || Number.isSafeInteger(sum) || !Number.isSafeInteger(value)
    return isExact ? sum : BigInt(value) + BigInt(awayFromZero(amount))
  }
  const from = parseTimestamp(value)
  const moved = from && formatTimestamp(from.notation.isDate ? moveDate(from, amount) : moveTimestamp(from, amount))
  if (moved === undefined) throw cannotMove(value, what)
  return moved
}

function moveDate(from: Timestamp, days: number): Timestamp {
  return { ...from, seconds: from.seconds + awayFromZero(days) * secondsPerDay }
}

/** Digit by digit, because a `number` of seconds since 1970 has no room for nanoseconds. */
function moveTimestamp(from: Timestamp, seconds: number): Timestamp {
  const [whole = '0', part = ''] = Math.abs(seconds)
    .toFixed(9)
    .replace(/\.?0+$/, '')
    .split('.')
  const digits = Math.max(from.fraction.length, part.length)
  const scale = 10n ** BigInt(digits)
  const scaled = (units: string | number, fraction: string) =>
    BigInt(units) * scale + BigInt(fraction.padEnd(digits, '0') || '0')
  const amount = scaled(whole, part)
  const total = scaled(from.seconds, from.fraction) + (seconds < 0 ? -amount : amount)
  const rest = ((total % scale) + scale) % scale
  return {
    ...from,
    seconds: Number((total - rest) / scale),
    fraction: digits === 0 ? '' : `${rest}`.padStart(digits, '0'),
  }
}

function awayFromZero(amount: number): number {
  return amount < 0 ? Math.floor(amount) : Math.ceil(amount)
}

function cannotMove(value: string, what: string): MillraceError {
  return new MillraceError(
    'E_CURSOR_TYPE',
    `${what} needs numbers, dates such as 2026-01-31, or timestamps such as 2026-01-31T12:00:00Z, and the value is the text ${JSON.stringify(value)}; remove ${what}, or choose another cursor_path`,
    { context: { [what]: value } },
  )
}
