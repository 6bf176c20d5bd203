import { MillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'
import { type Action, parseActions } from './actions.ts'
import { checkSeal, sealCommit } from './commit-seal.ts'
import { hasVersions, listLog } from './list-log.ts'
import { commitName } from './log-names.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { relativePath, type Snapshot } from './snapshot.ts'

/**
 * The actions of one commit.
 *
 * @throws {MillraceError} `E_CORRUPT` where it is damaged or gone.
 */
export async function readCommit(table: ObjectStore, version: number): Promise<readonly Action[]> {
  const actions = await findCommit(table, version)
  if (actions) return actions
  throw new MillraceError('E_CORRUPT', `commit ${version} of table ${table.location} is missing from its log`, {
    context: { path: table.locate(commitName(version)) },
  })
}

/** The actions of one commit; undefined where it is not there. */
export async function findCommit(table: ObjectStore, version: number): Promise<readonly Action[] | undefined> {
  const name = commitName(version)
  const bytes = await table.get(name)
  if (!bytes) return undefined
  checkSeal(version, bytes, table.locate(name))
  return parseActions(Buffer.from(bytes).toString('utf8'), table.locate(name))
}

/**
 * Makes a version of a table, or leaves everything as it is and returns false where that version exists already.
 *
 * @param actions - One of them `commitInfo`, which gets the digest of the commit.
 * @see Delta Lake protocol, "Delta Log Entries": a version is made by one writer only
 */
export async function commitVersion(table: ObjectStore, version: number, actions: readonly Action[]): Promise<boolean> {
  // The name is free, too, where others went far ahead while this commit was planned, and removed what had expired.
  if (hasVersions(await listLog(table, version))) return false
  return table.putIfAbsent(commitName(version), Buffer.from(sealCommit(version, actions)))
}

/**
 * The version of a table that holds an application's last transaction; undefined where its commit is gone from the log.
 */
export async function commitOf(table: ObjectStore, snapshot: Snapshot, appId: string): Promise<number | undefined> {
  const found = snapshot.transactions.get(appId)
  if (!found || found.commit !== undefined) return found?.commit
  for (let version = snapshot.version; version >= 0; version--) {
    const actions = await findCommit(table, version)
    if (!actions) return undefined
    if (actions.some(({ txn }) => txn?.appId === appId && txn.version === found.version)) return version
  }
  return undefined
}

/**
 * Paths of all files that the log names for a version after `after`, whether they are still live or not: in commits and
 * in every checkpoint.
 *
 * @throws {MillraceError} where anything of it cannot be read.
 */
export async function namedAfter(table: ObjectStore, after: number): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  const take = (actions: readonly Action[]): void => {
    for (const { add, remove } of actions) {
      for (const each of [add, remove]) {
        const path = each ? relativePath(each.path, table.location) : undefined
        if (path !== undefined) named.add(path)
      }
    }
  }
  const { commits, checkpoints, hasOtherCheckpoints } = await listLog(table, after + 1)
  for (const { version } of commits) take(await readCommit(table, version))
  for (const checkpoint of checkpoints) {
    const actions = await readCheckpoint(table, checkpoint)
    if (actions) take(actions)
    else throw new MillraceError('E_CORRUPT', `checkpoint ${checkpoint.version} of table ${table.location} is gone`)
  }
  if (hasOtherCheckpoints) {
    throw new MillraceError('E_UNSUPPORTED_TABLE', `table ${table.location} has checkpoints of version 2`)
  }
  return named
}
