export type { CommitEvery } from './commit-every.ts'
export type { TableDiscards } from './count-discards.ts'
export type {
  Checkpoint,
  CommitPlan,
  CommitReport,
  CommitTable,
  Destination,
  OpenOptions,
  PipelineState,
  RootRef,
  RunId,
  Session,
  Staged,
  StagedStream,
  StagePart,
  StreamState,
  TableRef,
  TableReport,
} from './destination.ts'
export { FencedError } from './fenced-error.ts'
export type { Discards } from './group-discards.ts'
export {
  type DedupSort,
  type DeletedRows,
  defaultValidityColumnNames,
  deletedAtColumn,
  type MergeHints,
  type MergeStrategy,
} from './merge-hints.ts'
export { type MergeProblem, mergeProblem } from './merge-problem.ts'
export { type MergePlan, type MergeRules, needsWholeScan, upsertRules, type VersionRules } from './merge-rules.ts'
export { nestedTable } from './nested-table.ts'
export { previewTables, type TablePreview } from './preview-tables.ts'
export type { RunReport, StreamReport, TableOutcome } from './report.ts'
export { defaultStreamConcurrency, type RunOptions, run } from './run.ts'
export type { Nested, SchemaHints } from './schema-hints.ts'
export { selectStreams } from './select-streams.ts'
export type { Disposition, Mode, ReadContext, ReadGroup, Source, Stream } from './source.ts'
export { StreamError, type StreamFailure } from './stream-error.ts'
