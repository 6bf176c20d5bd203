import { type Data, makeData, type Timestamp } from 'apache-arrow'
import { type Instant, parseLocalTimestamp, parseTimestamp } from '../timestamp.ts'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Instants in microseconds: RFC 3339 texts with an offset, or, for a column without a zone, those without one. */
export function buildTimestamp(type: Timestamp, { rows, key }: Cells): Data | undefined {
  const parse = type.timezone ? parseTimestamp : parseLocalTimestamp
  const { length } = rows
  const data = new BigInt64Array(length)
  const words = new Uint32Array(data.buffer)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (typeof value === 'string') {
      const instant = parse(value)
      if (instant === undefined) return undefined
      writeMicros(words, 2 * r, instant)
    } else if (value === null || value === undefined) validity.setNull(r)
    else return undefined
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}

/**
 * days × 86 400 000 000 + micros as two words, without a BigInt per value.
 *
 * A day is 20 × 2^32 + 500 654 080 microseconds, so the low parts of all days come to less than 2^51, which a double holds.
 */
function writeMicros(words: Uint32Array, at: number, { days, micros }: Instant): void {
  const low = days * 500_654_080 + micros
  const carry = Math.floor(low / 4_294_967_296)
  words[at] = low - carry * 4_294_967_296
  words[at + 1] = days * 20 + carry
}
