import { type Data, type Field, type List, makeData } from 'apache-arrow'
import { type Build, type Cells, cellAt } from './cells.ts'
import { Validity } from './validity.ts'

/** Lists whose elements all fit. */
export function buildList(type: List, { rows, key }: Cells, build: Build): Data | undefined {
  const { length } = rows
  const valueOffsets = new Int32Array(length + 1)
  const validity = new Validity(length)
  const elements: unknown[] = []
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) elements.push(value[i])
    else if (value === null || value === undefined) validity.setNull(r)
    else return undefined
    valueOffsets[r + 1] = elements.length
  }
  const item = type.children[0] as Field
  const child = build(item.type, { rows: elements, key: undefined })
  if (child === undefined || (!item.nullable && child.nullCount > 0)) return undefined
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, valueOffsets, child, nullCount, nullBitmap })
}
