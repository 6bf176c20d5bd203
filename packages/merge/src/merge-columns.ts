import { growSchema } from '@millrace/arrow'
import { Field, Schema, TimestampMicrosecond } from 'apache-arrow'
import { deletedAtColumn, type MergeRules } from './merge-rules.ts'

/** Names of the columns that a merge fills by itself. */
export function ownColumns({ versions, deletedRows }: MergeRules): readonly string[] {
  if (versions) return [versions.validFrom, versions.validTo]
  return deletedRows === 'mark' ? [deletedAtColumn] : []
}

/**
 * The columns of a table, with those that merging its rows adds.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT` where there is such a column of another type.
 */
export function withMergeColumns(schema: Schema, rules: MergeRules): Schema {
  const fields = ownColumns(rules).map((name) => new Field(name, new TimestampMicrosecond('UTC'), true))
  return fields.length > 0 ? growSchema(schema, new Schema(fields)) : schema
}
