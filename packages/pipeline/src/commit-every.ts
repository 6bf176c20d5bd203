import { wholeNumber } from '@millrace/core'
import type { TableRef } from './destination.ts'
import { needsWholeScan } from './merge-rules.ts'

/** When a part of a stream is committed while it is read: by whichever of the two comes first. */
export interface CommitEvery {
  /** Rows read of the stream since its last commit, from 1. A page is never divided. */
  readonly rows?: number
  /** Longest that rows wait for their commit, seconds. Also while the stream gives nothing new. */
  readonly seconds?: number
}

/** @throws {RangeError} where there is neither of the two, or one that is no number to count to. */
export function checkCommitEvery({ rows, seconds }: CommitEvery): void {
  if (rows === undefined && seconds === undefined) {
    throw new RangeError('run: commitEvery needs rows or seconds, for example { rows: 100_000 }')
  }
  if (rows !== undefined) wholeNumber('run: commitEvery.rows', rows, 1)
  if (seconds !== undefined && !(seconds > 0 && Number.isFinite(seconds))) {
    throw new RangeError(`run: commitEvery.seconds must be a number above 0, got ${seconds} (${typeof seconds})`)
  }
}

/**
 * Whether a part of the rows of a stream may be in its table without the rest. Not where they take the place of all that is
 * there: readers see the old table or the new one, and nothing in between. Nor where the rows that are missing say something.
 */
export function isCommittedInParts(table: TableRef): boolean {
  return table.mode !== 'full-refresh' && table.disposition !== 'replace' && !needsWholeScan(table)
}
