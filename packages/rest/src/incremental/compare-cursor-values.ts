/** A value that tells new rows from old. */
export type CursorValue = string | number | bigint

export function isCursorValue(value: unknown): value is CursorValue {
  return typeof value === 'string' || typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))
}

/** Whether two values can be compared: numbers with numbers, text with text. */
export function areComparable(a: CursorValue, b: CursorValue): boolean {
  return (typeof a === 'string') === (typeof b === 'string')
}

/**
 * Below 0 where `a` comes before `b`, above 0 where it comes after, 0 where they are the same.
 *
 * Two ISO 8601 timestamps are compared as instants, whatever offset and precision they are written with; a timestamp
 * without an offset is UTC. Other texts are compared as text.
 */
export function compareCursorValues(a: CursorValue, b: CursorValue): number {
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string' && !isSameNotation(a, b)) {
    const first = parseInstant(a)
    const second = first && parseInstant(b)
    if (first && second) {
      return first.seconds - second.seconds || compareText(first.fraction, second.fraction)
    }
  }
  // `<` between number and bigint is exact.
  return a < b ? -1 : a > b ? 1 : 0
}

/** Timestamps of one length in UTC sort as text. This is what almost every API sends. */
function isSameNotation(a: string, b: string): boolean {
  return a.length === b.length && a.endsWith('Z') && b.endsWith('Z')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const timestamp = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

interface Instant {
  readonly seconds: number
  /** Digits after the point, without zeros at the end, so that they compare as text. */
  readonly fraction: string
}

function parseInstant(text: string): Instant | undefined {
  const match = timestamp.exec(text)
  if (!match) return undefined
  const [, date, minutes = '00:00', seconds = '00', digits = '', zone = 'Z'] = match
  const [, sign = '+', hoursOff = '00', minutesOff = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  const ms = Date.parse(`${date}T${minutes}:${seconds}${`${sign}${hoursOff}:${minutesOff}`.replace('+00:00', 'Z')}`)
  return Number.isNaN(ms) ? undefined : { seconds: ms / 1000, fraction: digits.replace(/0+$/, '') }
}
