import { parseTimestamp } from './timestamp.ts'

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
    const first = parseTimestamp(a)
    const second = first && parseTimestamp(b)
    if (first && second) {
      return first.seconds - second.seconds || compareText(significant(first.fraction), significant(second.fraction))
    }
  }
  // `<` between number and bigint is exact.
  return a < b ? -1 : a > b ? 1 : 0
}

/** Text that is no time. In the body of an answer that is a token of the API's own, which has no order. */
export function isToken(value: CursorValue): boolean {
  return typeof value === 'string' && parseTimestamp(value) === undefined
}

/** Timestamps of one length in UTC sort as text. This is what almost every API sends. */
function isSameNotation(a: string, b: string): boolean {
  return a.length === b.length && a.endsWith('Z') && b.endsWith('Z')
}

/** Digits after the point without zeros at the end, so that they compare as text. */
function significant(fraction: string): string {
  return fraction.replace(/0+$/, '')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
