import { MillraceError } from '@millrace/core'
import { Schema } from 'apache-arrow'

/**
 * The columns of both, those of `schema` first. A column never changes its type: values of another type are in a column
 * of their own. Whether it may be null stays as it was, too.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT` where a column is of another type in each, and where a new one may not be null:
 * the rows before have none.
 */
export function growSchema(schema: Schema | undefined, other: Schema): Schema {
  if (!schema || schema === other) return other
  const known = new Map(schema.fields.map((field) => [field.name, field]))
  const added = other.fields.filter(({ name, type, nullable }) => {
    const field = known.get(name)
    if (!field) {
      if (nullable || schema.fields.length === 0) return true
      throw new MillraceError(
        'E_SCHEMA_CONFLICT',
        `column "${name}" may not be null, and the rows before are without it; let it be nullable, or start a new table`,
        { context: { column: name } },
      )
    }
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
