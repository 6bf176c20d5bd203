import { MillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'
import { commitTimes } from './commit-times.ts'
import { hasVersions, listLog, readableVersions } from './list-log.ts'

/**
 * The version that a table had at a moment: the newest that was made until then. Undefined where there is no table.
 *
 * @param at - Milliseconds since 1970.
 * @throws {MillraceError} `E_VERSION_NOT_FOUND` where all that can still be read is younger.
 */
export async function versionAt(table: ObjectStore, at: number): Promise<number | undefined> {
  const listing = await listLog(table, 0)
  if (!hasVersions(listing)) return undefined
  const readable = new Set(readableVersions(listing))
  const times = commitTimes(listing.commits).filter(({ version }) => readable.has(version))
  const found = times.findLast(({ time }) => time <= at)
  if (found) return found.version
  const [first] = times
  throw new MillraceError(
    'E_VERSION_NOT_FOUND',
    `table ${table.location} has no version of ${new Date(at).toISOString()} or before; ${first ? `the oldest that can be read is ${first.version}, of ${new Date(first.time).toISOString()}` : 'none of its commits is there'}`,
    { context: { table: table.location } },
  )
}
