import type { ObjectStore } from '../store/object-store.ts'
import { commitTimes } from './commit-times.ts'
import { listLog } from './list-log.ts'
import { findCommit } from './log.ts'

export interface LakeVersion {
  readonly version: number
  /** ISO 8601. What `at` of `openLake(…).table` understands as this version. */
  readonly committedAt: string
  /** Missing where the writer left it out. */
  readonly operation?: string
}

/** The commits up to a version that are still in the log, newest first. */
export async function readHistory(table: ObjectStore, newest: number): Promise<readonly LakeVersion[]> {
  const { commits } = await listLog(table, 0)
  const versions: LakeVersion[] = []
  for (const { version, time } of commitTimes(commits).toReversed()) {
    const actions = version <= newest ? await findCommit(table, version) : undefined
    if (!actions) continue
    const operation = actions.find(({ commitInfo }) => commitInfo)?.commitInfo?.operation
    versions.push({
      version,
      committedAt: new Date(time).toISOString(),
      ...(typeof operation === 'string' ? { operation } : {}),
    })
  }
  return versions
}
