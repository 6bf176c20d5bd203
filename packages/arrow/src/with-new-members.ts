import { DataType, Field, List, Struct } from 'apache-arrow'
import { isColumnName } from './column-names.ts'
import { inferNested } from './infer-type.ts'
import { isPlainObject } from './kind.ts'
import { ownValue } from './own-value.ts'
import { withType } from './wider-type.ts'

/**
 * Most members that objects get after their first page. No API has objects of so many fields: their keys are data, such as ids,
 * and each page would bring new ones.
 */
export const mostMembers = 1_000

/**
 * The type with the members that objects among these values have beyond it, at its end; itself where they have none.
 *
 * A member whose values no one type holds is left out, and so are those beyond {@link mostMembers}: objects that have them are
 * then no values of the type.
 *
 * @param depth - Levels that the type lies inside of others, from 1.
 */
export function withNewMembers(type: DataType, values: readonly unknown[], depth = 1): DataType {
  if (DataType.isList(type)) {
    const item = type.children[0] as Field
    const wider = withNewMembers(
      item.type,
      values.flatMap((value) => (Array.isArray(value) ? value : [])),
      depth + 1,
    )
    return wider === item.type ? type : new List(withType(item, wider))
  }
  return DataType.isStruct(type) ? structWithNewMembers(type, values.filter(isPlainObject), depth) : type
}

function structWithNewMembers(
  type: Struct,
  objects: readonly Readonly<Record<string, unknown>>[],
  depth: number,
): DataType {
  const membersOf = (name: string): unknown[] => objects.map((object) => ownValue(object, name))
  const fields = type.children.map((field: Field) => {
    if (!DataType.isStruct(field.type) && !DataType.isList(field.type)) return field
    const wider = withNewMembers(field.type, membersOf(field.name), depth + 1)
    return wider === field.type ? field : withType(field, wider)
  })
  const names = new Set(objects.flatMap((object) => Object.keys(object)))
  // DuckDB, Spark and Delta take `id` and `ID` for one name.
  const folded = new Set(fields.map(({ name }) => name.toLowerCase()))
  for (const { name } of fields) names.delete(name)
  for (const name of names) {
    if (fields.length >= mostMembers) break
    if (folded.has(name.toLowerCase()) || !isColumnName(name)) continue
    const member = inferNested(membersOf(name), depth + 1)
    if (member === undefined) continue
    folded.add(name.toLowerCase())
    fields.push(new Field(name, member, true))
  }
  return fields.some((field, index) => field !== type.children[index]) ? new Struct(fields) : type
}
