import { MillraceError } from '@millrace/core'
import { Schema } from 'apache-arrow'

/**
 * The columns of both, those of `schema` first. A column never changes its type: values of another type are in a column
 * of their own.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT` where a column is of another type in each.
 */
export function growSchema(schema: Schema | undefined, other: Schema): Schema {
  if (!schema || schema === other) return other
  const known = new Map(schema.fields.map((field) => [field.name, field]))
  const added = other.fields.filter(({ name, type }) => {
    const field = known.get(name)
    if (!field) return true
    // As text: a type read back from IPC is of another class than the same type made by hand.
    if (String(field.type) === String(type)) return false
    throw new MillraceError(
      'E_SCHEMA_CONFLICT',
      `column "${name}" is of type ${field.type} in the rows before and of type ${type} in the new ones; convert one of them, or keep them apart`,
      { context: { column: name } },
    )
  })
  return added.length === 0 ? schema : new Schema([...schema.fields, ...added], schema.metadata)
}
