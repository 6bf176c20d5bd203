import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import type { ChangedRoots, SpillOptions } from '@millrace/merge'
import { type Checkpoint, type CommitTable, FencedError, type RunId, type TableReport } from '@millrace/pipeline'
import type { Action, CommitInfo, Metadata } from '../delta/actions.ts'
import { keepLogShort } from '../delta/keep-log-short.ts'
import { commitOf, commitVersion } from '../delta/log.ts'
import { readSnapshot, updateSnapshot } from '../delta/read-snapshot.ts'
import { toSchemaString } from '../delta/schema-string.ts'
import { checkWritable, nextSnapshot, protocol, type Snapshot } from '../delta/snapshot.ts'
import { onDisk } from '../disk/storage-error.ts'
import type { Fence } from '../stage/fence.ts'
import { isSameCheckpoint } from '../stage/is-same-checkpoint.ts'
import { hasAnything, isCommitted, type StagedStream } from '../stage/staged-stream.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { mergeOf } from './merge-of.ts'
import { type CommitPlan, type PlanOptions, planCommit } from './plan-commit.ts'
import { appId, formatState, readState, readStates, type StoredState, stateKey } from './stored-state.ts'
import { countsOf, toMetrics } from './table-report.ts'

/** Times to plan anew because somebody else committed first. Each time somebody gets ahead, so only a crowd needs more. */
export const maxCommitAttempts = 100

export interface CommitStreamOptions extends SpillOptions {
  readonly run: RunId
  /** The table's folder. */
  readonly store: ObjectStore
  /** The table as this session saw it last, to go on from. */
  readonly known: Snapshot | undefined
  readonly fence: Fence
  /** What is staged, all of it in files; undefined where nothing is. */
  readonly staged: StagedStream | undefined
  /** The stream's transaction when this session looked. */
  readonly base: number
  /**
   * Whether another session had begun this very commit, of these very rows. Where that one is still alive it may be the
   * one that makes it.
   */
  readonly isBegun: boolean
  readonly nextName: () => string
  /** What {@link planStream} made. Taken as long as nobody else has committed to the table. */
  readonly planned?: PlannedCommit | undefined
  /** Both of {@link PlanOptions}. */
  readonly rootIds?: ChangedRoots
  readonly roots?: () => string | undefined
  /** Whether it is refused where another pipeline has loaded the table. Default false. */
  readonly isAlone?: boolean
}

/** A commit that is worked out and not made: nobody sees anything of it. */
export interface PlannedCommit {
  /** The table that it is made for. */
  readonly snapshot: Snapshot | undefined
  /** Undefined where there is nothing to make a table of. */
  readonly plan: CommitPlan | undefined
}

export interface StreamCommit {
  readonly report: TableReport
  /** The stream's transaction in the log now; 0 where there was nothing to store. */
  readonly base: number
  /** The table as this very call made it; undefined where it made no version. */
  readonly made: Snapshot | undefined
}

/** Works out what {@link commitStream} will do. Undefined where the log has it already. */
export async function planStream(item: CommitTable, options: CommitStreamOptions): Promise<PlannedCommit | undefined> {
  const found = await lookAt(item, options, options.known)
  return found.done ? undefined : { snapshot: found.snapshot, plan: await makePlan(item, options, found.snapshot) }
}

/**
 * Commits one stream: files, columns and checkpoint in one version of its table.
 *
 * Whether this run may commit is decided by the log itself. The stream's transaction there must be the one this session
 * started from, and the version is made by creating its file, which only one writer can. The look at the fence comes
 * before that and spares an older session the work; correctness does not hang on it.
 *
 * @throws {FencedError} `E_FENCED` where another run has committed the stream, or has been opened.
 */
export async function commitStream(item: CommitTable, options: CommitStreamOptions): Promise<StreamCommit> {
  const { run, store, fence, base, planned } = options
  const { table, checkpoint } = item
  const { location } = store
  const id = appId(run.pipeline, table.stream)
  const key = stateKey(run.pipeline, table.stream)
  let snapshot = planned?.snapshot ?? options.known
  for (let attempt = 0; attempt < maxCommitAttempts; attempt++) {
    const found = await lookAt(item, options, snapshot)
    if (found.done) return found.done
    snapshot = found.snapshot
    const isPlanned = planned !== undefined && planned.snapshot === snapshot
    const plan = isPlanned ? planned.plan : await makePlan(item, options, snapshot)
    await fence.check()
    if (!plan) return { report: reportOf(item, location, -1, nothing), base, made: undefined }

    const now = Date.now()
    const version = (snapshot?.version ?? -1) + 1
    const state = formatState(run.run, table, checkpoint, new Date(now).toISOString())
    const actions: Action[] = [
      { commitInfo: commitInfo(item, plan, now) },
      ...(snapshot ? [] : [{ protocol }]),
      { metaData: metadataOf(snapshot, plan, key, state, now) },
      { txn: { appId: id, version: base + 1, lastUpdated: now } },
      ...plan.actions,
    ]
    if (await commitVersion(store, version, actions)) {
      const made = nextSnapshot(location, snapshot, actions, version)
      await keepLogShort(store, made, now)
      return { report: reportOf(item, location, version, plan.counts), base: base + 1, made }
    }
  }
  throw new MillraceError(
    'E_BUSY',
    `table ${location} was changed by others ${maxCommitAttempts} times while this run tried to commit; run again when it is quieter`,
    { retryable: true, context: { path: location } },
  )
}

/** The table as it is now; or what became of the commit, where the log has it. */
async function lookAt(
  item: CommitTable,
  options: CommitStreamOptions,
  known: Snapshot | undefined,
): Promise<{ readonly snapshot: Snapshot | undefined; readonly done?: StreamCommit }> {
  const { run, store, base } = options
  const { table, checkpoint } = item
  const id = appId(run.pipeline, table.stream)
  const snapshot = known ? await updateSnapshot(store, known) : await readSnapshot(store)
  const found = snapshot?.transactions.get(id)
  const stored = snapshot ? readState(snapshot, table.table, stateKey(run.pipeline, table.stream)) : undefined
  if (snapshot && found && isInLog(stored, found.version, options, checkpoint)) {
    const commit = await commitOf(store, snapshot, id)
    const report = reportOf(item, store.location, commit ?? snapshot.version, await countsOf(store, commit))
    return { snapshot, done: { report, base: found.version, made: undefined } }
  }
  if ((found?.version ?? 0) !== base) throw new FencedError(run.pipeline, `"${table.stream}" was committed meanwhile`)
  if (snapshot) checkWritable(table.table, snapshot)
  if (snapshot && options.isAlone) checkAlone(snapshot, table.table, run.pipeline)
  return { snapshot }
}

/** Two pipelines commit their tables each in an order of its own: of nested rows some of either could stay. */
function checkAlone(snapshot: Snapshot, table: string, pipeline: string): void {
  const other = readStates(snapshot, table).find((each) => each.pipeline !== pipeline)
  if (!other) return
  throw new MillraceError(
    'E_SHARED_TABLE',
    `table "${table}" is loaded by pipeline "${other.pipeline}", too, and rows with tables of nested rows are merged by one pipeline; load into a table of its own, or choose nested "native" or "json"`,
    { context: { table, pipeline: other.pipeline } },
  )
}

function makePlan(
  item: CommitTable,
  options: CommitStreamOptions,
  snapshot: Snapshot | undefined,
): Promise<CommitPlan | undefined> {
  const { store, fence, staged, nextName, memoryLimit, rootIds, roots } = options
  const isContinued = staged?.continued === true
  const planned: PlanOptions = {
    table: item.table.table,
    ...mergeOf(item, isContinued),
    partitionBy: item.table.partitionBy,
    replace: item.replace && !isContinued,
    schema: staged?.schema,
    staged: staged?.segments.map(({ file }) => file) ?? [],
    digests: new Map(staged?.segments.map(({ file, sha256 }) => [file, sha256])),
    store,
    pathOf: (name) => store.locate(name),
    nextPath: () => store.locate(nextName()),
    spillFolder: join(fence.folder, 'spill'),
    now: Date.now(),
    ...(rootIds && { rootIds }),
    ...(roots && { roots }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  }
  return onDisk('write', store.location, () => planCommit(snapshot, planned))
}

/**
 * True where the log has this commit already: an answer was lost, or a run died between two tables and is done again.
 */
function isInLog(
  stored: StoredState | undefined,
  version: number,
  { run, staged, base, isBegun }: CommitStreamOptions,
  checkpoint: Checkpoint,
): boolean {
  if (!stored || !isSameCheckpoint(stored.checkpoint, checkpoint)) return false
  if (version !== base) return stored.run === run.run || (isBegun && version === base + 1)
  return staged && hasAnything(staged) ? isCommitted(staged) : stored.run === run.run
}

const nothing = { inserted: 0, updated: 0, deleted: 0, rows: 0, filesAdded: 0, filesRemoved: 0, bytesAdded: 0 }

function reportOf({ table }: CommitTable, location: string, version: number, counts: typeof nothing): TableReport {
  const root = table.root && { root: table.root.stream }
  return { stream: table.stream, table: table.table, ...root, location, version, ...counts }
}

function metadataOf(
  snapshot: Snapshot | undefined,
  plan: CommitPlan,
  key: string,
  state: string,
  now: number,
): Metadata {
  const before = snapshot?.metadata ?? {
    id: randomUUID(),
    format: { provider: 'parquet', options: {} },
    partitionColumns: [],
    configuration: {},
    createdTime: now,
  }
  return {
    ...before,
    partitionColumns: plan.partitionBy,
    schemaString: toSchemaString(plan.schema),
    configuration: { ...before.configuration, [key]: state },
  }
}

/** Operation names and parameters are Spark's, so that `DESCRIBE HISTORY` reads as usual. */
function commitInfo(item: CommitTable, plan: CommitPlan, now: number): CommitInfo {
  const { replace, merge } = item
  const isMerge = merge !== false && !replace
  return {
    timestamp: now,
    operation: isMerge ? 'MERGE' : 'WRITE',
    operationParameters: isMerge
      ? { predicate: JSON.stringify(mergeOf(item, false).primaryKey) }
      : { mode: replace ? 'Overwrite' : 'Append', partitionBy: JSON.stringify(plan.partitionBy) },
    operationMetrics: toMetrics(plan.counts),
    isBlindAppend: !replace && merge === false,
  }
}
