import { posix } from 'node:path'
import { namedAfter } from '../delta/log.ts'
import { logFolder } from '../delta/log-names.ts'
import { readSnapshot } from '../delta/read-snapshot.ts'
import { checkWritable } from '../delta/snapshot.ts'
import { findLake } from '../open-lake.ts'
import type { ObjectEntry, ObjectStore } from '../store/object-store.ts'
import { forEachTable, type SkippedTable } from './for-each-table.ts'
import { noTable } from './no-table.ts'
import { type RetentionOptions, retentionOf } from './retention.ts'
import { readStagedFiles, type StagedFiles } from './staged-files.ts'
import { removeWorkFolders } from './work-folder.ts'

/**
 * Hours that a file stays which no log names, however short the retention: it may be what a run, a merge or a compaction is
 * about to commit. Those are the hours that one may take.
 */
export const leastOrphanHours = 24

const hourMs = 3_600_000

export interface VacuumOptions extends RetentionOptions {
  /** Only this table. Default: all of the lake. */
  readonly table?: string
  /** Tells what would be deleted, and deletes nothing. Default: false. */
  readonly dryRun?: boolean
  /** Told of every table that is done. */
  readonly onTable?: (table: TableVacuum) => void
}

/** What was deleted. Plain JSON. */
export interface LakeVacuum {
  readonly folder: string
  /** Whether nothing was deleted. */
  readonly dryRun: boolean
  readonly tables: readonly TableVacuum[]
  /** Tables that cannot be read, or are of a kind that is not known. */
  readonly skipped: readonly SkippedTable[]
  /** Damaged journals: while they are there, files that no log names stay, as they may be staged. */
  readonly unreadableJournals: readonly string[]
}

export interface TableVacuum {
  readonly table: string
  /** Undefined where the table has one that is not understood: removed files stay for ever. */
  readonly retentionHours: number | undefined
  /** Where the files were, or with `dryRun` are. */
  readonly files: readonly string[]
  readonly bytes: number
}

/**
 * Deletes what no version of a table needs that is younger than the retention: files that a commit removed longer ago than
 * that, what runs have left that died, and what a broken write left in the log's folder.
 *
 * Older versions can then no longer be read. What stays, whatever its age: files of the newest version, staged files of
 * unfinished runs, folders, and what is no Parquet file.
 *
 * Runs may go on meanwhile. A file is looked for in the journals first and in the log afterwards, so that one that is
 * committed in between is seen; and one that no log names is deleted only when it is {@link leastOrphanHours} old by the
 * clock of the disk, so that what is being written is not missed. A merge or a compaction that takes longer than that
 * must not meet a vacuum.
 *
 * @throws {MillraceError} `E_RETENTION`, `E_BUSY`, `E_LAKE_NOT_FOUND`, `E_TABLE_NOT_FOUND`, `E_UNSUPPORTED_TABLE`, `E_STORAGE`
 * @example
 * await vacuumLake('./data', { dryRun: true })
 * @see Delta Lake documentation, "Remove files no longer referenced by a Delta table"
 */
export async function vacuumLake(folder: string, options: VacuumOptions = {}): Promise<LakeVacuum> {
  const { retentionHours, dryRun = false } = options
  if (retentionHours !== undefined && !(retentionHours >= 0 && Number.isFinite(retentionHours))) {
    throw new RangeError(`vacuumLake: retentionHours must be a number from 0, got ${retentionHours}`)
  }
  const lake = await findLake(folder)
  let unreadable: readonly string[] = []
  const done = await forEachTable(lake, options.table, async (table, store) => {
    const entries = await listFiles(table, store)
    const staged = await readStagedFiles(lake)
    unreadable = staged.unreadable
    const report = await vacuumTable(table, store, entries, staged, options)
    options.onTable?.(report)
    return report
  })
  if (!dryRun) await removeWorkFolders(lake, Date.now() - leastOrphanHours * hourMs)
  return { folder: lake.location, dryRun, ...done, unreadableJournals: unreadable }
}

async function vacuumTable(
  table: string,
  store: ObjectStore,
  entries: readonly ObjectEntry[],
  staged: StagedFiles,
  options: VacuumOptions,
): Promise<TableVacuum> {
  const snapshot = await readSnapshot(store)
  if (!snapshot) throw noTable(table, store)
  checkWritable(table, snapshot)
  const retentionMs = retentionOf(snapshot, table, options)
  const now = Date.now()
  const isOld = ({ modifiedAt }: ObjectEntry): boolean =>
    now - modifiedAt > Math.max(retentionMs, leastOrphanHours * hourMs)

  const useless = entries.filter((entry) => {
    const { name } = entry
    if (snapshot.files.has(name) || staged.has(table, name) || !isOurs(name)) return false
    const removed = snapshot.removed.get(name)
    if (removed) return now - Math.max(removed.deletionTimestamp ?? 0, entry.modifiedAt) > retentionMs
    return isOld(entry) && (staged.unreadable.length === 0 || isTemporary(name))
  })
  const torn = (await store.list(logFolder)).filter((entry) => isTemporary(entry.name) && isOld(entry))

  // Once more, for what has been committed since.
  const named = await namedAfter(store, snapshot.version)
  const deleted = [
    ...useless.filter(({ name }) => !named.has(name)),
    ...torn.map((entry) => ({ ...entry, name: `${logFolder}/${entry.name}` })),
  ]
  if (!options.dryRun) for (const { name } of deleted) await store.delete(name)
  return {
    table,
    retentionHours: Number.isFinite(retentionMs) ? retentionMs / hourMs : undefined,
    files: deleted.map(({ name }) => store.locate(name)),
    bytes: deleted.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** What lies in the table's folder, and in those that other writers have made for the files of a partition. */
async function listFiles(table: string, store: ObjectStore): Promise<readonly ObjectEntry[]> {
  const snapshot = await readSnapshot(store)
  if (!snapshot) throw noTable(table, store)
  const folders = new Set([...snapshot.files.keys(), ...snapshot.removed.keys()].map((name) => posix.dirname(name)))
  folders.delete('.')
  const inside = [...folders].map(async (folder) =>
    (await store.list(folder)).map((entry) => ({ ...entry, name: `${folder}/${entry.name}` })),
  )
  return [...(await store.list('')), ...(await Promise.all(inside)).flat()]
}

/** What a writer of Delta tables makes. A folder of a partition may begin with `_` as the column does, and others may not. */
function isOurs(name: string): boolean {
  const isHidden = name.split('/').some((part) => /^[._]/.test(part) && !part.includes('='))
  return !isHidden && (name.endsWith('.parquet') || isTemporary(name))
}

/** What is renamed when it is whole: no name that anybody looks for. */
function isTemporary(name: string): boolean {
  return /\.parquet\.tmp$|\.tmp-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)
}
