import type { ObjectStore } from '../store/object-store.ts'
import { cleanLog } from './clean-log.ts'
import type { Snapshot } from './snapshot.ts'
import { checkpointInterval } from './table-properties.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

/**
 * To be called after each commit with the version it made: writes a checkpoint every `delta.checkpointInterval` versions,
 * and then removes what has expired of the log.
 *
 * Never fails: the version is made, and its table is right without. What was not done is done at the next such version.
 *
 * @param now - Milliseconds since 1970.
 */
export async function keepLogShort(table: ObjectStore, made: Snapshot, now: number): Promise<void> {
  if (made.version === 0 || made.version % checkpointInterval(made.metadata) !== 0) return
  try {
    await writeCheckpoint(table, made, now)
    await cleanLog(table, made, now)
  } catch {
    // Said above.
  }
}
