export type {
  Checkpoint,
  CommitPlan,
  CommitReport,
  CommitTable,
  Destination,
  OpenOptions,
  PipelineState,
  RunId,
  Session,
  Staged,
  StagedStream,
  StreamState,
  TableRef,
  TableReport,
} from './destination.ts'
export type { Disposition, Mode, ReadContext, Source, Stream } from './source.ts'
