import { namedAfter } from '../delta/log.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { ObjectStore } from '../store/object-store.ts'

/** Files that a session made for a stream, or may have made. */
export interface Sweepable {
  /** What their names begin with, and no others: that of a writer and a stream. */
  readonly prefix: string
  /** A version of the table that was there before the writer's name was; -1 where none is known, or there was no table. */
  readonly since: number
}

/**
 * Removes files of a table's folder that nobody needs: no commit that is in the log names them.
 *
 * Only to be called right after a commit of the very stream that the files are of. An older session that is still alive, or
 * a newer one that took the same stage over, can then not commit them any more: the stream's transaction has moved on. At
 * any other moment such a session could be between its last look and its commit.
 *
 * So a file that is not in the log yet never will be. One that is, or was, is never needed and removed: whatever version of
 * the table can still be read, it is read from a checkpoint and the commits after it, or from the first commit on. A
 * version that has the file is later than `since`, as its name did not exist before. If it is read from a checkpoint later
 * than `since`, that one names the file or a commit after it does; otherwise a commit later than `since` does. All of
 * these are looked at, whatever the newest checkpoint has forgotten of files that were removed long ago. What none of
 * them names belongs to no version that anybody can read.
 *
 * What cannot be removed stays: it is seen by nobody.
 *
 * @returns False where the log or the folder could not be read, so that a later sweep has to look again.
 * @param made - The version just made. What it names is looked up without reading, so that mostly nothing is read.
 */
export async function sweep(table: ObjectStore, sweepables: readonly Sweepable[], made: Snapshot): Promise<boolean> {
  try {
    for (const { prefix, since } of sweepables) {
      const found = (await table.list('', { prefix })).map(({ name }) => name)
      const unknown = found.filter((name) => !made.files.has(name) && !made.removed.has(name))
      if (unknown.length === 0) continue
      // A log that is no longer than it was when the writer looked has been started anew since.
      const named = await namedAfter(table, made.version > since ? since : -1)
      for (const name of unknown) if (!named.has(name)) await table.delete(name).catch(() => {})
    }
    return true
  } catch {
    return false
  }
}
