import { MillraceError } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { createLastArrivals } from './arrivals.ts'
import { type ChangedRoots, writeChangedRoots } from './changed-roots.ts'
import { checkColumns } from './check-columns.ts'
import { type FileStatistics, lookAt, type StatisticsWanted } from './file-statistics.ts'
import { groupFiles } from './group-files.ts'
import { digestKey, keyColumns } from './key-columns.ts'
import { activeOf, decideLiveRows, type LiveFile, type LiveRowsOptions } from './live-rows.ts'
import { ownColumns, withMergeColumns } from './merge-columns.ts'
import type { MergeRules } from './merge-rules.ts'
import { type RowsToWrite, rewriteFile } from './rewrite-file.ts'
import { aliasOf, rowsPerFile, typedScan } from './typed-scan.ts'
import { type DuckDb, type SpillOptions, withDuckDb } from './with-duckdb.ts'

export interface MergeFilesOptions extends MergeRules, SpillOptions {
  /** Columns and types of every file that is written; those that the merge adds may be missing. */
  readonly schema: Schema
  /** May be empty for `delete-insert` by a merge key, and for `scd2`. */
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
  /** Where to write which rows come and go. Default: nowhere. */
  readonly rootIds?: ChangedRoots
  /**
   * What the merge of the root rows wrote by {@link rootIds}, for rows nested in them: the parts of the table that this load is
   * of, with `delete-insert` and the column of the root's id as the only `mergeKey`. Staged rows whose root does not come are
   * left out. Default: the load is of the parts that are staged.
   */
  readonly roots?: string
}

export interface MergedFiles {
  /** What to add: staged files that stay as they are, and files written anew. */
  readonly added: readonly FileStatistics[]
  /** Live files to remove. Nothing is deleted here: readers may still hold them. */
  readonly removed: readonly string[]
  /** Keys that no live row had, and keys whose row was another. */
  readonly inserted: number
  readonly updated: number
  /** Live rows that go, are marked or end, without another in their place. */
  readonly deleted: number
  /** Where {@link MergeFilesOptions.rootIds} asks for them: how many ids were written. Of none there is no file. */
  readonly roots?: number
}

/**
 * One row per primary key over Parquet files: the rows of `staged` take the place of those of `live`, and of each other
 * the last to arrive wins. What else can be asked for is in {@link MergeRules}.
 *
 * Only files that lose a row, or one of whose rows is marked or ends, are written anew; all others stay as they are, and so
 * do rows that arrive as they are already. Files are found by their key ranges first, then by a semi-join that reads nothing
 * but key columns; rows are compared only in files that hold a staged key. All files are looked at only where rows that are
 * not staged are gone. Rows of a live file with null in their key match nothing and stay.
 *
 * Memory: `memoryLimit` (default 1 GB), whatever the sizes: keys, joins and sorts spill to `spillFolder`.
 *
 * @throws {MillraceError} `E_KEY_MISSING` (staged row without its key), `E_KEY_TYPE`, `E_COLUMN_MISSING`, `E_COLUMN_NAME`,
 * `E_COLUMN_TYPE`, `E_BOUNDARY`, `E_STORAGE`, `E_WRITE_FILE`, `E_MEMORY_LIMIT`, `E_DUCKDB`. Files written until then have no
 * meaning and can be deleted.
 */
export async function mergeFiles(options: MergeFilesOptions): Promise<MergedFiles> {
  const { primaryKey, mergeKey = [], live, nextPath, spillFolder, strategy = 'upsert' } = options
  const { statistics = { columns: [], textLength: 0 }, staged: stagedPaths, rootIds, roots } = options
  if (stagedPaths.length === 0 && roots === undefined) {
    return { added: [], removed: [], inserted: 0, updated: 0, deleted: 0 }
  }
  const schema = withMergeColumns(options.schema, options)
  checkColumns(schema)
  const hasKey = primaryKey.length > 0
  if (!hasKey && strategy !== 'scd2' && (strategy !== 'delete-insert' || mergeKey.length === 0)) {
    throw new RangeError('a merge needs at least one primary key column, got none')
  }
  const mergeKeys = keyColumns(schema, mergeKey, 'merge key')
  const keys =
    hasKey || strategy !== 'scd2' ? keyColumns(schema, primaryKey, 'primary key') : digestKey(schema, options)
  return withDuckDb(spillFolder, options, async (duckdb) => {
    const files = stagedPaths.map((path) => ({ path }))
    const staged = await typedScan(duckdb, files, schema)
    await refuseOwnColumns(duckdb, staged, schema, options)
    const common = { schema, rules: options, keys, mergeKeys, staged }
    await createLastArrivals(duckdb, { ...common, paths: stagedPaths, roots })
    const candidates = await decideLiveRows(duckdb, { ...common, live })
    await duckdb.run(
      'CREATE TEMP TABLE comes AS SELECT ordinal FROM last ANTI JOIN settled USING (ordinal) WHERE NOT deletes',
    )
    const scans = { staged, live: candidates }
    const ids = rootIds && { roots: await writeChangedRoots(duckdb, schema, rootIds, scans) }

    const written: (string | undefined)[] = []
    const removed: string[] = []
    for (const group of await liveToRewrite(duckdb, candidates, schema)) {
      const from = group.flatMap((file) => candidates[file] ?? [])
      removed.push(...from.map(({ path }) => path))
      written.push(await rewriteFile(duckdb, from, nextPath(), schema, liveRows(group, { ...common, live })))
    }
    const kept = await stagedToKeep(duckdb, staged)
    for (const [index, file] of files.entries()) {
      const rows = kept.get(index)
      if (rows === undefined) continue
      const isAsItIs = rows === 'all' && !options.versions
      const rewrite = (): Promise<string | undefined> =>
        rewriteFile(duckdb, [file], nextPath(), schema, stagedRows(index, options))
      written.push(isAsItIs ? file.path : await rewrite())
    }
    const paths = written.filter((path) => path !== undefined)
    const added = await lookAt(duckdb, paths, schema, statistics)
    return { added: added.filter(({ rows }) => rows > 0), removed, ...(await countRows(duckdb)), ...ids }
  })
}

/** Live files that change, by their indexes, in groups that become one file each. */
async function liveToRewrite(
  duckdb: DuckDb,
  candidates: readonly LiveFile[],
  schema: Schema,
): Promise<readonly (readonly number[])[]> {
  const found = await duckdb.rows('SELECT file FROM gone UNION SELECT file FROM stamped ORDER BY file')
  const files = found.map(([file]) => Number(file))
  return files.length < 2
    ? [files].filter(({ length }) => length > 0)
    : groupFiles(duckdb, candidates, await typedScan(duckdb, candidates, schema), files)
}

/** Rows of live files that stay, and the values of the column that is stamped. */
function liveRows(group: readonly number[], { schema, rules, keys }: LiveRowsOptions): RowsToWrite {
  const cases = group.map((file, index) => `WHEN ${index} THEN ${BigInt(file) * rowsPerFile}`).join(' ')
  const place = `CASE file ${cases} END + row`
  const among = (table: string): string =>
    `(SELECT file * ${rowsPerFile} + row FROM ${table} WHERE file IN (${group.join(', ')}))`
  const where = `${place} NOT IN ${among('gone')}`
  // Sorted, since what is joined has no order of its own, and sorted files can be skipped in parts.
  const order = group.length > 1 ? { order: [...keys.map(({ value }) => value), 'file', 'row'].join(', ') } : {}
  const stamp = ownColumns(rules).at(-1)
  if (stamp === undefined) return { where, ...order }
  const column = aliasOf(schema, stamp)
  const time = `(SELECT moment FROM timing)`
  const value = rules.versions ? time : `CASE WHEN ${column} IS NULL THEN ${time} END`
  const values = new Map([[stamp, `CASE WHEN ${place} IN ${among('stamped')} THEN ${value} ELSE ${column} END`]])
  return { where, ...order, values }
}

/** Staged files of which rows come: all of them, or some. */
async function stagedToKeep(duckdb: DuckDb, staged: string): Promise<ReadonlyMap<number, 'all' | 'some'>> {
  const found = await duckdb.rows(
    `SELECT file, count(*), count(comes.ordinal) FROM ${staged} AS staged LEFT JOIN comes USING (ordinal)
     GROUP BY file HAVING count(comes.ordinal) > 0`,
  )
  return new Map(found.map(([file, rows, coming]) => [Number(file), rows === coming ? 'all' : 'some']))
}

function stagedRows(file: number, rules: MergeRules): RowsToWrite {
  const { versions } = rules
  const where = `ordinal + ${file} * ${rowsPerFile} IN (SELECT ordinal FROM comes)`
  if (!versions) return { where }
  return {
    where,
    values: new Map([
      [versions.validFrom, '(SELECT moment FROM timing)'],
      [versions.validTo, activeOf(rules)],
    ]),
  }
}

async function countRows(duckdb: DuckDb): Promise<Pick<MergedFiles, 'inserted' | 'updated' | 'deleted'>> {
  const [counts = []] = await duckdb.rows(
    `SELECT (SELECT count(*) FROM comes), count(DISTINCT ordinal), count(*),
       (SELECT count(*) FROM gone) + (SELECT count(*) FROM stamped WHERE stamp IS NOT NULL)
     FROM matched SEMI JOIN comes USING (ordinal)`,
  )
  const [coming = 0, updated = 0, replaced = 0, affected = 0] = counts.map(Number)
  return { inserted: coming - updated, updated, deleted: affected - replaced }
}

/** What a merge writes into its own columns cannot be told from what rows bring. */
async function refuseOwnColumns(duckdb: DuckDb, staged: string, schema: Schema, rules: MergeRules): Promise<void> {
  for (const name of ownColumns(rules)) {
    const [found] = await duckdb.rows(`SELECT count(${aliasOf(schema, name)}) FROM ${staged}`)
    if (Number(found?.[0] ?? 0) === 0) continue
    throw new MillraceError(
      'E_COLUMN_NAME',
      `rows bring values for column "${name}", which the merge fills; rename it`,
      {
        context: { column: name },
      },
    )
  }
}
