import { columnBytes, decodeIpc, emptyBatch, encodeIpc, growSchema } from '@millrace/arrow'
import type { Checkpoint, CommitTable, TableRef } from '@millrace/pipeline'
import type { Schema } from 'apache-arrow'
import type { JournalEntry, StreamEntry } from './journal-entry.ts'
import { isCommitted, type Leftover, type OpenBatch, type Segment, type StagedStream } from './staged-stream.ts'

/** Whose stage it is. The writer is in the name of every file that the session makes. */
export interface StageOwner {
  readonly pipeline: string
  readonly run: string
  readonly writer: string
}

/**
 * What a session holds before it commits. Rows come in only by journal entries, so that a stage read back from a journal
 * is the one that was there when the process died.
 */
export class Stage {
  readonly owner: StageOwner
  readonly #streams = new Map<string, Entry>()
  readonly #leftovers = new Map<string, Leftover>()

  constructor(owner: StageOwner) {
    this.owner = owner
  }

  get(stream: string): StagedStream | undefined {
    return this.#streams.get(stream)
  }

  get streams(): readonly StagedStream[] {
    return [...this.#streams.values()]
  }

  /** What is staged of the tables of a stream's nested rows. */
  children(stream: string): readonly StagedStream[] {
    return this.streams.filter(({ table }) => table.root?.stream === stream)
  }

  get leftovers(): readonly Leftover[] {
    return [...this.#leftovers.values()]
  }

  /** True where a later run would find nothing here that the log does not have. */
  get isEmpty(): boolean {
    return this.streams.every(isCommitted)
  }

  /** Takes one entry of a journal. The body is that of its frame. */
  apply(entry: JournalEntry, body: Uint8Array): void {
    if (entry.type === 'open') {
      for (const leftover of entry.leftovers) this.addLeftover(leftover)
    } else if (entry.type === 'discard') {
      for (const { table } of this.children(entry.stream)) this.drop(table.stream)
      this.drop(entry.stream)
    } else if (entry.type === 'segment') {
      this.#streams.get(entry.stream)?.close(entry.segment)
    } else if (entry.type === 'stream') {
      const staged = new Entry(entry)
      if (body.length > 0) staged.schema = decodeIpc(body).schema
      this.#streams.set(entry.table.stream, staged)
    } else if (entry.type === 'commit') {
      const { item, base, children } = entry
      const { table, checkpoint } = item
      this.#entry(table, base, checkpoint).commit = item
      for (const child of children) this.#entry(child.table, child.base, checkpoint)
    } else if (entry.type === 'cancel') {
      const staged = this.#streams.get(entry.stream)
      if (staged) staged.commit = undefined
    } else {
      let from = 0
      for (const { table, base, rows, bytes } of entry.parts) {
        const staged = this.#entry(table, base, entry.checkpoint)
        // A copy where there are several: Arrow reads 8-byte integers in place.
        if (bytes > 0) staged.add({ ipc: bytes === body.length ? body : body.slice(from, from + bytes), rows })
        staged.checkpoint = entry.checkpoint
        from += bytes
      }
    }
  }

  #entry(table: TableRef, base: number, checkpoint: Checkpoint): Entry {
    const entry = this.#streams.get(table.stream) ?? new Entry({ table, base, checkpoint })
    this.#streams.set(table.stream, entry)
    return entry
  }

  /** The shortest journal that this stage can be read back from. */
  *entries(): Generator<readonly [JournalEntry, Uint8Array]> {
    const entries = this.streams.reduce((sum, { open, commit }) => sum + 1 + open.length + (commit ? 1 : 0), 0)
    yield [{ type: 'open', format: 3, ...this.owner, leftovers: this.leftovers, entries }, nothing]
    for (const { table, base, continued, checkpoint, segments, schema, open } of this.#streams.values()) {
      const columns = schema ? encodeIpc(emptyBatch(schema)) : nothing
      yield [{ type: 'stream', table, base, continued, checkpoint, segments }, columns]
      for (const { ipc, rows } of open) {
        yield [{ type: 'page', parts: [{ table, base, rows, bytes: ipc.length }], checkpoint }, ipc]
      }
    }
    for (const { table, base, commit } of this.#streams.values()) {
      if (!commit) continue
      const children = this.children(table.stream).map((child) => ({ table: child.table, base: child.base }))
      yield [{ type: 'commit', item: commit, base, children }, nothing]
    }
  }

  /** Takes over a stream of the stage that another session left behind. */
  adopt(staged: StagedStream): void {
    const entry = new Entry(staged)
    for (const batch of staged.open) entry.add(batch)
    entry.schema = staged.schema
    entry.commit = staged.commit
    this.#streams.set(staged.table.stream, entry)
  }

  /** A stream's rows are in the log now, as its transaction `base`. What follows is added to them. */
  committed(table: TableRef, base: number, checkpoint: Checkpoint): void {
    this.#streams.set(table.stream, new Entry({ table, base, checkpoint, continued: true }))
  }

  /** Forgets a stream. Its files stay, and are remembered: an older session could be about to commit them. */
  drop(stream: string): void {
    const staged = this.#streams.get(stream)
    this.#streams.delete(stream)
    if (!staged || staged.segments.length === 0) return
    this.addLeftover({ stream, table: staged.table.table, writer: this.owner.writer })
  }

  addLeftover(leftover: Leftover): void {
    this.#leftovers.set(keyOf(leftover), leftover)
  }

  forgetLeftovers(leftovers: readonly Leftover[]): void {
    for (const leftover of leftovers) this.#leftovers.delete(keyOf(leftover))
  }
}

function keyOf({ stream, table, writer }: Leftover): string {
  return JSON.stringify([stream, table, writer])
}

const nothing = new Uint8Array(0)

/** Grows in place: copied for every page, a segment of many small pages would cost the square of their number. */
class Entry implements StagedStream {
  readonly table: TableRef
  readonly base: number
  readonly continued: boolean
  checkpoint: Checkpoint
  commit: CommitTable | undefined
  schema: Schema | undefined
  readonly segments: Segment[]
  open: OpenBatch[] = []
  openRows = 0
  openBytes = 0
  /** Of the last batch: most have those of the one before. */
  #columns: Uint8Array | undefined

  constructor(
    start: Pick<StagedStream, 'table' | 'base' | 'checkpoint'> & Partial<Pick<StreamEntry, 'continued' | 'segments'>>,
  ) {
    this.table = start.table
    this.base = start.base
    this.continued = start.continued ?? false
    this.checkpoint = start.checkpoint
    this.segments = [...(start.segments ?? [])]
  }

  add(batch: OpenBatch): void {
    const columns = columnBytes(batch.ipc)
    if (this.#columns === undefined || Buffer.compare(columns, this.#columns) !== 0) {
      this.schema = growSchema(this.schema, decodeIpc(batch.ipc).schema)
      this.#columns = columns.slice()
    }
    if (batch.rows === 0) return
    this.open.push(batch)
    this.openRows += batch.rows
    this.openBytes += batch.ipc.length
  }

  close(segment: Segment): void {
    this.segments.push(segment)
    this.open = []
    this.openRows = 0
    this.openBytes = 0
  }
}
