import { isMillraceError, MillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'
import {
  type CheckpointEntry,
  formatVersions,
  hasVersions,
  type LogListing,
  listLog,
  readableVersions,
} from './list-log.ts'
import { findCommit } from './log.ts'
import { commitName } from './log-names.ts'
import { readCheckpoint, readLastCheckpoint } from './read-checkpoint.ts'
import { Replay, type Snapshot } from './snapshot.ts'
import { unsupported } from './unsupported.ts'

/** Times to look again because a file was gone between being listed and being read: another writer shortens the log. */
const maxLooks = 5

/**
 * A table at its newest version, or at `version`: its newest checkpoint, and the commits after it. Undefined where there
 * is no table.
 *
 * Where a checkpoint is damaged, an earlier one, or the first commit, is as good, as long as all commits after it are
 * there.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TABLE`, `E_CORRUPT`, `E_VERSION_NOT_FOUND`, `E_STORAGE`
 * @see Delta Lake protocol, "Action Reconciliation"
 */
export async function readSnapshot(table: ObjectStore, version?: number): Promise<Snapshot | undefined> {
  const hint = await readLastCheckpoint(table)
  if (hint !== undefined && (version === undefined || version >= hint)) {
    const listing = await listLog(table, hint)
    // Without that checkpoint this is no part of the log that says anything.
    if (listing.checkpoints.some((checkpoint) => checkpoint.version === hint)) {
      // Where it cannot be read from here, the whole log may do, or tell why not.
      const found = await read(table, listing, version).catch(allowLaterLook)
      if (found) return found
    }
  }
  for (let look = 1; look < maxLooks; look++) {
    const listing = await listLog(table, 0)
    if (!hasVersions(listing)) return undefined
    // A listing is not of one moment: it can lack a commit and have the next one, which were both made meanwhile.
    const found = await read(table, listing, version).catch(look === 1 ? allowDamage : rethrow)
    if (found) return found
  }
  throw new MillraceError(
    'E_CORRUPT',
    `the log of table ${table.location} has been shortened by others ${maxLooks} times while it was read; read again`,
    { context: { path: table.location } },
  )
}

/**
 * The newest version of a table, read on from a version that is known. What it costs does not depend on the length of the
 * log.
 *
 * Where the log is not the one that the known version was read from, or has been shortened, it is read as if nothing were
 * known.
 */
export async function updateSnapshot(table: ObjectStore, known: Snapshot): Promise<Snapshot | undefined> {
  const { commits } = await listLog(table, known.version)
  const isSame = commits.length > 0 && commits.every(({ version }, index) => version === known.version + index)
  if (!isSame) return readSnapshot(table)
  const newer = commits.slice(1)
  if (newer.length === 0) return known
  const replay = new Replay(table.location, known)
  for (const { version } of newer) {
    const actions = await findCommit(table, version)
    if (!actions) return readSnapshot(table)
    replay.take(actions, version)
  }
  const snapshot = replay.snapshot(known.version + newer.length)
  return snapshot.metadata.id === known.metadata.id ? snapshot : readSnapshot(table)
}

/** Undefined where a file that was listed is gone. */
async function read(table: ObjectStore, listing: LogListing, asked: number | undefined): Promise<Snapshot | undefined> {
  const { commits, checkpoints } = listing
  const version = asked ?? Math.max(-1, ...[commits, checkpoints].map((each) => each.at(-1)?.version ?? -1))
  let damage: unknown
  for (const start of startsFor(table, listing, version, asked !== undefined)) {
    try {
      return await replayFrom(table, start, version)
    } catch (thrown) {
      allowDamage(thrown)
      damage ??= thrown
    }
  }
  throw damage
}

/** Where reading a version can begin, the best place first: with a checkpoint, or (undefined) with the first commit. */
function startsFor(
  table: ObjectStore,
  listing: LogListing,
  version: number,
  isAsked: boolean,
): readonly (CheckpointEntry | undefined)[] {
  const there = new Set(listing.commits.map((commit) => commit.version))
  let first = version
  while (there.has(first)) first -= 1
  const starts = listing.checkpoints.filter((each) => each.version <= version && each.version >= first).reverse()
  const all = version >= 0 && first < 0 ? [...starts, undefined] : starts
  if (all.length > 0) return all

  const readable = readableVersions(listing)
  if (isAsked && readable.length > 0) throw notFound(table, version, readable)
  if (listing.hasOtherCheckpoints) throw unsupported(table.location, 'its log begins with a checkpoint of version 2')
  throw new MillraceError('E_CORRUPT', `commit ${first} of table ${table.location} is missing from its log`, {
    context: { path: table.locate(commitName(first)) },
  })
}

async function replayFrom(
  table: ObjectStore,
  start: CheckpointEntry | undefined,
  version: number,
): Promise<Snapshot | undefined> {
  const replay = new Replay(table.location)
  if (start) {
    const actions = await readCheckpoint(table, start)
    if (!actions) return undefined
    replay.take(actions, undefined)
  }
  for (let each = (start?.version ?? -1) + 1; each <= version; each++) {
    const actions = await findCommit(table, each)
    if (!actions) return undefined
    replay.take(actions, each)
  }
  return replay.snapshot(version)
}

/** Damage is a reason to read from another place; anything else is not. */
function allowDamage(thrown: unknown): undefined {
  if (isMillraceError(thrown) && thrown.code === 'E_CORRUPT') return undefined
  throw thrown
}

function rethrow(thrown: unknown): never {
  throw thrown
}

function allowLaterLook(thrown: unknown): undefined {
  if (isMillraceError(thrown) && thrown.code === 'E_VERSION_NOT_FOUND') return undefined
  return allowDamage(thrown)
}

function notFound(table: ObjectStore, version: number, readable: readonly number[]): MillraceError {
  return new MillraceError(
    'E_VERSION_NOT_FOUND',
    `table ${table.location} has no version ${version} that can be read; those that can are ${formatVersions(readable)}`,
    { context: { table: table.location, version } },
  )
}
