import type { Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { quoteIdentifier } from './quote.ts'
import { scan } from './scan.ts'

/**
 * The rows of Parquet files as a query for DuckDB, with exactly the columns of `schema`: those that a file lacks are null.
 *
 * The first half has no rows. It is there for the names, the types and the order of the columns, which no file need have all.
 *
 * @param paths - As the DuckDB that runs it finds them: absolute paths.
 * @throws {MillraceError} `E_COLUMN_TYPE` for a type that DuckDB would not hold exactly.
 */
export function selectRows(paths: readonly string[], schema: Schema): string {
  const columns = schema.fields.map(
    ({ name, type }) => `CAST(NULL AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`,
  )
  const none = `SELECT ${columns.join(', ')} WHERE false`
  return paths.length === 0 ? none : `${none} UNION ALL BY NAME SELECT * FROM ${scan(paths)}`
}
