export type { ChangedRoots } from './changed-roots.ts'
export { checkColumns } from './check-columns.ts'
export type { Constants } from './constants.ts'
export {
  type ColumnStatistics,
  type FileStatistics,
  type FileStatisticsOptions,
  fileStatistics,
  type StatisticsWanted,
} from './file-statistics.ts'
export { type JoinFilesOptions, joinFiles } from './join-files.ts'
export type { KeyRange } from './key-range.ts'
export type { LiveFile } from './live-rows.ts'
export { type MergeByKeyOptions, mergeByKey } from './merge-by-key.ts'
export { ownColumns, withMergeColumns } from './merge-columns.ts'
export { type MergedFiles, type MergeFilesOptions, mergeFiles } from './merge-files.ts'
export type { MergeRules, VersionRules } from './merge-rules.ts'
export { readAs } from './read-as.ts'
export { selectRows } from './select-rows.ts'
export { type PartitionFile, type SplitFilesOptions, splitFiles } from './split-files.ts'
export type { ScannedFile } from './typed-scan.ts'
export { defaultMemoryLimit, type SpillOptions } from './with-duckdb.ts'
