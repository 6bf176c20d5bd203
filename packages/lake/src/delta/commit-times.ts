import type { LogEntry } from './list-log.ts'

export interface CommitTime {
  readonly version: number
  /** Milliseconds since 1970. */
  readonly time: number
}

/**
 * When each commit was made: when its file was last changed, and later than the commit before, whatever clocks say.
 *
 * As all of Delta's readers have it, so that they agree on the version of a moment.
 *
 * @see Delta Lake, `DeltaHistoryManager.monotonizeCommitTimestamps`
 */
export function commitTimes(commits: readonly LogEntry[]): readonly CommitTime[] {
  let last = Number.NEGATIVE_INFINITY
  return commits.map(({ version, modifiedAt }) => {
    last = Math.max(modifiedAt, last + 1)
    return { version, time: last }
  })
}
