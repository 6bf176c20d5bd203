import type { Schema } from 'apache-arrow'
import { checkColumns } from './check-columns.ts'
import { type FileStatistics, lookAt, type StatisticsWanted } from './file-statistics.ts'
import { type KeyRange, mayHoldKey, stagedRanges } from './key-range.ts'
import { createLastArrivals, earlierArrivals, type KeyColumn, keyColumns, sameKey } from './last-arrivals.ts'
import { rewriteFile } from './rewrite-file.ts'
import { columnsOf, scan } from './scan.ts'
import { type DuckDb, type SpillOptions, withDuckDb } from './with-duckdb.ts'

/** A file that readers see now. */
export interface LiveFile {
  readonly path: string
  /** Smallest and largest value per key column where known. A file outside what is staged is not opened. */
  readonly keyRanges?: Readonly<Record<string, KeyRange>>
}

export interface MergeFilesOptions extends SpillOptions {
  /** Columns and types of every file that is written. */
  readonly schema: Schema
  readonly primaryKey: readonly string[]
  readonly live: readonly LiveFile[]
  /** Files with the rows to merge, in the order of their arrival. */
  readonly staged: readonly string[]
  /** Names the next file to write: absolute, and not there yet. */
  readonly nextPath: () => string
  /** A folder that need not exist yet, on a disk with room. Removed at the end. */
  readonly spillFolder: string
  /** What to find out about the files to add. Default: their rows and bytes. */
  readonly statistics?: StatisticsWanted
}

export interface MergedFiles {
  /** What to add: staged files that stay as they are, and files written anew. */
  readonly added: readonly FileStatistics[]
  /** Live files to remove. Nothing is deleted here: readers may still hold them. */
  readonly removed: readonly string[]
  /** Keys that no live file had, and keys that took the place of one. */
  readonly inserted: number
  readonly updated: number
}

/**
 * One row per primary key over Parquet files: the rows of `staged` take the place of those of `live`, and of each other
 * the last to arrive wins. Only files that lose a row are written anew; all others stay as they are.
 *
 * Files are found by their key ranges first, then by a semi-join that reads nothing but key columns. Rows of a live file
 * with null in their key match nothing and stay.
 *
 * Memory: `memoryLimit` (default 1 GB), whatever the sizes: keys, joins and sorts spill to `spillFolder`.
 *
 * @throws {MillraceError} `E_KEY_MISSING` (staged row without its key), `E_KEY_TYPE`, `E_COLUMN_NAME`, `E_COLUMN_TYPE`,
 * `E_STORAGE`, `E_WRITE_FILE`, `E_MEMORY_LIMIT`, `E_DUCKDB`. Files written until then have no meaning and can be deleted.
 */
export async function mergeFiles(options: MergeFilesOptions): Promise<MergedFiles> {
  const { schema, primaryKey, live, staged, nextPath, spillFolder } = options
  const { statistics = { columns: [], textLength: 0 } } = options
  if (staged.length === 0) return { added: [], removed: [], inserted: 0, updated: 0 }
  checkColumns(schema)
  const keys = keyColumns(schema, primaryKey)
  return withDuckDb(spillFolder, options, async (duckdb) => {
    const arrivals = await createLastArrivals(duckdb, staged, keys)
    const { files: hit, updated } = await createReplaced(duckdb, live, keys)
    const duplicates = arrivals.rows > arrivals.keys
    if (duplicates) await duckdb.run(`CREATE TEMP TABLE earlier AS ${earlierArrivals(staged)}`)
    const doubled = duplicates ? await filesOf(duckdb, 'earlier') : new Set<number>()

    const written: (string | undefined)[] = []
    for (const [index, path] of hit.entries()) {
      const without = `SELECT row FROM replaced WHERE file = ${index}`
      written.push(await rewriteFile(duckdb, path, nextPath(), schema, without))
    }
    for (const [index, path] of staged.entries()) {
      const without = `SELECT row FROM earlier WHERE file = ${index}`
      written.push(doubled.has(index) ? await rewriteFile(duckdb, path, nextPath(), schema, without) : path)
    }
    const paths = written.filter((path) => path !== undefined)
    const added = await lookAt(duckdb, paths, schema, statistics)
    return {
      added: added.filter(({ rows }) => rows > 0),
      removed: hit,
      inserted: arrivals.keys - updated,
      updated,
    }
  })
}

/**
 * Makes the temporary table `replaced`: file and number of every live row whose key is staged. `file` is an index of the
 * files returned, which are those that hold at least one.
 */
async function createReplaced(
  duckdb: DuckDb,
  live: readonly LiveFile[],
  keys: readonly KeyColumn[],
): Promise<{ files: readonly string[]; updated: number }> {
  const none = { files: [], updated: 0 }
  const ranges = await stagedRanges(duckdb, keys)
  const candidates = live.filter((file) => mayHoldKey(file.keyRanges ?? {}, ranges)).map(({ path }) => path)
  if (candidates.length === 0) return none

  const present = await columnsOf(duckdb, candidates)
  if (!keys.every(({ name }) => present.has(name.toLowerCase()))) return none

  await duckdb.run(
    `CREATE TEMP TABLE matched AS SELECT live.file_index AS candidate, live.file_row_number AS row, last.ordinal
     FROM ${scan(candidates)} AS live JOIN last ON ${sameKey(keys, 'live', 'last')}`,
  )
  const [count] = await duckdb.rows('SELECT count(DISTINCT ordinal) FROM matched')
  const found = await duckdb.rows('SELECT DISTINCT candidate FROM matched ORDER BY candidate')
  const indices = found.map(([index]) => Number(index))
  const cases = indices.map((candidate, index) => `(${candidate}, ${index})`).join(', ')
  if (indices.length === 0) return none
  await duckdb.run(
    `CREATE TEMP TABLE replaced AS SELECT hit.file, matched.row
     FROM matched JOIN (VALUES ${cases}) AS hit(candidate, file) USING (candidate)`,
  )
  return { files: indices.flatMap((index) => candidates[index] ?? []), updated: Number(count?.[0] ?? 0) }
}

async function filesOf(duckdb: DuckDb, table: string): Promise<ReadonlySet<number>> {
  return new Set((await duckdb.rows(`SELECT DISTINCT file FROM ${table}`)).map(([index]) => Number(index)))
}
