import { DataType, Field, List, Struct } from 'apache-arrow'

/**
 * The type that holds the values of both: objects with the members of either, those of `type` first. `type` itself where it
 * holds them all; undefined where no type does.
 *
 * A member never changes its type, and one that is not in both may be null.
 */
export function widerType(type: DataType, other: DataType): DataType | undefined {
  // As text: a type read back from IPC is of another class than the same type made by hand.
  if (String(type) === String(other)) return type
  if (DataType.isList(type) && DataType.isList(other)) {
    const item = type.children[0] as Field
    const wider = widerType(item.type, (other.children[0] as Field).type)
    return wider && (wider === item.type ? type : new List(withType(item, wider)))
  }
  return DataType.isStruct(type) && DataType.isStruct(other) ? widerStruct(type, other) : undefined
}

function widerStruct(type: Struct, other: Struct): DataType | undefined {
  const others = new Map(other.children.map((field) => [field.name, field]))
  const fields: Field[] = []
  for (const field of type.children) {
    const counterpart = others.get(field.name)
    others.delete(field.name)
    const wider = counterpart ? widerType(field.type, counterpart.type) : field.nullable ? field.type : undefined
    if (wider === undefined) return undefined
    fields.push(wider === field.type ? field : withType(field, wider))
  }
  if (others.size === 0 && fields.every((field, index) => field === type.children[index])) return type
  const folded = new Set(fields.map(({ name }) => name.toLowerCase()))
  for (const field of others.values()) {
    // DuckDB, Spark and Delta take `id` and `ID` for one name.
    if (folded.has(field.name.toLowerCase())) return undefined
    folded.add(field.name.toLowerCase())
    fields.push(new Field(field.name, field.type, true, field.metadata))
  }
  return new Struct(fields)
}

/** The field with another type. */
export function withType({ name, nullable, metadata }: Field, type: DataType): Field {
  return new Field(name, type, nullable, metadata)
}

/** The members that a wider type has and the type has not, named by their path: `user.email`, `items[].size`. */
export function newMembers(path: string, type: DataType, wider: DataType): Field[] {
  if (DataType.isList(type) && DataType.isList(wider)) return newMembers(`${path}[]`, type.valueType, wider.valueType)
  if (!DataType.isStruct(type) || !DataType.isStruct(wider)) return []
  return wider.children.flatMap((field) => {
    const inner = `${path}.${field.name}`
    const before = type.children.find(({ name }) => name === field.name)
    return before ? newMembers(inner, before.type, field.type) : [new Field(inner, field.type, true)]
  })
}
