import { type Data, DataType, type Field, util } from 'apache-arrow'
import { nullData } from './null-data.ts'

/**
 * A column as a type has it that is the same or wider: members that its objects lack are null. Undefined where it is of
 * another type, has members beyond it, or nulls inside where it allows none.
 *
 * What the item of a list is called, and which members may be null, is the type's to say: each writer of Parquet has a name
 * of its own for an item, and some let all members be null.
 */
export function widenData(data: Data, type: DataType): Data | undefined {
  if (isSameType(type, data.type)) return data
  if (DataType.isList(type) && DataType.isList(data.type)) {
    const item = widenMember(data, data.children[0], type.children[0] as Field)
    return item && retyped(data, type, [item])
  }
  if (!DataType.isStruct(type) || !DataType.isStruct(data.type)) return undefined
  const places = new Map(data.type.children.map(({ name }, index) => [name, index]))
  const children: Data[] = []
  for (const field of type.children) {
    const place = places.get(field.name)
    places.delete(field.name)
    const child = widenMember(data, place === undefined ? undefined : data.children[place], field)
    if (child === undefined) return undefined
    children.push(child)
  }
  return places.size > 0 ? undefined : retyped(data, type, children)
}

function widenMember(parent: Data, data: Data | undefined, field: Field): Data | undefined {
  if (data === undefined) {
    const length = parent.children[0]?.length ?? parent.length
    return field.nullable ? nullData(field.type, length) : undefined
  }
  // A member is null wherever its object is, and where it must not be null, nowhere else.
  const allowed = field.nullable ? data.length : DataType.isStruct(parent.type) ? parent.nullCount : 0
  return data.nullCount > allowed ? undefined : widenData(data, field.type)
}

function retyped(data: Data, type: DataType, children: Data[]): Data {
  return data.clone(type, data.offset, data.length, data.nullCount, data.buffers, children)
}

/** The library's comparison overlooks the scale of a decimal, which the type's name shows. */
function isSameType(one: DataType, other: DataType): boolean {
  return util.compareTypes(one, other) && String(one) === String(other)
}
