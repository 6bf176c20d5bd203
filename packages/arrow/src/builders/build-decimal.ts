import { type Data, type Decimal, makeData } from 'apache-arrow'
import { parseDecimal } from '../decimal.ts'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Decimals of 128 bits: numbers, integers of any size and texts of digits, where no digit is lost. */
export function buildDecimal(type: Decimal, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const { precision, scale } = type
  const data = new BigUint64Array(length * 2)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === null || value === undefined) {
      validity.setNull(r)
      continue
    }
    const scaled = parseDecimal(value, precision, scale)
    if (scaled === undefined) return undefined
    // Two's complement, low half first; the array keeps the low 64 bits of what it is given.
    data[2 * r] = scaled
    data[2 * r + 1] = scaled >> 64n
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data: new Uint32Array(data.buffer), nullCount, nullBitmap })
}
