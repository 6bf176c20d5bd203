import { stat } from 'node:fs/promises'
import { DataType, type Schema } from 'apache-arrow'
import { quoteIdentifier } from './quote.ts'
import { columnsOf, scan } from './scan.ts'
import { type DuckDb, type SpillOptions, withDuckDb } from './with-duckdb.ts'

/** What a file holds, for readers that want to skip it. */
export interface FileStatistics {
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** Of the columns asked for; one that the file lacks is null in all of its rows. */
  readonly columns: ReadonlyMap<string, ColumnStatistics>
}

export type Bound = bigint | number | string | boolean

export interface ColumnStatistics {
  readonly nulls: number
  /**
   * Bounds of the values that are not null: bigint for int64, number for smaller integers and for floats, bigint of
   * microseconds since 1970 for timestamps, string for utf8, `2024-05-01` for dates, the digits for decimals, boolean for
   * bool. Missing for other types, and where there is no value.
   */
  readonly min?: Bound
  readonly max?: Bound
}

/** What to find out about a file, beside its rows and bytes. */
export interface StatisticsWanted {
  /** Names of the columns to look at. */
  readonly columns: readonly string[]
  /** Characters of text kept: longer bounds are cut, and the largest gets a character behind it that is above all others. */
  readonly textLength: number
}

export interface FileStatisticsOptions extends StatisticsWanted, SpillOptions {
  readonly schema: Schema
  /** A folder that need not exist yet. Removed at the end. */
  readonly spillFolder: string
}

/** U+10FFFF, as Spark has it: no text has it, since it is no character. */
const lastCharacter = 0x10ffff

/** Rows, nulls and bounds of Parquet files, from their values and not from their footers, which writers cut and omit. */
export async function fileStatistics(
  paths: readonly string[],
  options: FileStatisticsOptions,
): Promise<readonly FileStatistics[]> {
  if (paths.length === 0) return []
  return withDuckDb(options.spillFolder, options, (duckdb) => lookAt(duckdb, paths, options.schema, options))
}

/**
 * The statistics of files, in their order, by one query: asked for file by file, DuckDB keeps about 2 MB of memory a file.
 * A column that a file lacks is null in all of its rows.
 */
export async function lookAt(
  duckdb: DuckDb,
  paths: readonly string[],
  schema: Schema,
  { columns, textLength }: StatisticsWanted,
): Promise<readonly FileStatistics[]> {
  if (paths.length === 0) return []
  const wanted = new Set(columns)
  const present = wanted.size > 0 ? await columnsOf(duckdb, paths) : wanted
  const fields = schema.fields.filter(({ name }) => wanted.has(name))
  const there = fields.filter(({ name }) => present.has(name.toLowerCase()))
  const asked = there.flatMap(({ name, type }) => [
    `count(${quoteIdentifier(name)})`,
    ...bounds(quoteIdentifier(name), type, textLength),
  ])
  const found = await duckdb.rows(
    `SELECT ${['file_index', 'count(*)', ...asked].join(', ')} FROM ${scan(paths)} GROUP BY file_index`,
  )
  const valuesOf = new Map(found.map(([index, ...values]) => [Number(index), values]))
  return Promise.all(
    paths.map(async (path, index) => {
      // A file without rows is in no group.
      const values = valuesOf.get(index) ?? []
      const rows = Number(values[0] ?? 0)
      const statistics = there.map(({ name }, field): [string, ColumnStatistics] => {
        const [filled, min, max] = values.slice(1 + 3 * field, 4 + 3 * field)
        const nulls = rows - Number(filled ?? 0)
        return [name, { nulls, ...(isBound(min) ? { min } : {}), ...(isBound(max) ? { max } : {}) }]
      })
      const nowhere = fields.map(({ name }): [string, ColumnStatistics] => [name, { nulls: rows }])
      return { path, rows, bytes: (await stat(path)).size, columns: new Map([...nowhere, ...statistics]) }
    }),
  )
}

function bounds(column: string, type: DataType, textLength: number): readonly [string, string] {
  if (DataType.isInt(type) || DataType.isBool(type)) return [`min(${column})`, `max(${column})`]
  if (DataType.isTimestamp(type) && type.timezone) return [`epoch_us(min(${column}))`, `epoch_us(max(${column}))`]
  // NaN is the largest number to DuckDB and no number to JSON: where it is the bound, there is none.
  if (DataType.isFloat(type)) return [`min(${column})`, `max(${column})`]
  if (DataType.isDate(type) || DataType.isDecimal(type)) {
    return [`CAST(min(${column}) AS VARCHAR)`, `CAST(max(${column}) AS VARCHAR)`]
  }
  if (DataType.isUtf8(type)) {
    const [min, max] = [`min(${column})`, `max(${column})`]
    // Only what begins with the last character of all would be larger than the bound that ends with it.
    const cut = `CASE WHEN substr(${max}, ${textLength + 1}, 1) < chr(${lastCharacter}) THEN left(${max}, ${textLength}) || chr(${lastCharacter}) END`
    return [`left(${min}, ${textLength})`, `CASE WHEN length(${max}) <= ${textLength} THEN ${max} ELSE ${cut} END`]
  }
  return ['NULL', 'NULL']
}

function isBound(value: unknown): value is Bound {
  return ['bigint', 'string', 'boolean'].includes(typeof value) || Number.isFinite(value)
}
