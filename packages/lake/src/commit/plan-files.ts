import {
  type FileStatistics,
  fileStatistics,
  type MergeRules,
  mergeFiles,
  type SpillOptions,
  type StatisticsWanted,
} from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { AddFile } from '../delta/actions.ts'
import { keyRangesOf } from '../delta/stats.ts'

export interface PlanFilesOptions extends SpillOptions {
  readonly schema: Schema
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
}

/** Which files come and which go. */
export interface PlannedFiles {
  /** With the statistics for the log. */
  readonly added: readonly FileStatistics[]
  /** Paths in the table's folder. */
  readonly removed: readonly string[]
  /** Keys that took the place of one that was there. */
  readonly updated: number
  /** Keys that were not there before; undefined where every row that comes counts. */
  readonly inserted: number | undefined
  /** Rows that a merge took away, marked or ended. */
  readonly deleted: number
}

/** Append: the staged files come. Replace: all others go. Merge: only the files go that hold a row which changes. */
export async function planFiles(options: PlanFilesOptions): Promise<PlannedFiles> {
  const { schema, primaryKey, replace, merge, live, pathOf, nextPath, spillFolder, statistics, memoryLimit } = options
  const all = [...live.keys()]
  const staged = options.staged.map(pathOf)
  const spill = { schema, spillFolder, ...(memoryLimit === undefined ? {} : { memoryLimit }) }
  if (!merge) {
    const added = await fileStatistics(staged, { ...spill, ...statistics })
    return { added, removed: replace ? all : [], updated: 0, inserted: undefined, deleted: 0 }
  }
  const kept = replace ? [] : [...live]
  const keys = [...primaryKey, ...(merge.mergeKey ?? [])]
  const { added, removed, ...counts } = await mergeFiles({
    ...merge,
    ...spill,
    primaryKey,
    live: kept.map(([name, file]) => ({ path: pathOf(name), keyRanges: keyRangesOf(file, keys) })),
    staged,
    nextPath,
    statistics,
  })
  const gone = new Set(removed)
  return { added, removed: replace ? all : all.filter((name) => gone.has(pathOf(name))), ...counts }
}
