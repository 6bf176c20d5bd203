import { MillraceError } from '@millrace/core'
import { DataType, type Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { quoteIdentifier } from './quote.ts'
import { scan } from './scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** A file can hold this many rows before their ordinals meet those of the next one: 2^40. */
const rowsPerFile = 1_099_511_627_776n

/**
 * The order of arrival of every row, as SQL over a {@link scan}: files in the order given, rows in the order of their
 * file. Spelled out, because DuckDB keeps the order of a scan through some operators and not through others.
 */
const ordinal = `(CAST(file_index AS BIGINT) * ${rowsPerFile} + file_row_number)`

/** A key column: its name in the files, `k0`, `k1` … in the temporary table, and its DuckDB type. */
export interface KeyColumn {
  readonly name: string
  readonly alias: string
  readonly type: string
}

/** @throws {MillraceError} `E_KEY_MISSING` where the schema lacks a key column, `E_KEY_TYPE` for a struct or list. */
export function keyColumns(schema: Schema, primaryKey: readonly string[]): readonly KeyColumn[] {
  if (primaryKey.length === 0) throw new RangeError('a merge needs at least one primary key column, got none')
  return primaryKey.map((name, index) => {
    const field = schema.fields.find((each) => each.name === name)
    if (!field) {
      throw new MillraceError(
        'E_KEY_MISSING',
        `no row has a value in its primary key "${name}": there is no such column`,
        {
          context: { column: name, row: 0 },
        },
      )
    }
    if (DataType.isStruct(field.type) || DataType.isList(field.type)) {
      throw new MillraceError(
        'E_KEY_TYPE',
        `primary key "${name}" is of type ${field.type}; a key has to be a single value, choose another column`,
        { context: { column: name } },
      )
    }
    return { name, alias: `k${index}`, type: columnType(field.type, name) }
  })
}

/** `file.key = last.key` for all columns of the key. */
export function sameKey(keys: readonly KeyColumn[], file: string, last: string): string {
  return keys
    .map(({ name, alias, type }) => `CAST(${file}.${quoteIdentifier(name)} AS ${type}) = ${last}.${alias}`)
    .join(' AND ')
}

export interface Arrivals {
  readonly rows: number
  readonly keys: number
}

/**
 * Makes the temporary table `last`: for each key of the files, where it arrived last. DuckDB spills it where it outgrows
 * the memory limit.
 *
 * @throws {MillraceError} `E_KEY_MISSING` with file and row, from 0.
 */
export async function createLastArrivals(
  duckdb: DuckDb,
  paths: readonly string[],
  keys: readonly KeyColumn[],
): Promise<Arrivals> {
  const aliases = keys.map(({ alias }) => alias).join(', ')
  const values = keys.map(({ name, alias, type }) => `CAST(${quoteIdentifier(name)} AS ${type}) AS ${alias}`).join(', ')
  await duckdb.run(
    `CREATE TEMP TABLE last AS SELECT ${aliases}, max(ordinal) AS ordinal, count(*) AS arrivals
     FROM (SELECT ${values}, ${ordinal} AS ordinal FROM ${scan(paths)}) GROUP BY ${aliases}`,
  )
  const missing = keys.map(({ alias }) => `${alias} IS NULL`).join(' OR ')
  const [counts] = await duckdb.rows(
    `SELECT CAST(coalesce(sum(arrivals), 0) AS BIGINT), count(*), min(ordinal) FILTER (${missing}) FROM last`,
  )
  const [rows = 0n, distinct = 0n, keyless] = (counts ?? []) as readonly (bigint | null)[]
  if (typeof keyless === 'bigint') {
    const row = Number(keyless % rowsPerFile)
    const path = paths[Number(keyless / rowsPerFile)] ?? ''
    throw new MillraceError(
      'E_KEY_MISSING',
      `row ${row} of ${path} has null in its primary key (${keys.map(({ name }) => name).join(', ')}); a merge needs the whole key in every row`,
      { context: { path, row } },
    )
  }
  return { rows: Number(rows), keys: Number(distinct) }
}

/** The rows of the files that a later one replaces, as a query for their `file` and `row`. */
export function earlierArrivals(paths: readonly string[]): string {
  return `SELECT file_index AS file, file_row_number AS row FROM ${scan(paths)}
          WHERE ${ordinal} NOT IN (SELECT ordinal FROM last)`
}
