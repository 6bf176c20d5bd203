import { type Bool, type Data, makeData } from 'apache-arrow'
import { type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Booleans, one bit each. */
export function buildBool(type: Bool, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const data = new Uint8Array((length + 7) >> 3)
  const validity = new Validity(length)
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === true) data[r >> 3] = (data[r >> 3] as number) | (1 << (r & 7))
    else if (value === null || value === undefined) validity.setNull(r)
    else if (value !== false) return undefined
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, data, nullCount, nullBitmap })
}
