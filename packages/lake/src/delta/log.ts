import { MillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'
import { type Action, formatActions, parseActions } from './actions.ts'
import { commitName, commitVersionOf, logFolder, versionDigits } from './log-names.ts'
import { Replay, relativePath, type Snapshot } from './snapshot.ts'
import { unsupported } from './unsupported.ts'

/**
 * Replays a table's log up to its newest version, or up to `version`. Undefined where there is no table.
 *
 * Every commit from the first one is read; where they are gone in favour of a checkpoint, the table is refused.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TABLE`, `E_CORRUPT`, `E_VERSION_NOT_FOUND`, `E_STORAGE`
 * @see Delta Lake protocol, "Action Reconciliation"
 */
export async function readSnapshot(table: ObjectStore, version?: number): Promise<Snapshot | undefined> {
  const { commits, checkpoints } = await listLog(table, 0)
  if (commits.length === 0) {
    if (checkpoints > 0) throw withoutEarlyCommits(table)
    return undefined
  }
  const gap = commits.findIndex((each, index) => each !== index)
  if (gap === 0 || (gap > 0 && checkpoints > 0)) throw withoutEarlyCommits(table)
  if (gap > 0) throw missing(table, gap)
  const last = version ?? commits.length - 1
  if (!commits.includes(last)) {
    throw new MillraceError(
      'E_VERSION_NOT_FOUND',
      `table ${table.location} has no version ${last}; its versions are 0 to ${commits.length - 1}`,
      { context: { table: table.location, version: last } },
    )
  }
  const replay = new Replay(table.location)
  for (let each = 0; each <= last; each++) replay.take(await readCommit(table, each), each)
  return replay.snapshot(last)
}

/**
 * The newest version of a table, read on from a version that is known. What it costs does not depend on the length of the
 * log.
 *
 * Where the log is not the one that the known version was read from, it is read as if nothing were known.
 */
export async function updateSnapshot(table: ObjectStore, known: Snapshot): Promise<Snapshot | undefined> {
  const { commits } = await listLog(table, known.version)
  const isSame = commits.length > 0 && commits.every((each, index) => each === known.version + index)
  if (!isSame) return readSnapshot(table)
  const newer = commits.slice(1)
  if (newer.length === 0) return known
  const replay = new Replay(table.location, known)
  for (const version of newer) replay.take(await readCommit(table, version), version)
  const snapshot = replay.snapshot(known.version + newer.length)
  return snapshot.metadata.id === known.metadata.id ? snapshot : readSnapshot(table)
}

/** The actions of one commit. */
export async function readCommit(table: ObjectStore, version: number): Promise<readonly Action[]> {
  const name = commitName(version)
  const bytes = await table.get(name)
  if (!bytes) throw missing(table, version)
  return parseActions(Buffer.from(bytes).toString('utf8'), table.locate(name))
}

/**
 * Makes a version of a table, or leaves everything as it is and returns false where that version exists already.
 *
 * @see Delta Lake protocol, "Delta Log Entries": a version is made by one writer only
 */
export async function commitVersion(table: ObjectStore, version: number, actions: readonly Action[]): Promise<boolean> {
  return table.putIfAbsent(commitName(version), Buffer.from(formatActions(actions)))
}

/**
 * The version of a table that holds an application's last transaction; undefined where its commit is gone from the log.
 */
export async function commitOf(table: ObjectStore, snapshot: Snapshot, appId: string): Promise<number | undefined> {
  const found = snapshot.transactions.get(appId)
  if (!found || found.commit !== undefined) return found?.commit
  const { commits } = await listLog(table, 0)
  for (const version of commits.filter((each) => each <= snapshot.version).sort((a, b) => b - a)) {
    const actions = await readCommit(table, version)
    if (actions.some(({ txn }) => txn?.appId === appId && txn.version === found.version)) return version
  }
  return undefined
}

/** Paths of all files that a commit after version `after` names, whether they are still live or not. */
export async function namedAfter(table: ObjectStore, after: number): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  for (const version of (await listLog(table, after + 1)).commits) {
    for (const { add, remove } of await readCommit(table, version)) {
      for (const each of [add, remove]) {
        const path = each ? relativePath(each.path, table.location) : undefined
        if (path !== undefined) named.add(path)
      }
    }
  }
  return named
}

/** What the log has of a version and later ones. */
async function listLog(
  table: ObjectStore,
  from: number,
): Promise<{ readonly commits: readonly number[]; readonly checkpoints: number }> {
  const names = (await table.list(logFolder, { after: versionDigits(from) })).map(({ name }) => name)
  return {
    commits: names.flatMap((name) => commitVersionOf(name) ?? []),
    checkpoints: names.filter((name) => name.includes('.checkpoint.')).length,
  }
}

function withoutEarlyCommits(table: ObjectStore): MillraceError {
  return unsupported(table.location, 'its early commits are gone in favour of a checkpoint')
}

function missing(table: ObjectStore, version: number): MillraceError {
  return new MillraceError('E_CORRUPT', `commit ${version} of table ${table.location} is missing from its log`, {
    context: { path: table.locate(commitName(version)) },
  })
}
