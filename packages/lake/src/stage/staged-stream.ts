import type { Checkpoint, CommitTable, TableRef } from '@millrace/pipeline'
import type { Schema } from 'apache-arrow'

/** A staged Parquet file: under its final name in the table's folder, and in no log yet. */
export interface Segment {
  /** Name in the table's folder. */
  readonly file: string
  readonly rows: number
  readonly bytes: number
  /** Of all bytes, in hexadecimal: a file that has changed since is never committed. */
  readonly sha256: string
}

/** A staged batch as Arrow IPC: what lies in the journal, and takes no more memory than the batch read from it. */
export interface OpenBatch {
  readonly ipc: Uint8Array
  readonly rows: number
}

/** What is staged of one stream: whole files first, then the batches of the segment that is still open. */
export interface StagedStream {
  readonly table: TableRef
  /**
   * The version of the stream's last transaction in the table's log when reading began, 0 for none. The stage may be
   * committed only on top of it: once the log has moved on, somebody else committed and these rows are of the past.
   */
  readonly base: number
  /** True once a part of this run is committed: the rest is added to it, and `replace` has been done. */
  readonly continued: boolean
  readonly checkpoint: Checkpoint
  /** How it is being committed, where it has nested rows and that may have been begun. */
  readonly commit: CommitTable | undefined
  readonly schema: Schema | undefined
  readonly segments: readonly Segment[]
  readonly open: readonly OpenBatch[]
  readonly openRows: number
  readonly openBytes: number
}

/** Files that a session made for a stream. Those that no log names may go once the stream has committed again. */
export interface Leftover {
  readonly stream: string
  readonly table: string
  readonly writer: string
}

/** True where the log has all that was staged of a stream. */
export function isCommitted(staged: StagedStream): boolean {
  return staged.continued && !hasRows(staged)
}

/** False for what is there only because a commit of it has been written down. */
export function hasAnything(staged: StagedStream): boolean {
  return staged.continued || hasRows(staged)
}

function hasRows({ segments, openRows }: StagedStream): boolean {
  return segments.length > 0 || openRows > 0
}
