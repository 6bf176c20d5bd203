import { type Data, type Float, makeData, Precision } from 'apache-arrow'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Numbers. A `bigint`, or a number in a column of single precision, only where it is exact. */
export function buildFloat(type: Float, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const isSingle = type.precision === Precision.SINGLE
  const data = isSingle ? new Float32Array(length) : new Float64Array(length)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (typeof value === 'number') {
      if (!Number.isFinite(value) || (isSingle && Math.fround(value) !== value)) return undefined
      data[r] = value
    } else if (value === null || value === undefined) validity.setNull(r)
    else if (typeof value === 'bigint' && isExactFloat(value) && !isSingle) data[r] = Number(value)
    else return undefined
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}

/** True where a double holds this integer and no other. */
export function isExactFloat(value: bigint): boolean {
  const number = Number(value)
  return Number.isFinite(number) && BigInt(number) === value
}
