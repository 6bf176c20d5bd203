import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeIpc, encodeIpc, growSchema } from '@millrace/arrow'
import { isMillraceError, MillraceError } from '@millrace/core'
import { checkColumns, type SpillOptions } from '@millrace/merge'
import {
  createWorkerEncoder,
  type ParquetEncoder,
  parquetWasm,
  type WorkerEncoder,
  writeParquetFile,
} from '@millrace/parquet'
import {
  type Checkpoint,
  type CommitPlan,
  type CommitReport,
  type CommitTable,
  nestedTable,
  type PipelineState,
  type RunId,
  type Session,
  type Staged,
  type StagePart,
  type StreamState,
  type TableRef,
  type TableReport,
} from '@millrace/pipeline'
import type { Schema } from 'apache-arrow'
import { type CommitStreamOptions, commitStream } from './commit/commit-stream.ts'
import { type FamilyOptions, planFamily } from './commit/plan-family.ts'
import type { Seen } from './commit/seen.ts'
import { checkNotNull } from './delta/check-not-null.ts'
import { checkColumnNames } from './delta/column-names.ts'
import { checkPartitionBy, checkPartitionValues, partitionByOf } from './delta/partition-by.ts'
import { readSnapshot, updateSnapshot } from './delta/read-snapshot.ts'
import { fromSchemaString, toFileSchema, toSchemaString } from './delta/schema-string.ts'
import { checkWritable, type Snapshot } from './delta/snapshot.ts'
import { createFolder } from './disk/durable.ts'
import { safeName } from './disk/safe-name.ts'
import { onDisk } from './disk/storage-error.ts'
import { DigestingEncoder } from './stage/digesting-encoder.ts'
import type { Fence } from './stage/fence.ts'
import type { Journal } from './stage/journal.ts'
import type { PagePart } from './stage/journal-entry.ts'
import { partName, partPrefix } from './stage/part-name.ts'
import type { Stage } from './stage/stage.ts'
import { sweep } from './stage/sweep.ts'
import type { ObjectStore } from './store/object-store.ts'

/**
 * Bytes of Arrow data from which a segment is encoded in a worker thread. Less is encoded in about 10 ms, and a thread takes
 * 80 ms to start.
 */
const leastWorkerBytes = 1_048_576

export interface SessionOptions extends SpillOptions {
  /** The lake's folder. */
  readonly lake: ObjectStore
  readonly run: RunId
  readonly fence: Fence
  readonly seen: Seen
  readonly stage: Stage
  readonly journal: Journal
  /** The run whose stage this one took over. */
  readonly adoptedRun: string | undefined
  readonly segmentRows: number
  readonly segmentBytes: number
  readonly encoder: ParquetEncoder | undefined
}

/** One run's hold on a lake. */
export class LakeSession implements Session {
  readonly #options: SessionOptions
  readonly #stage: Stage
  readonly #journal: Journal
  readonly #schemas = new Map<string, Promise<Schema | undefined>>()
  /** The tables as they were last seen, so that a commit reads what is new in their logs and not all of it. */
  readonly #snapshots = new Map<string, Snapshot>()
  readonly #committed = new Map<string, StreamState>()
  #ownEncoder: WorkerEncoder | undefined
  #files = 0
  #isClosed = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#stage = options.stage
    this.#journal = options.journal
  }

  async state(): Promise<PipelineState> {
    const { streams } = this.#options.seen.state
    return { streams: Object.fromEntries([...Object.entries(streams), ...this.#committed]) }
  }

  async unfinished(): Promise<Staged | undefined> {
    const { adoptedRun } = this.#options
    if (adoptedRun === undefined || this.#stage.isEmpty) return undefined
    const streams = this.#stage.streams.filter(({ table }) => !table.root)
    return {
      run: adoptedRun,
      streams: streams.map(({ table, checkpoint, continued }) => ({
        table,
        checkpoint,
        ...(continued && { continued: true as const }),
      })),
    }
  }

  async discard(stream: string): Promise<void> {
    this.#checkOpen()
    if (!this.#stage.get(stream)) return
    await this.#options.fence.guard(() => this.#journal.append({ type: 'discard', stream }))
  }

  async schema(table: TableRef): Promise<Schema | undefined> {
    this.#checkOpen()
    const committed = await this.#committedSchema(table.table)
    const staged = this.#stage.get(table.stream)?.schema
    return staged ? growSchema(committed, staged) : committed
  }

  async stage(parts: readonly StagePart[], checkpoint: Checkpoint): Promise<void> {
    const { fence, seen } = this.#options
    const entries: PagePart[] = []
    const bodies: Uint8Array[] = []
    for (const { table, batch } of parts) {
      const known = await this.schema(table)
      const schema = growSchema(known, batch.schema)
      const partitionBy = this.#partitionBy(table)
      if (schema !== known) {
        checkStorable(schema, table)
        checkPartitionBy(table.table, schema, partitionBy, { isWhole: false })
      }
      checkNotNull(schema, batch, table.table)
      checkPartitionValues(table.table, batch, partitionBy)
      const base = this.#stage.get(table.stream)?.base ?? seen.base(table.table, table.stream)
      const ipc = batch.numRows > 0 || batch.numCols > 0 ? encodeIpc(batch) : nothing
      entries.push({ table, base, rows: batch.numRows, bytes: ipc.length })
      bodies.push(ipc)
    }
    const [only = nothing, ...more] = bodies
    const body = more.length > 0 ? Buffer.concat(bodies) : only
    await fence.guard(async () => {
      // At once: what a session writes that has been taken over lies in a folder of its own, and is looked at by nobody.
      await bothOf(fence.check(), this.#journal.append({ type: 'page', parts: entries, checkpoint }, body))
      for (const { table } of parts) if (this.#isSegmentFull(table.stream)) await this.#closeSegment(table.stream)
    })
  }

  async commit(plan: CommitPlan): Promise<CommitReport> {
    this.#checkOpen()
    const tables: TableReport[] = []
    for (const item of plan.tables) tables.push(...(await this.#options.fence.guard(() => this.#commitFamily(item))))
    // All is in the log by now, and what the journal still says is known to be of the past: no reason to fail.
    await this.#journal.settle().catch(() => {})
    return { tables }
  }

  /** Commits the rest of each stream that a dead run had begun to commit. Afterwards this session knows too little to go on. */
  async finishCommits(): Promise<void> {
    const begun = this.#stage.streams.flatMap(({ commit }) => commit ?? [])
    for (const item of begun) await this.#commitFamily(item, true)
  }

  async abort(): Promise<void> {
    this.#checkOpen()
    if (await this.#isFenced()) return
    for (const { table } of this.#stage.streams) this.#stage.drop(table.stream)
    await this.#journal.settle()
  }

  /** Never fails: what cannot be tidied up is tidied up by a later run. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#ownEncoder?.close()
    const isEmpty = this.#stage.isEmpty && this.#stage.leftovers.length === 0
    if (isEmpty && !(await this.#isFenced())) await this.#journal.settle().catch(() => {})
  }

  /** A stream and, before it, the tables of its nested rows: its checkpoint says that they are all there. */
  async #commitFamily(item: CommitTable, isBegun = false): Promise<readonly TableReport[]> {
    const replace = item.replace && !this.#isContinued(item.table)
    const nested = this.#childrenOf(item).map((table): CommitTable => ({ ...item, table, replace }))
    if (nested.length === 0) return [await this.#commitTable(item, isBegun)]
    const roots = join(this.#options.fence.folder, 'roots.parquet')
    const optionsOf = (each: CommitTable): Promise<CommitStreamOptions> => this.#streamOptions(each, isBegun)
    const family = item.merge ? await planFamily(item, nested, optionsOf, roots) : undefined
    if (!isBegun) await this.#begin(item, nested)
    const reports: TableReport[] = []
    for (const each of nested) {
      try {
        reports.push(await this.#commitTable(each, isBegun, family?.get(each.table.stream)))
      } catch (thrown) {
        if (reports.length === 0 && wasRefused(thrown)) {
          await this.#journal.append({ type: 'cancel', stream: item.table.stream })
        }
        throw thrown
      }
    }
    const report = await this.#commitTable(item, isBegun, family?.get(item.table.stream))
    if (family) await rm(roots, { force: true }).catch(() => {})
    return [report, ...reports]
  }

  async #begin(item: CommitTable, nested: readonly CommitTable[]): Promise<void> {
    const baseOf = ({ stream, table }: TableRef): number =>
      this.#stage.get(stream)?.base ?? this.#options.seen.base(table, stream)
    const children = nested.map(({ table }) => ({ table, base: baseOf(table) }))
    await this.#journal.append({ type: 'commit', item, base: baseOf(item.table), children })
  }

  /** Whether this run has committed the stream before, and so replaced what was to be replaced. */
  #isContinued({ stream }: TableRef): boolean {
    return this.#stage.get(stream)?.continued === true
  }

  #childrenOf({ table: root, replace: isReplaced, merge }: CommitTable): readonly TableRef[] {
    const { seen, run } = this.#options
    const replace = isReplaced && !this.#isContinued(root)
    const staged = this.#stage.children(root.stream).map(({ table }) => table)
    const names = new Set(staged.map(({ stream }) => stream))
    const before = seen.children(root).filter(({ stream, table }) => {
      // Rows that go take their nested rows with them. Of this very run where it asks a second time.
      return !names.has(stream) && (replace || merge !== false || seen.stored(table, stream)?.run === run.run)
    })
    return [...staged, ...before.map((each) => nestedTable(root, each))]
  }

  async #streamOptions({ table: { stream, table } }: CommitTable, isBegun: boolean): Promise<CommitStreamOptions> {
    const { lake, run, fence, seen, memoryLimit } = this.#options
    await this.#closeSegment(stream)
    const staged = this.#stage.get(stream)
    const { writer } = this.#stage.owner
    return {
      run,
      store: lake.within(safeName(table)),
      known: this.#known(table),
      fence,
      staged,
      base: staged?.base ?? seen.base(table, stream),
      isBegun,
      nextName: () => partName(writer, stream, this.#files++),
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
    }
  }

  async #commitTable(item: CommitTable, isBegun: boolean, family?: FamilyOptions): Promise<TableReport> {
    const { run, seen } = this.#options
    const { stream, table, root } = item.table
    const { writer } = this.#stage.owner
    const options = await this.#streamOptions(item, isBegun)
    const { store } = options
    const { report, base, made } = await commitStream(item, { ...options, ...family })
    this.#stage.committed(item.table, base, item.checkpoint)
    this.#schemas.delete(table)
    if (!made) return report
    this.#snapshots.set(table, made)

    const committedAt = new Date().toISOString()
    if (!root) this.#committed.set(stream, { table, position: item.checkpoint.position, run: run.run, committedAt })
    const leftovers = this.#stage.leftovers.filter((each) => each.stream === stream && each.table === table)
    const own = { prefix: partPrefix(writer, stream), since: seen.version(table) }
    const left = leftovers.map((each) => ({ prefix: partPrefix(each.writer, stream), since: -1 }))
    if (await sweep(store, [own, ...left], made)) this.#stage.forgetLeftovers(leftovers)
    return report
  }

  #isSegmentFull(stream: string): boolean {
    const { segmentRows, segmentBytes } = this.#options
    const staged = this.#stage.get(stream)
    return staged !== undefined && (staged.openRows >= segmentRows || staged.openBytes >= segmentBytes)
  }

  /** Moves the open batches of a stream into a Parquet file, so that memory and journal stay small. */
  async #closeSegment(stream: string): Promise<void> {
    const staged = this.#stage.get(stream)
    if (!staged?.schema || staged.openRows === 0) return
    const { lake, fence } = this.#options
    await fence.check()
    const store = lake.within(safeName(staged.table.table))
    const file = partName(this.#stage.owner.writer, stream, this.#files++)
    const path = store.locate(file)
    await createFolder(dirname(path))
    const batches = staged.open.map(({ ipc }) => decodeIpc(ipc))
    const schema = toFileSchema(staged.schema)
    const encoder = new DigestingEncoder(this.#encoder(staged.openBytes))
    const { rows, bytes } = await onDisk('write', path, () => writeParquetFile(path, schema, batches, { encoder }))
    await this.#journal.append({ type: 'segment', stream, segment: { file, rows, bytes, sha256: encoder.digest() } })
  }

  /** One thread for all segments of the session that are worth it. It starts with the first of them. */
  #encoder(bytes: number): ParquetEncoder {
    if (this.#options.encoder) return this.#options.encoder
    if (bytes < leastWorkerBytes) return parquetWasm()
    this.#ownEncoder ??= createWorkerEncoder()
    return this.#ownEncoder
  }

  /** The table as it was last seen, if it was. */
  #known(table: string): Snapshot | undefined {
    return this.#snapshots.get(table) ?? this.#options.seen.snapshot(table)
  }

  /** Read once per table and session: what others add meanwhile is met at the commit. */
  #committedSchema(table: string): Promise<Schema | undefined> {
    const read = async (): Promise<Schema | undefined> => {
      const store = this.#options.lake.within(safeName(table))
      const known = this.#known(table)
      const snapshot = known ? await updateSnapshot(store, known) : await readSnapshot(store)
      if (!snapshot) return undefined
      this.#snapshots.set(table, snapshot)
      checkWritable(table, snapshot)
      return fromSchemaString(snapshot.metadata.schemaString, table)
    }
    const schema = this.#schemas.get(table) ?? read()
    this.#schemas.set(table, schema)
    return schema
  }

  #partitionBy({ table, disposition, mode, partitionBy }: TableRef): readonly string[] {
    const replace = mode === 'full-refresh' || disposition === 'replace'
    return partitionByOf(table, this.#known(table), partitionBy, replace)
  }

  async #isFenced(): Promise<boolean> {
    try {
      await this.#options.fence.check()
      return false
    } catch {
      return true
    }
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new MillraceError('E_SESSION_CLOSED', 'this session is closed; open the destination again')
  }
}

/** Whether a commit failed before it could be in the log: of a disk that fails, and of one that is taken over, nobody knows. */
function wasRefused(thrown: unknown): boolean {
  return isMillraceError(thrown) && thrown.code !== 'E_STORAGE' && thrown.code !== 'E_FENCED'
}

/** What cannot be stored is said before it is staged, and not after hours of reading. */
function checkStorable(schema: Schema, table: TableRef): void {
  checkColumnNames(schema, table.table)
  toSchemaString(schema)
  if (table.disposition === 'merge') checkColumns(schema)
}

/** Ends when both have, so that nothing goes on behind the back of who waits. */
async function bothOf(first: Promise<void>, second: Promise<void>): Promise<void> {
  const results = await Promise.allSettled([first, second])
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

const nothing = new Uint8Array(0)
