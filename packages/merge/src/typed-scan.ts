import type { Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { type Constants, constantsByFile } from './constants.ts'
import { quoteIdentifier } from './quote.ts'
import { columnsOf, scan } from './scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** A file can hold this many rows before their ordinals meet those of the next one: 2^40. */
export const rowsPerFile = 1_099_511_627_776n

/** A Parquet file to read. */
export interface ScannedFile {
  readonly path: string
  /** Values that stand for what the file holds. All files of a scan have the same columns here. */
  readonly constants?: Constants
}

/**
 * The rows of Parquet files as a SQL relation: the columns of a schema as `c0`, `c1` …, of its types, null where a file has
 * none. With them come `file` (the place of a file in `files`), `row` (its number in it), and `ordinal`, the order of arrival:
 * spelled out, because DuckDB keeps the order of a scan through some operators and not through others.
 *
 * Only columns that are asked for are read. Of no files there are no rows.
 */
export async function typedScan(duckdb: DuckDb, files: readonly ScannedFile[], schema: Schema): Promise<string> {
  if (files.length === 0) return emptyScan(schema)
  const paths = files.map(({ path }) => path)
  const present = await columnsOf(duckdb, paths)
  const constants = constantsByFile(files)
  const columns = schema.fields.map(({ name, type }, index) => {
    const value = constants.get(name) ?? (present.has(name.toLowerCase()) ? quoteIdentifier(name) : 'NULL')
    return `CAST(${value} AS ${columnType(type, name)}) AS c${index}`
  })
  const ordinal = `CAST(file_index AS BIGINT) * ${rowsPerFile} + file_row_number AS ordinal`
  const place = ['file_index AS file', 'file_row_number AS row', ordinal]
  return `(SELECT ${[...place, ...columns].join(', ')} FROM ${scan(paths)})`
}

/** What a column is called in a {@link typedScan}; undefined where there is none. */
export function aliasOf(schema: Schema, name: string): string | undefined {
  const index = schema.fields.findIndex((field) => field.name === name)
  return index < 0 ? undefined : `c${index}`
}

function emptyScan(schema: Schema): string {
  const columns = schema.fields.map(({ name, type }, index) => `CAST(NULL AS ${columnType(type, name)}) AS c${index}`)
  const place = ['file', 'row', 'ordinal'].map((name) => `CAST(NULL AS BIGINT) AS ${name}`)
  return `(SELECT ${[...place, ...columns].join(', ')} WHERE false)`
}
