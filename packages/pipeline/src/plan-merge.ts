import type { Position } from '@millrace/core'
import type { Checkpoint, StagedStream, TableRef } from './destination.ts'
import { endsAbsent, type MergePlan } from './merge-rules.ts'
import type { Stream } from './source.ts'

/** What is known of how a stream was read. */
export interface Scan {
  readonly stream: Stream
  readonly table: TableRef
  /** What a dead run has left. */
  readonly resume: StagedStream | undefined
  /** What the read, of the dead run or of this one, started from. */
  readonly committed: Position | undefined
  readonly checkpoint: Checkpoint
  readonly complete: boolean
  /** Rows that a contract dropped in this run. */
  readonly discarded: number
}

/** How the rows of a scan are merged, and why those it has not are no rows that are gone, where that matters. */
export interface PlannedMerge {
  readonly merge: MergePlan | false
  readonly doubt?: string
}

/** @param at The time of the commit, milliseconds since 1970. */
export function planMerge(scan: Scan, at: number): PlannedMerge {
  const { merge } = scan.table
  if (!merge) return { merge: false }
  const doubt = endsAbsent(merge) ? whyNotWhole(scan) : undefined
  const isWhole = endsAbsent(merge) && doubt === undefined
  return { merge: { ...merge, isWhole, at }, ...(doubt !== undefined && { doubt }) }
}

/**
 * Why a scan does not prove that a row it has not is gone; undefined where it does: it was read from its beginning to its
 * end, by this run and those it took over, and nothing of it was dropped on the way.
 */
function whyNotWhole({ stream, resume, committed, checkpoint, complete, discarded }: Scan): string | undefined {
  if (!complete) return 'it was not read to its end'
  const readsAll = stream.readsAll ? stream.readsAll(committed) : committed === undefined
  if (!readsAll) return 'it was not read from its beginning, or does not read all rows there are'
  if (resume?.continued) return 'a run before had committed a part of it'
  if (discarded > 0) return 'its schema contract dropped rows'
  if (resume && mayDropRows(stream)) return 'a run before may have dropped rows by its schema contract'
  // An API that answers with nothing by mistake is likelier than one that has lost everything.
  return checkpoint.rows === 0 ? 'it had no row at all' : undefined
}

function mayDropRows({ schema }: Stream): boolean {
  const { contract } = schema ?? {}
  return (typeof contract === 'string' ? [contract] : Object.values(contract ?? {})).includes('discardRow')
}
