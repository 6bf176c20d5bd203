import { randomUUID } from 'node:crypto'
import { MillraceError } from '@millrace/core'
import type { SpillOptions } from '@millrace/merge'
import { DataType, type Schema } from 'apache-arrow'
import { maxCommitAttempts } from '../commit/commit-stream.ts'
import type { Action, AddFile } from '../delta/actions.ts'
import { removal } from '../delta/file-actions.ts'
import { keepLogShort } from '../delta/keep-log-short.ts'
import { commitVersion } from '../delta/log.ts'
import { partitionColumns } from '../delta/partition-columns.ts'
import { readSnapshot, updateSnapshot } from '../delta/read-snapshot.ts'
import { fromSchemaString } from '../delta/schema-string.ts'
import { checkWritable, nextSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { onDisk } from '../disk/storage-error.ts'
import { findLake } from '../open-lake.ts'
import { createWriter, partName } from '../stage/part-name.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { chooseGroups, type FileGroup } from './choose-groups.ts'
import { forEachTable, type SkippedTable } from './for-each-table.ts'
import { type JoinedGroup, type JoinGroupOptions, joinGroup } from './join-group.ts'
import { noTable } from './no-table.ts'
import { withWorkFolder } from './work-folder.ts'

/** Bytes of a file after compaction: large enough that opening it does not show, small enough for a merge to write anew. */
export const defaultTargetBytes = 134_217_728

export interface OptimizeOptions extends SpillOptions {
  /** Only this table. Default: all of the lake. */
  readonly table?: string
  /** Bytes of a file. Default {@link defaultTargetBytes}. */
  readonly targetBytes?: number
  /**
   * Sorts all rows by these columns, within each partition; best the primary key: a merge then opens only files that may hold
   * its keys. Writes the whole table anew where that was not done yet, or where other files have come since. Default: only
   * small files are joined, and rows keep their order.
   */
  readonly sortBy?: readonly string[]
  /** Told of every table that is done. */
  readonly onTable?: (table: TableOptimization) => void
}

/** What was done. Plain JSON. */
export interface LakeOptimization {
  readonly folder: string
  readonly tables: readonly TableOptimization[]
  /** Tables that cannot be read, or are of a kind that is not known. */
  readonly skipped: readonly SkippedTable[]
}

export interface TableOptimization {
  readonly table: string
  /** The one made; the newest where there was nothing to do. */
  readonly version: number
  readonly filesRemoved: number
  readonly filesAdded: number
  readonly bytesRemoved: number
  readonly bytesAdded: number
  /** Rows written anew. */
  readonly rows: number
  /** Files of the table afterwards. */
  readonly files: number
}

/**
 * Joins the small files of tables into larger ones, and sorts them where asked. The rows stay the same, as do stored states.
 *
 * Runs may go on meanwhile, without locks: what was made of files that another writer has removed is thrown away, and
 * planned anew; the rest takes the next version. A merge that meets a version made here plans anew too. The files that are
 * replaced stay until they are vacuumed.
 *
 * Memory: `memoryLimit` (default 1 GB). Disk: the files that are written, and for sorting as much again.
 *
 * @throws {MillraceError} `E_SORT_COLUMN`, `E_CORRUPT` where a file that is read is damaged, `E_BUSY`, `E_LAKE_NOT_FOUND`,
 * `E_TABLE_NOT_FOUND`, `E_UNSUPPORTED_TABLE`, `E_STORAGE`, and those of DuckDB in `@millrace/merge`.
 * @example
 * await optimizeLake('./data', { table: 'events', sortBy: ['id'] })
 */
export async function optimizeLake(folder: string, options: OptimizeOptions = {}): Promise<LakeOptimization> {
  const { targetBytes = defaultTargetBytes } = options
  if (!Number.isSafeInteger(targetBytes) || targetBytes < 1) {
    throw new RangeError(`optimizeLake: targetBytes must be a whole number from 1, got ${targetBytes}`)
  }
  const lake = await findLake(folder)
  const done = await forEachTable(lake, options.table, (table, store) =>
    withWorkFolder(lake, async (workFolder) => {
      const report = await optimizeTable(table, store, workFolder, { ...options, targetBytes })
      options.onTable?.(report)
      return report
    }),
  )
  return { folder: lake.location, ...done }
}

type TableOptions = OptimizeOptions & Required<Pick<OptimizeOptions, 'targetBytes'>>

async function optimizeTable(
  table: string,
  store: ObjectStore,
  workFolder: string,
  { targetBytes, sortBy = [], memoryLimit }: TableOptions,
): Promise<TableOptimization> {
  const writer = createWriter()
  const id = randomUUID()
  let written = 0
  let snapshot: Snapshot | undefined
  for (let attempt = 0; attempt < maxCommitAttempts; attempt++) {
    snapshot = await readOn(table, store, snapshot)
    const schema = fromSchemaString(snapshot.metadata.schemaString, table)
    checkSortColumns(schema, sortBy, table)
    const groups = chooseGroups(snapshot.files, sortBy, targetBytes)
    if (groups.length === 0) return reportOf(table, snapshot.version, snapshot.files.size, [])
    const nextName = (): string => partName(writer, 'optimize', written++)
    const spill = memoryLimit === undefined ? {} : { memoryLimit }
    const partitions = partitionColumns(snapshot.metadata.partitionColumns, schema, table)
    const common = { table, store, schema, partitions, sortBy, targetBytes, workFolder, id, nextName }
    const joined = await joinGroups(groups, { ...common, ...spill })
    // Where this fails, the version may have been made all the same: what it names must stay.
    const made = await commitGroups(table, store, snapshot, joined, sortBy)
    await removeGroups(
      joined.filter((group) => !made?.groups.includes(group)),
      store,
    )
    if (made) return reportOf(table, made.version, made.files, made.groups)
  }
  throw new MillraceError(
    'E_BUSY',
    `table ${store.location} was changed by others ${maxCommitAttempts} times while its files were joined; try again when it is quieter`,
    { retryable: true, context: { path: store.location } },
  )
}

/** Where one fails, those that were made before are removed. What it has left itself is vacuumed. */
async function joinGroups(groups: readonly FileGroup[], options: JoinGroupOptions): Promise<readonly JoinedGroup[]> {
  const { store } = options
  const joined: JoinedGroup[] = []
  try {
    for (const group of groups) joined.push(await onDisk('write', store.location, () => joinGroup(group, options)))
    return joined
  } catch (thrown) {
    await removeGroups(joined, store)
    throw thrown
  }
}

/** What cannot be removed is vacuumed. */
async function removeGroups(groups: readonly JoinedGroup[], store: ObjectStore): Promise<void> {
  for (const { names } of groups) for (const name of names) await store.delete(name).catch(() => {})
}

/** Makes the next version of those groups whose files are all still there; undefined where none is, or the columns changed. */
async function commitGroups(
  table: string,
  store: ObjectStore,
  planned: Snapshot,
  joined: readonly JoinedGroup[],
  sortBy: readonly string[],
): Promise<{ version: number; files: number; groups: readonly JoinedGroup[] } | undefined> {
  let snapshot = planned
  for (let attempt = 0; attempt < maxCommitAttempts; attempt++) {
    const { files, metadata } = snapshot
    if (metadata.schemaString !== planned.metadata.schemaString) return undefined
    const groups = joined.filter(({ from }) => from.every(([name, file]) => isSame(files.get(name), file)))
    if (groups.length === 0) return undefined
    const version = snapshot.version + 1
    const now = Date.now()
    const removals = groups.flatMap(({ from }) => from.map(([, file]) => removal(file, now, false)))
    const additions = groups.flatMap((group) => group.additions)
    const actions = [{ commitInfo: commitInfo(groups, sortBy, now) }, ...removals, ...additions]
    if (await commitVersion(store, version, actions)) {
      await keepLogShort(store, nextSnapshot(store.location, snapshot, actions, version), now)
      return { version, files: files.size - removals.length + additions.length, groups }
    }
    snapshot = await readOn(table, store, snapshot)
  }
  return undefined
}

async function readOn(table: string, store: ObjectStore, known: Snapshot | undefined): Promise<Snapshot> {
  const snapshot = known ? await updateSnapshot(store, known) : await readSnapshot(store)
  if (!snapshot) throw noTable(table, store)
  checkWritable(table, snapshot)
  return snapshot
}

function isSame(now: AddFile | undefined, { size, modificationTime }: AddFile): boolean {
  return now?.size === size && now.modificationTime === modificationTime
}

/** Of single values only: others have no order that all readers agree on. */
function checkSortColumns(schema: Schema, sortBy: readonly string[], table: string): void {
  for (const name of sortBy) {
    const field = schema.fields.find((each) => each.name === name)
    if (field && !DataType.isStruct(field.type) && !DataType.isList(field.type)) continue
    const problem = field ? `is of type ${field.type}` : 'is not there'
    throw new MillraceError(
      'E_SORT_COLUMN',
      `table "${table}" cannot be sorted by column "${name}": it ${problem}; its columns are ${schema.fields.map((each) => each.name).join(', ')}`,
      { context: { table, column: name } },
    )
  }
}

function reportOf(table: string, version: number, files: number, groups: readonly JoinedGroup[]): TableOptimization {
  const sum = (count: (group: JoinedGroup) => number): number =>
    groups.reduce((total, group) => total + count(group), 0)
  return {
    table,
    version,
    filesRemoved: sum(({ from }) => from.length),
    filesAdded: sum(({ names }) => names.length),
    bytesRemoved: sum(bytesOf),
    bytesAdded: sum(({ bytes }) => bytes),
    rows: sum(({ rows }) => rows),
    files,
  }
}

function bytesOf({ from }: JoinedGroup): number {
  return from.reduce((total, [, { size }]) => total + size, 0)
}

/** Names are Spark's, so that `DESCRIBE HISTORY` reads as usual. */
function commitInfo(
  groups: readonly JoinedGroup[],
  sortBy: readonly string[],
  now: number,
): NonNullable<Action['commitInfo']> {
  const { filesRemoved, filesAdded, bytesRemoved, bytesAdded } = reportOf('', 0, 0, groups)
  return {
    timestamp: now,
    operation: 'OPTIMIZE',
    operationParameters: { predicate: '[]', ...(sortBy.length > 0 ? { sortBy: JSON.stringify(sortBy) } : {}) },
    operationMetrics: {
      numRemovedFiles: String(filesRemoved),
      numAddedFiles: String(filesAdded),
      numRemovedBytes: String(bytesRemoved),
      numAddedBytes: String(bytesAdded),
    },
    isBlindAppend: false,
  }
}
