import { type Data, type Int, makeData } from 'apache-arrow'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Whole numbers of 64 bits: every safe integer, and every `bigint` within int64. `-0` does not fit: its sign would go. */
export function buildInt64(type: Int, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const data = new BigInt64Array(length)
  // Two words per value: making a BigInt of every number took four times as long. Arrow is little-endian everywhere.
  const words = new Int32Array(data.buffer)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (typeof value === 'number') {
      const low = value | 0
      words[2 * r] = low
      // Most whole numbers have 32 bits, and zero is the one of them that may be another: `-0`.
      if (low === value && low !== 0) words[2 * r + 1] = low >> 31
      else if (isWhole(value)) words[2 * r + 1] = Math.floor(value / 4_294_967_296)
      else return undefined
    } else if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) return undefined
      data[r] = value
    } else if (value === null || value === undefined) validity.setNull(r)
    else return undefined
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}

const arrays = { 8: Int8Array, 16: Int16Array, 32: Int32Array } as const

/** Whole numbers of fewer bits, as a table that others made may have them. */
export function buildNarrowInt(type: Int, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const data = new arrays[type.bitWidth as keyof typeof arrays](length)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === null || value === undefined) {
      validity.setNull(r)
      continue
    }
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !isWhole(number)) return undefined
    data[r] = number
    // What the array holds is what was meant only where the number is within its range.
    if (data[r] !== number) return undefined
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && (value !== 0 || !Object.is(value, -0))
}
