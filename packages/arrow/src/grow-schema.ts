import { MillraceError } from '@millrace/core'
import { type Field, Schema } from 'apache-arrow'
import { widerType, withType } from './wider-type.ts'

/**
 * The columns of both, those of `schema` first. A column never changes its type, but that objects in it may get members:
 * values of another type are in a column of their own. Whether it may be null stays as it was, too.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT` where a column is of another type in each, and where a new one may not be null:
 * the rows before have none.
 */
export function growSchema(schema: Schema | undefined, other: Schema): Schema {
  if (!schema || schema === other) return other
  const others = new Map(other.fields.map((field) => [field.name, field]))
  const fields = schema.fields.map((field) => {
    const counterpart = others.get(field.name)
    others.delete(field.name)
    return counterpart ? wider(field, counterpart) : field
  })
  for (const { name, nullable } of others.values()) {
    if (nullable || schema.fields.length === 0) continue
    throw new MillraceError(
      'E_SCHEMA_CONFLICT',
      `column "${name}" may not be null, and the rows before are without it; let it be nullable, or start a new table`,
      { context: { column: name } },
    )
  }
  const isSame = others.size === 0 && fields.every((field, index) => field === schema.fields[index])
  return isSame ? schema : new Schema([...fields, ...others.values()], schema.metadata)
}

function wider(field: Field, { type }: Field): Field {
  const both = widerType(field.type, type)
  if (both) return both === field.type ? field : withType(field, both)
  throw new MillraceError(
    'E_SCHEMA_CONFLICT',
    `column "${field.name}" is of type ${field.type} in the rows before and of type ${type} in the new ones; convert one of them, or keep them apart`,
    { context: { column: field.name } },
  )
}
