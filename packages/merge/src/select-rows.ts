import { type Field, Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { type Constants, literalOf } from './constants.ts'
import { quoteIdentifier } from './quote.ts'
import { scan } from './scan.ts'

/**
 * The rows of Parquet files as a query for DuckDB, with exactly the columns of `schema`: those that a file lacks are null,
 * and others that it has are passed over.
 *
 * The first half has no rows. It is there for the names, the types and the order of the columns, which no file need have all.
 *
 * @param paths - As the DuckDB that runs it finds them: absolute paths.
 * @param constants - Columns that have one value in all rows, whatever the files hold.
 * @throws {MillraceError} `E_COLUMN_TYPE` for a type that DuckDB would not hold exactly.
 */
export function selectRows(paths: readonly string[], schema: Schema, constants: Constants = {}): string {
  const isFixed = ({ name }: Field): boolean => Object.hasOwn(constants, name)
  if (schema.fields.some(isFixed)) {
    const columns = schema.fields.map((field) =>
      isFixed(field) ? constant(field, constants) : quoteIdentifier(field.name),
    )
    const others = new Schema(schema.fields.filter((field) => !isFixed(field)))
    return `SELECT ${columns.join(', ')} FROM (${selectRows(paths, others)})`
  }
  const columns = schema.fields.map(
    ({ name, type }) => `CAST(NULL AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`,
  )
  const none = `SELECT ${columns.join(', ')} WHERE false`
  if (paths.length === 0) return none
  const names = schema.fields.map(({ name }) => quoteIdentifier(name))
  return `SELECT ${names.join(', ')} FROM (${none} UNION ALL BY NAME SELECT * FROM ${scan(paths)})`
}

function constant({ name, type }: Field, constants: Constants): string {
  return `CAST(${literalOf(constants[name])} AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`
}
