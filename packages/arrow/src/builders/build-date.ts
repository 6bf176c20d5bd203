import { type Data, type Date_, makeData } from 'apache-arrow'
import { dateDays } from '../calendar.ts'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Days of the calendar: `YYYY-MM-DD` and no more. */
export function buildDate(type: Date_, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const data = new Int32Array(length)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === null || value === undefined) {
      validity.setNull(r)
      continue
    }
    const days = typeof value === 'string' && value.length === 10 ? dateDays(value) : Number.NaN
    if (Number.isNaN(days)) return undefined
    data[r] = days
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}
