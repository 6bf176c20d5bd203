import { type Data, makeData, type Struct } from 'apache-arrow'
import { isPlainObject } from '../kind.ts'
import { type Build, type Cells, cellAt, cellsOf } from './cells.ts'
import { Validity } from './validity.ts'

/** Objects whose members each fit their field, and that have no others but nulls. */
export function buildStruct(type: Struct, { rows, key }: Cells, build: Build): Data | undefined {
  const { length } = rows
  const validity = new Validity(length)
  const objects = new Array<unknown>(length)
  const names = new Set(type.children.map((field) => field.name))
  let before: readonly string[] = []
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    objects[r] = value
    if (value === null || value === undefined) {
      validity.setNull(r)
      continue
    }
    if (!isPlainObject(value)) return undefined
    // Objects of an API mostly have the same keys.
    const keys = Object.keys(value)
    if (keys.length === before.length && keys.every((each, i) => each === before[i])) continue
    for (const each of keys) {
      if (!names.has(each) && value[each] !== null && value[each] !== undefined) return undefined
    }
    before = keys.every((each) => names.has(each)) ? keys : []
  }
  const children: Data[] = []
  for (const field of type.children) {
    const child = build(field.type, cellsOf(objects, field.name))
    if (child === undefined) return undefined
    // A member is null wherever its object is, and where it must not be null, nowhere else.
    if (!field.nullable && child.nullCount > validity.nullCount) return undefined
    children.push(child)
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, children, nullCount, nullBitmap })
}
