import type { Checkpoint, TableRef } from '@millrace/pipeline'
import type { Leftover, Segment } from './staged-stream.ts'

/** The first entry of a journal. */
export interface OpenEntry {
  readonly type: 'open'
  readonly format: 1
  readonly pipeline: string
  readonly run: string
  readonly writer: string
  readonly leftovers: readonly Leftover[]
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

/** A staged batch, which is the body, and how far the stream is read with it. */
export interface RowsEntry {
  readonly type: 'rows'
  readonly table: TableRef
  readonly base: number
  readonly checkpoint: Checkpoint
  readonly rows: number
}

/** The open batches of a stream are in a file now. */
export interface SegmentEntry {
  readonly type: 'segment'
  readonly stream: string
  readonly segment: Segment
}

/** A stream is dropped. */
export interface DiscardEntry {
  readonly type: 'discard'
  readonly stream: string
}

export type JournalEntry = OpenEntry | StreamEntry | RowsEntry | SegmentEntry | DiscardEntry
