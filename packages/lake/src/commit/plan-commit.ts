import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { growSchema } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import { fileStatistics, ownColumns, type PartitionFile, withMergeColumns } from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { Action, AddFile } from '../delta/actions.ts'
import { checkContent } from '../delta/content-digest.ts'
import { addition, removal } from '../delta/file-actions.ts'
import { checkPartitionBy, partitionByOf } from '../delta/partition-by.ts'
import { partitionColumns } from '../delta/partition-columns.ts'
import { fromSchemaString } from '../delta/schema-string.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { columnsWithStats, rowsOf, statsTextLength } from '../delta/stats.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type PlanFilesOptions, planFiles } from './plan-files.ts'
import type { Counts } from './table-report.ts'

export interface PlanOptions extends Omit<PlanFilesOptions, 'schema' | 'partitions' | 'live' | 'statistics'> {
  /** What the table is to be partitioned by; undefined where it is to stay as it is. */
  readonly partitionBy: readonly string[] | undefined
  /** Columns of the staged rows; undefined where none came. */
  readonly schema: Schema | undefined
  /** SHA-256 of the staged files by their names, taken when they were written. */
  readonly digests: ReadonlyMap<string, string>
  /** The table's folder. */
  readonly store: ObjectStore
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What a commit will do to the files of a table, and what that means in rows. */
export interface CommitPlan {
  readonly schema: Schema
  readonly partitionBy: readonly string[]
  /** `remove` and `add`. */
  readonly actions: readonly Action[]
  readonly counts: Counts
  /** Of {@link PlanOptions.rootIds}: the file; undefined where no row comes or goes. */
  readonly roots: string | undefined
}

/**
 * Works out the next version of a table from a snapshot and the staged files. Writes new Parquet files where rows are
 * replaced; changes nothing that anybody sees.
 *
 * Undefined where there is neither a table nor a column to make one of.
 */
export async function planCommit(
  snapshot: Snapshot | undefined,
  options: PlanOptions,
): Promise<CommitPlan | undefined> {
  const { table, replace, merge, primaryKey, pathOf, spillFolder, memoryLimit, now } = options
  const before = snapshot ? fromSchemaString(snapshot.metadata.schemaString, table) : undefined
  const grown = options.schema ? growSchema(before, options.schema) : before
  if (!grown || (!before && grown.fields.length === 0)) return undefined
  const schema = merge ? withMergeColumns(grown, merge) : grown

  const partitionBy = partitionByOf(table, snapshot, options.partitionBy, replace)
  checkPartitionBy(table, schema, partitionBy, { isWhole: true, own: merge ? ownColumns(merge) : [] })
  const partitions = partitionColumns(partitionBy, schema, table)

  const live: ReadonlyMap<string, AddFile> = snapshot?.files ?? new Map()
  const { mergeKey = [] } = merge || {}
  const statistics = {
    columns: columnsWithStats(schema, [...primaryKey, ...mergeKey], partitionBy),
    textLength: statsTextLength,
  }
  const { added, removed, inserted, updated, deleted, roots } = await planFiles({
    ...options,
    schema,
    partitions,
    live,
    statistics,
  })
  if (merge && !replace) await checkRewritten(removed, live, options.store)
  if (removed.length > 0 && snapshot?.metadata.configuration['delta.appendOnly'] === 'true') throw appendOnly(table)

  const rowsPerFile = new Map([...live].map(([name, file]) => [name, rowsOf(file)]))
  const uncounted = [...live.keys()].filter((name) => rowsPerFile.get(name) === undefined)
  const counted = await fileStatistics(uncounted.map(pathOf), {
    schema,
    columns: [],
    textLength: 0,
    spillFolder,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
  for (const [index, name] of uncounted.entries()) rowsPerFile.set(name, counted[index]?.rows)
  const rowsBefore = sum([...rowsPerFile.values()].map((rows) => rows ?? 0))
  const rowsRemoved = sum(removed.map((name) => rowsPerFile.get(name) ?? 0))
  const rowsAdded = sum(added.map(({ rows }) => rows))
  return {
    schema,
    partitionBy,
    actions: [
      ...removed.flatMap((name) => live.get(name) ?? []).map((file) => removal(file, now, true)),
      ...(await describeAll(added, schema, options.digests)),
    ],
    counts: {
      inserted: inserted ?? rowsAdded,
      updated,
      deleted: replace ? rowsRemoved : deleted,
      rows: rowsBefore - rowsRemoved + rowsAdded,
      filesAdded: added.length,
      filesRemoved: removed.length,
      bytesAdded: sum(added.map(({ bytes }) => bytes)),
    },
    roots,
  }
}

/** What is wrong in a file that was read must not be written anew as if it were right. Here it is still in memory. */
async function checkRewritten(
  names: readonly string[],
  live: ReadonlyMap<string, AddFile>,
  store: ObjectStore,
): Promise<void> {
  for (const name of names) {
    const file = live.get(name)
    if (file) await checkContent(store, name, file)
  }
}

/** One after the other: each may have to be read. */
async function describeAll(
  files: readonly PartitionFile[],
  schema: Schema,
  digests: PlanOptions['digests'],
): Promise<readonly Action[]> {
  const actions: Action[] = []
  for (const file of files) {
    const { mtimeMs } = await stat(file.path)
    const name = basename(file.path)
    const sha256 = digests.get(name) ?? (await digestBytes(createReadStream(file.path))).sha256
    const entry = { name, sha256, partitionValues: file.partition, modifiedAt: Math.trunc(mtimeMs), dataChange: true }
    actions.push(addition(file, schema, entry))
  }
  return actions
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function appendOnly(table: string): MillraceError {
  return new MillraceError(
    'E_UNSUPPORTED_TABLE',
    `table ${table} has the property delta.appendOnly, and this run replaces rows; load with disposition "append"`,
    { context: { table } },
  )
}
