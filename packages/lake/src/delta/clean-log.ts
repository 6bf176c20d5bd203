import type { ObjectStore } from '../store/object-store.ts'
import { commitTimes } from './commit-times.ts'
import { listLog } from './list-log.ts'
import { logFolder } from './log-names.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { Replay, type Snapshot } from './snapshot.ts'
import { isLogCleanedUp, retentionMs } from './table-properties.ts'

const dayMs = 86_400_000

/**
 * Removes the files of versions that are older than `delta.logRetentionDuration` and that nothing needs which is younger.
 *
 * What stays begins with a checkpoint, the newest that is not younger than that; it is read before anything is removed
 * in favour of it.
 *
 * @param now - Milliseconds since 1970.
 * @see Delta Lake protocol, "Metadata Cleanup"
 */
export async function cleanLog(table: ObjectStore, { metadata }: Snapshot, now: number): Promise<void> {
  if (!isLogCleanedUp(metadata)) return
  const expired = now - retentionMs(metadata, 'delta.logRetentionDuration')
  const midnight = Math.floor(expired / dayMs) * dayMs
  const { commits, checkpoints, files } = await listLog(table, 0)
  const cutOff = commitTimes(commits).findLast(({ time }) => time <= midnight)
  const first = cutOff && checkpoints.findLast(({ version }) => version <= cutOff.version)
  const old = first ? files.filter(({ version }) => version < first.version) : []
  if (!first || old.length === 0) return

  const actions = await readCheckpoint(table, first)
  if (!actions) return
  const replay = new Replay(table.location)
  replay.take(actions, undefined)
  replay.snapshot(first.version)
  for (const { name } of old) await table.delete(`${logFolder}/${name}`)
}
