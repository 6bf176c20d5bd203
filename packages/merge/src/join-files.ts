import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { type Constants, literalOf } from './constants.ts'
import { type FileStatistics, lookAt, type StatisticsWanted } from './file-statistics.ts'
import { quoteIdentifier, quotePath, quoteText } from './quote.ts'
import { columnsOf, scan } from './scan.ts'
import { type DuckDb, type SpillOptions, withDuckDb } from './with-duckdb.ts'

export interface JoinFilesOptions extends SpillOptions {
  /** Columns and types of every file that is written. */
  readonly schema: Schema
  /** Parquet files, in the order that their rows are to have. */
  readonly paths: readonly string[]
  /** Columns that have one value in all rows, whatever the files hold. */
  readonly constants?: Constants
  /** Sorts all rows by these columns. Default: they keep their order. */
  readonly sortBy?: readonly string[]
  /** Bytes after which the next file begins, at the end of a row group. Default: one file. */
  readonly fileBytes?: number
  /** Where the files are written: a folder that need not exist yet. They are not synced. */
  readonly folder: string
  /** A folder that need not exist yet, on a disk with room. Removed at the end. */
  readonly spillFolder: string
  readonly statistics: StatisticsWanted
}

/**
 * Writes the rows of some Parquet files into fewer ones, or sorted ones. The files read stay as they are.
 *
 * Memory: `memoryLimit` (default 1 GB), whatever the sizes: a sort spills to `spillFolder`.
 *
 * @returns The files written, in order.
 * @throws {MillraceError} `E_COLUMN_TYPE`, `E_STORAGE`, `E_MEMORY_LIMIT`, `E_DUCKDB`, also where a row is lost on the way.
 */
export async function joinFiles(options: JoinFilesOptions): Promise<readonly FileStatistics[]> {
  const { schema, paths, constants = {}, sortBy = [], fileBytes, folder, spillFolder, statistics } = options
  if (paths.length === 0) return []
  await mkdir(folder, { recursive: true })
  return withDuckDb(spillFolder, options, async (duckdb) => {
    // On several threads DuckDB writes row groups of a file as they come, and not in order.
    await duckdb.run('SET threads = 1')
    const order = sortBy.length === 0 ? '' : `ORDER BY ${sortBy.map(quoteIdentifier).join(', ')}`
    const to = fileBytes === undefined ? join(folder, 'data_0.parquet') : folder
    const split = fileBytes === undefined ? 'USE_TMP_FILE false' : `FILE_SIZE_BYTES ${fileBytes}`
    const [copied] = await duckdb.rows(
      `COPY (SELECT * FROM (${await allRows(duckdb, paths, schema, constants)}) ${order})
       TO ${quoteText(to)} (FORMAT parquet, COMPRESSION zstd, ${split})`,
    )
    const names = (await readdir(folder)).sort(byNumber)
    const written = await lookAt(
      duckdb,
      names.map((name) => join(folder, name)),
      schema,
      statistics,
    )
    const rows = written.reduce((sum, file) => sum + file.rows, 0)
    const [counted] = await duckdb.rows(`SELECT count(*) FROM ${scan(paths)}`)
    if (rows === Number(counted?.[0]) && rows === Number(copied?.[0])) return written
    throw new MillraceError('E_DUCKDB', `DuckDB wrote ${rows} of the ${counted?.[0]} rows of ${paths.join(', ')}`)
  })
}

/** `data_2` before `data_10`. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

/**
 * All rows with all columns of the schema. Files of the same columns are scanned together; others apart, so that each is
 * converted from the types it has.
 */
async function allRows(
  duckdb: DuckDb,
  paths: readonly string[],
  schema: Schema,
  constants: Constants,
): Promise<string> {
  const kinds = await kindsOf(duckdb, paths)
  const scans: { kind: unknown; paths: string[] }[] = []
  for (const path of paths) {
    const kind = kinds.get(path) ?? path
    const last = scans.at(-1)
    if (last && last.kind === kind) last.paths.push(path)
    else scans.push({ kind, paths: [path] })
  }
  const parts = scans.map(async ({ paths: same }) => {
    const present = await columnsOf(duckdb, same.slice(0, 1))
    const columns = schema.fields.map(({ name, type }) => {
      const own = present.has(name.toLowerCase()) ? quoteIdentifier(name) : 'NULL'
      const value = Object.hasOwn(constants, name) ? literalOf(constants[name]) : own
      return `CAST(${value} AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`
    })
    return `SELECT ${columns.join(', ')} FROM ${scan(same)}`
  })
  return (await Promise.all(parts)).join(' UNION ALL ')
}

/** Something that files of the same columns have in common, by one query: file by file, DuckDB keeps memory for each. */
async function kindsOf(duckdb: DuckDb, paths: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const parts = 'name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type'
  const rows = await duckdb.rows(
    `SELECT file_name, md5(string_agg(concat_ws('|', ${parts}), ',')) FROM parquet_schema([${paths.map(quotePath).join(', ')}])
     GROUP BY file_name`,
  )
  return new Map(rows.map(([path, kind]) => [String(path), kind]))
}
