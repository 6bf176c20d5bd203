import { DataType, type Struct, type Vector } from 'apache-arrow'

/** A value of an action as Arrow's builders take it, with what a checkpoint has a place for. */
export function toColumnValue(value: unknown, type: DataType): unknown {
  if (value === undefined || value === null) return null
  if (DataType.isStruct(type)) {
    return Object.fromEntries(
      type.children.map(({ name, type: inside }) => [name, toColumnValue(Reflect.get(Object(value), name), inside)]),
    )
  }
  if (DataType.isMap(type)) return new Map(Object.entries(Object(value)))
  if (!DataType.isInt(type)) return value
  const whole = Math.trunc(Number(value))
  return type.bitWidth === 64 ? BigInt(whole) : whole
}

/**
 * How to get the values of a column of a checkpoint, of whatever writer: objects for structs and maps, numbers for
 * integers, undefined for nulls.
 */
export function columnReader(vector: Vector): (row: number) => unknown {
  const { type } = vector
  const read = DataType.isStruct(type) ? structReader(vector, type) : (row: number) => plainValue(vector.get(row), type)
  return (row) => (vector.isValid(row) ? read(row) : undefined)
}

function plainValue(value: unknown, type: DataType): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (DataType.isMap(type)) return Object.fromEntries(value as Iterable<[string, unknown]>)
  return DataType.isList(type) ? [...(value as Iterable<unknown>)] : value
}

/** Statistics come a second time as columns, of any types: the text is enough. */
function structReader(vector: Vector, type: Struct): (row: number) => unknown {
  const members = type.children.flatMap(({ name }): [string, (row: number) => unknown][] => {
    const child = name.endsWith('_parsed') ? null : vector.getChild(name)
    return child ? [[name, columnReader(child)]] : []
  })
  return (row) => {
    const found: Record<string, unknown> = {}
    for (const [name, read] of members) {
      const value = read(row)
      if (value !== undefined) found[name] = value
    }
    return found
  }
}
