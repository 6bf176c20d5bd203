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
  /** Columns of the file, of those asked for. */
  readonly columns: ReadonlyMap<string, ColumnStatistics>
}

export interface ColumnStatistics {
  readonly nulls: number
  /**
   * Bounds of the values that are not null: bigint for int64, number for smaller integers and for floats, bigint of
   * microseconds since 1970 for timestamps, string for utf8, `2024-05-01` for dates, the digits for decimals. Missing for
   * other types, and where there is no value.
   */
  readonly min?: bigint | number | string
  readonly max?: bigint | number | string
}

/** What to find out about a file, beside its rows and bytes. */
export interface StatisticsWanted {
  /** Names of the columns to look at. */
  readonly columns: readonly string[]
  /** Characters of text kept: a longer smallest value is cut, a longer largest one left out. */
  readonly textLength: number
}

export interface FileStatisticsOptions extends StatisticsWanted, SpillOptions {
  readonly schema: Schema
  /** A folder that need not exist yet. Removed at the end. */
  readonly spillFolder: string
}

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
  const fields = schema.fields.filter(({ name }) => wanted.has(name) && present.has(name.toLowerCase()))
  const asked = fields.flatMap(({ name, type }) => [
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
      const statistics = fields.map(({ name }, field): [string, ColumnStatistics] => {
        const [filled, min, max] = values.slice(1 + 3 * field, 4 + 3 * field)
        const nulls = rows - Number(filled ?? 0)
        return [name, { nulls, ...(isBound(min) ? { min } : {}), ...(isBound(max) ? { max } : {}) }]
      })
      return { path, rows, bytes: (await stat(path)).size, columns: new Map(statistics) }
    }),
  )
}

function bounds(column: string, type: DataType, textLength: number): readonly [string, string] {
  if (DataType.isInt(type)) return [`min(${column})`, `max(${column})`]
  if (DataType.isTimestamp(type) && type.timezone) return [`epoch_us(min(${column}))`, `epoch_us(max(${column}))`]
  // NaN is the largest number to DuckDB and no number to JSON: where it is the bound, there is none.
  if (DataType.isFloat(type)) return [`min(${column})`, `max(${column})`]
  if (DataType.isDate(type) || DataType.isDecimal(type)) {
    return [`CAST(min(${column}) AS VARCHAR)`, `CAST(max(${column}) AS VARCHAR)`]
  }
  if (DataType.isUtf8(type)) {
    const [min, max] = [`min(${column})`, `max(${column})`]
    return [`left(${min}, ${textLength})`, `CASE WHEN length(${max}) <= ${textLength} THEN ${max} END`]
  }
  return ['NULL', 'NULL']
}

function isBound(value: unknown): value is bigint | number | string {
  return typeof value === 'bigint' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}
