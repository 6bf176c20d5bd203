import type { Emit, Position } from '@millrace/core'
import type { RecordBatch, Schema } from 'apache-arrow'
import type { MergePlan, MergeRules } from './merge-rules.ts'
import type { Disposition, Mode } from './source.ts'

/** Names one run of one pipeline. The commit of a run is idempotent under it. */
export interface RunId {
  /** Stable name of the pipeline: state and unfinished stages are found again by it. */
  readonly pipeline: string
  /** Unique per run. */
  readonly run: string
}

/** A stream as the destination sees it. A stage of a dead run is taken over only when this is the same. */
export interface TableRef {
  readonly stream: string
  readonly table: string
  readonly disposition: Disposition
  /** Empty where the stream has none. */
  readonly primaryKey: readonly string[]
  /** Missing where rows are not merged. */
  readonly merge?: MergeRules
  /** Columns to partition the table by; missing where it is to stay as it is. Of no table of nested rows. */
  readonly partitionBy?: readonly string[]
  readonly mode: Mode
  /** {@link Stream.configuration}, with all that decides how columns are made of the rows. */
  readonly configuration: string
  /**
   * Of a table of nested rows (`nested: 'tables'`): the stream whose rows they come from, and its table. `stream` is then a
   * name of the table's own. It is staged, dropped and committed with that stream, and never by itself.
   */
  readonly root?: RootRef
}

export interface RootRef {
  readonly stream: string
  readonly table: string
}

/** Rows of one page for one table. */
export interface StagePart {
  readonly table: TableRef
  /** May have no rows: the checkpoint moves all the same. May add columns. */
  readonly batch: RecordBatch
}

/** "Everything up to here": how far a stream has been read in this run, rows and position together. */
export interface Checkpoint {
  readonly position: Position
  /** Pages and rows this run has read of the stream, those of the dead run it took over included. */
  readonly pages: number
  readonly rows: number
}

/** What the last commit of each stream stored. */
export interface PipelineState {
  readonly streams: Readonly<Record<string, StreamState>>
}

export interface StreamState {
  readonly table: string
  readonly position: Position
  /** The run that committed it. */
  readonly run: string
  /** ISO 8601. */
  readonly committedAt: string
}

/** Rows of a run that died after staging and before committing. */
export interface Staged {
  readonly run: string
  readonly streams: readonly StagedStream[]
}

export interface StagedStream {
  readonly table: TableRef
  readonly checkpoint: Checkpoint
  /** The dead run had committed what lies before: the stage has only what came after, if anything. Missing: it has all. */
  readonly continued?: true
}

/** Where rows go: a folder of tables, a database. */
export interface Destination {
  readonly name: string
  /**
   * Takes the fence: an older session of the same pipeline that is still open can no longer commit (`E_FENCED`).
   *
   * @throws {FencedError} where a newer session is opened before this one is.
   */
  open(run: RunId, options?: OpenOptions): Promise<Session>
}

export interface OpenOptions {
  readonly emit?: Emit
}

/** One run's hold on a destination. Calls for one table come one at a time; different tables may overlap. */
export interface Session {
  /** What the last commits stored. */
  state(): Promise<PipelineState>
  /**
   * The stage that a dead run left behind, now this session's own; undefined where all of it is in the tables already.
   *
   * Where the dead run committed some of its streams and not others, those it did commit are listed too, with the
   * checkpoint of that commit: this run goes on behind them, and its own commit does not replace their rows again.
   */
  unfinished(): Promise<Staged | undefined>
  /** Drops what is staged for one stream and its nested rows, because it no longer fits the configuration. */
  discard(stream: string): Promise<void>
  /** Columns of the table as the next batch must carry them: committed, then staged. Undefined for a new table. */
  schema(table: TableRef): Promise<Schema | undefined>
  /**
   * Adds a page to the stage, unseen by readers: the part of the stream's own table first, then those of its nested rows.
   * Durable when it resolves, all parts at once: a crash leaves all of them with the checkpoint, or nothing.
   */
  stage(parts: readonly StagePart[], checkpoint: Checkpoint): Promise<void>
  /**
   * Makes staged rows and their checkpoints visible, table by table, each atomically. Safe to call again after a crash.
   *
   * A run may go on behind it: what it stages afterwards is added by its next commit, also where the first one replaced. One
   * commit is made at a time; meanwhile streams that are not part of it may be staged.
   *
   * With a stream go the tables of its nested rows, ahead of it: those staged, and for `replace` all that earlier commits
   * of the stream to this table have made. Where it merges all of these go with it, too: there are then the nested rows of the
   * rows that are there, and no others, as `_dlt_id` and `_dlt_root_id` tie them together. Where a run dies in the middle of
   * that, the next session commits the rest of the stream before anything else: its tables are never those of two runs for
   * longer than that.
   */
  commit(plan: CommitPlan): Promise<CommitReport>
  /** Drops the whole stage. */
  abort(): Promise<void>
  /** Lets go without touching the stage: a later run may go on from it. */
  close(): Promise<void>
}

export interface CommitPlan {
  readonly tables: readonly CommitTable[]
}

export interface CommitTable {
  /** Of a stream: never one of nested rows. */
  readonly table: TableRef
  /** Stored with the rows, in the same atomic commit. */
  readonly checkpoint: Checkpoint
  /** Existing rows go, in the same commit. */
  readonly replace: boolean
  /** How the rows of the stream are merged; false where they are not. Nested rows follow them. */
  readonly merge: MergePlan | false
}

export interface CommitReport {
  /** In the order of the plan; tables of nested rows right behind that of their stream. */
  readonly tables: readonly TableReport[]
}

export interface TableReport {
  readonly stream: string
  readonly table: string
  /** Of a table of nested rows: the stream that they come from. */
  readonly root?: string
  /** Where a person finds the table: a folder, a qualified name. */
  readonly location: string
  /** Version of the table after the commit; −1 for a stream that never had a column, and so has no table. */
  readonly version: number
  /**
   * Rows whose key was new, rows that took the place of another, and rows that went without one in their place: by `replace`,
   * by a hard delete, because the source no longer has them. Those that are only marked or ended count, too.
   */
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** Rows in the table after the commit. */
  readonly rows: number
  readonly filesAdded: number
  readonly filesRemoved: number
  readonly bytesAdded: number
}
