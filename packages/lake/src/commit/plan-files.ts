import {
  type ChangedRoots,
  type FileStatistics,
  fileStatistics,
  type MergeRules,
  mergeFiles,
  type PartitionFile,
  type SpillOptions,
  type StatisticsWanted,
  splitFiles,
} from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { AddFile } from '../delta/actions.ts'
import { checkPartitions } from '../delta/partition-by.ts'
import { partitionConstants, partitionRanges } from '../delta/partition-columns.ts'
import { keyRangesOf } from '../delta/stats.ts'

export interface PlanFilesOptions extends SpillOptions {
  readonly table: string
  readonly schema: Schema
  /** Columns that the table is partitioned by, from here on. */
  readonly partitions: Schema
  readonly primaryKey: readonly string[]
  readonly replace: boolean
  /** False where rows are not merged. */
  readonly merge: MergeRules | false
  /** Live files by their path in the table's folder. */
  readonly live: ReadonlyMap<string, AddFile>
  /** Staged files in the order of arrival, by their path in the table's folder. */
  readonly staged: readonly string[]
  readonly pathOf: (name: string) => string
  readonly nextPath: () => string
  readonly spillFolder: string
  readonly statistics: StatisticsWanted
  /** Where to write which rows a merge brings and takes, for the tables of what is nested in them. */
  readonly rootIds?: ChangedRoots
  /** Of nested rows that are merged: the file in which that is written of the rows they belong to; undefined for no such row. */
  readonly roots?: () => string | undefined
}

/** Which files come and which go. */
export interface PlannedFiles {
  /** With the statistics for the log, each of one partition. */
  readonly added: readonly PartitionFile[]
  /** Paths in the table's folder. */
  readonly removed: readonly string[]
  /** Keys that took the place of one that was there. */
  readonly updated: number
  /** Keys that were not there before; undefined where every row that comes counts. */
  readonly inserted: number | undefined
  /** Rows that a merge took away, marked or ended. */
  readonly deleted: number
  /** The file of {@link PlanFilesOptions.rootIds}; undefined where no row comes or goes. */
  readonly roots?: string
}

/**
 * Append: the staged files come. Replace: all others go. Merge: only the files go that hold a row which changes. What comes
 * is split by partition behind that, so that staging and merging need not know of partitions.
 */
export async function planFiles(options: PlanFilesOptions): Promise<PlannedFiles> {
  const { table, schema, partitions, primaryKey, replace, merge, live, pathOf, nextPath, spillFolder, memoryLimit } =
    options
  const { rootIds } = options
  const all = [...live.keys()]
  const staged = options.staged.map(pathOf)
  const spill = { schema, spillFolder, ...(memoryLimit === undefined ? {} : { memoryLimit }) }
  const partitionBy = partitions.fields.map(({ name }) => name)
  const isPartitioned = partitionBy.length > 0
  const split = (paths: readonly string[]): Promise<readonly PartitionFile[]> =>
    splitFiles({
      ...spill,
      paths,
      partitionBy,
      check: (found) => checkPartitions(table, schema, found),
      nextPath,
      statistics: options.statistics,
    })
  if (!merge) {
    const added = isPartitioned
      ? await split(staged)
      : (await fileStatistics(staged, { ...spill, ...options.statistics })).map(ofNoPartition)
    return { added, removed: replace ? all : [], updated: 0, inserted: undefined, deleted: 0 }
  }
  const roots = options.roots?.()
  if (options.roots && roots === undefined) {
    return { added: [], removed: replace ? all : [], updated: 0, inserted: 0, deleted: 0 }
  }
  const kept = replace ? [] : [...live]
  const keys = [...primaryKey, ...(merge.mergeKey ?? [])]
  const {
    added,
    removed,
    roots: changed = 0,
    ...counts
  } = await mergeFiles({
    ...merge,
    ...spill,
    primaryKey,
    live: kept.map(([name, file]) => {
      const constants = partitionConstants(partitions, file, table)
      const keyRanges = { ...keyRangesOf(file, keys), ...partitionRanges(partitions, constants, keys) }
      return { path: pathOf(name), keyRanges, constants }
    }),
    staged,
    nextPath,
    // Those of partitions are found out behind it.
    ...(isPartitioned ? {} : { statistics: options.statistics }),
    ...(rootIds && { rootIds }),
    ...(roots !== undefined && { roots }),
  })
  const gone = new Set(removed)
  return {
    added: isPartitioned ? await split(added.map(({ path }) => path)) : added.map(ofNoPartition),
    removed: replace ? all : all.filter((name) => gone.has(pathOf(name))),
    ...counts,
    ...(rootIds && changed > 0 && { roots: rootIds.path }),
  }
}

function ofNoPartition(file: FileStatistics): PartitionFile {
  return { ...file, partition: {} }
}
