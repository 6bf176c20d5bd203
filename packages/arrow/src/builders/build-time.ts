import { type Data, makeData, type Time } from 'apache-arrow'
import { timeEnd, timeMicros } from '../time-of-day.ts'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Times of day in microseconds: `HH:MM:SS`, with up to six digits after it, and no offset. */
export function buildTime(type: Time, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const data = new BigInt64Array(length)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === null || value === undefined) {
      validity.setNull(r)
      continue
    }
    const isTime = typeof value === 'string' && timeEnd(value, 0) === value.length
    const micros = isTime ? timeMicros(value, 0, value.length) : Number.NaN
    if (Number.isNaN(micros)) return undefined
    data[r] = BigInt(micros)
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}
