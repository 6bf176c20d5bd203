import type { Checkpoint, CommitTable, TableRef } from '@millrace/pipeline'
import type { Leftover, Segment } from './staged-stream.ts'

/** The first entry of a journal. */
export interface OpenEntry {
  readonly type: 'open'
  readonly format: 3
  readonly pipeline: string
  readonly run: string
  readonly writer: string
  readonly leftovers: readonly Leftover[]
  /**
   * How many entries right behind this one were written with it, in one step. They belong together: a stream stands there
   * with how far it is read, ahead of the last of its rows.
   */
  readonly entries: number
}

/** A stream with its whole files, as it stood when the journal was written anew. The body has its columns. */
export interface StreamEntry {
  readonly type: 'stream'
  readonly table: TableRef
  readonly base: number
  readonly continued: boolean
  readonly checkpoint: Checkpoint
  readonly segments: readonly Segment[]
}

/** A staged page, and how far the stream is read with it. One entry, so that a crash leaves all of its parts or none. */
export interface PageEntry {
  readonly type: 'page'
  readonly parts: readonly PagePart[]
  readonly checkpoint: Checkpoint
}

/** What a page has for one table. Its batch is in the body, behind those of the parts before. */
export interface PagePart {
  readonly table: TableRef
  readonly base: number
  readonly rows: number
  /** Of its batch in the body. */
  readonly bytes: number
}

/** The open batches of a stream are in a file now. */
export interface SegmentEntry {
  readonly type: 'segment'
  readonly stream: string
  readonly segment: Segment
}

/**
 * A stream with nested rows is about to be committed, table by table. From here on there is no way back: a session that
 * finds this commits what is not committed yet, before anything else. It may not look at the tables to see whether that was
 * begun: who wrote this may be alive, and about to.
 */
export interface CommitEntry {
  readonly type: 'commit'
  readonly item: CommitTable
  readonly base: number
  readonly children: readonly { readonly table: TableRef; readonly base: number }[]
}

/** The commit that was about to be is refused, and no table has it. */
export interface CancelEntry {
  readonly type: 'cancel'
  readonly stream: string
}

/** A stream is dropped, nested rows and all. */
export interface DiscardEntry {
  readonly type: 'discard'
  readonly stream: string
}

export type JournalEntry = OpenEntry | StreamEntry | PageEntry | SegmentEntry | CommitEntry | CancelEntry | DiscardEntry
