import { isMillraceError } from '@millrace/core'
import { readStates } from '../commit/stored-state.ts'
import type { Action, AddFile } from '../delta/actions.ts'
import { type CheckpointEntry, listLog } from '../delta/list-log.ts'
import { findCommit } from '../delta/log.ts'
import { commitName, lastCheckpointName, logFolder } from '../delta/log-names.ts'
import { checkpointIn, readCheckpoint } from '../delta/read-checkpoint.ts'
import { readSnapshot } from '../delta/read-snapshot.ts'
import { isAsSealed } from '../delta/seal.ts'
import { relativePath, type Snapshot } from '../delta/snapshot.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type Finding, findingOf } from './finding.ts'

export interface VerifiedLog {
  /** The newest version; undefined where it cannot be read. */
  readonly snapshot: Snapshot | undefined
  readonly commits: number
  readonly checkpoints: number
  /** Every file that the log says was added, by its name. */
  readonly added: ReadonlyMap<string, AddFile>
  readonly findings: readonly Finding[]
}

/**
 * Reads every commit and checkpoint for itself, so that each that is damaged is named, whether readers need it now or not,
 * and then the table as readers do.
 */
export async function verifyLog(store: ObjectStore, table: string): Promise<VerifiedLog> {
  const findings: Finding[] = []
  const added = new Map<string, AddFile>()
  // Before the log is listed: a checkpoint is there before anything points to it, and one may be made meanwhile.
  const pointerBytes = await store.get(lastCheckpointName)
  const { commits, checkpoints } = await listLog(store, 0)
  const check = async (name: string, read: () => Promise<readonly Action[] | undefined>): Promise<void> => {
    try {
      for (const { add } of (await read()) ?? []) {
        const path = add && relativePath(add.path, store.location)
        if (add && path !== undefined) added.set(path, add)
      }
    } catch (thrown) {
      findings.push(findingOf(unlessStorage(thrown), 'log', store.locate(name), table))
    }
  }
  for (const { version } of commits) await check(commitName(version), () => findCommit(store, version))
  for (const checkpoint of checkpoints) {
    await check(`${logFolder}/${checkpoint.names[0]}`, () => readCheckpoint(store, checkpoint))
  }
  const pointer = pointerBytes && verifyPointer(store, pointerBytes, checkpoints, table)
  if (pointer) findings.push(pointer)

  const read = { commits: commits.length, checkpoints: checkpoints.length, added }
  try {
    const snapshot = await readSnapshot(store)
    if (snapshot) readStates(snapshot, table)
    return { ...read, snapshot, findings }
  } catch (thrown) {
    const finding = findingOf(unlessStorage(thrown), 'log', store.locate(logFolder), table)
    if (!findings.some(({ path }) => path === finding.path)) findings.push(finding)
    return { ...read, snapshot: undefined, findings }
  }
}

/** Readers only save work by it. One that does not name the newest checkpoint, or one before it that is there, is damaged. */
function verifyPointer(
  store: ObjectStore,
  bytes: Uint8Array,
  checkpoints: readonly CheckpointEntry[],
  table: string,
): Finding | undefined {
  const version = checkpointIn(bytes)
  const isThere = checkpoints.some((checkpoint) => checkpoint.version === version)
  if (isThere && isAsSealed(bytes)) return undefined
  const path = store.locate(lastCheckpointName)
  const what = isThere ? 'is not as it was written' : 'names no checkpoint that is there'
  const message = `${path} ${what}; readers do without it, and the next checkpoint writes it anew`
  return { table, path, problem: 'log', message }
}

/** What cannot be read at all says nothing of what is there. */
function unlessStorage(thrown: unknown): unknown {
  if (isMillraceError(thrown) && thrown.code === 'E_STORAGE') throw thrown
  return thrown
}
