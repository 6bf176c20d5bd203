import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromArrow } from '@millrace/arrow'
import { MillraceError, type Row } from '@millrace/core'
import type { StreamState } from '@millrace/pipeline'
import type { RecordBatch, Schema } from 'apache-arrow'
import { readStates } from './commit/stored-state.ts'
import { checkContent } from './delta/content-digest.ts'
import { readFiles, selectFiles, type TableFile, tableFiles } from './delta/read-files.ts'
import { type LakeVersion, readHistory } from './delta/read-history.ts'
import { readSnapshot } from './delta/read-snapshot.ts'
import { fromSchemaString } from './delta/schema-string.ts'
import { rowsOf } from './delta/stats.ts'
import { tableNames } from './delta/table-names.ts'
import { versionAt } from './delta/version-at.ts'
import { safeName } from './disk/safe-name.ts'
import { isMissing, onDisk } from './disk/storage-error.ts'
import { diskStore } from './store/disk-store.ts'
import type { ObjectStore } from './store/object-store.ts'

/** A folder of tables, to read from. */
export interface Lake {
  readonly folder: string
  /** In alphabetical order. */
  tables(): Promise<readonly string[]>
  /** @throws {MillraceError} `E_TABLE_NOT_FOUND`, `E_VERSION_NOT_FOUND`, `E_UNSUPPORTED_TABLE`, `E_CORRUPT` */
  table(name: string, options?: TableOptions): Promise<LakeTable>
  /** The stored state of every stream, in order of tables. */
  state(): Promise<readonly LakeState[]>
}

/** Which version to read. Default: the newest. */
export interface TableOptions {
  readonly version?: number
  /**
   * The version that the table had at this moment, as a date or in ISO 8601. The moment of a version is that of its file
   * in the log, as for all readers of Delta tables: a copy of a table has to keep the times of its files.
   */
  readonly at?: Date | string
  /**
   * Holds every file to its SHA-256 in the log before it is read, which reads it twice: `E_CORRUPT` for one that is damaged,
   * in place of rows that may be wrong. Files of other writers have none. Default: false.
   */
  readonly verify?: boolean
}

export interface LakeState extends StreamState {
  readonly pipeline: string
  readonly stream: string
}

/** A table at one version. Stays readable while others commit, until the files of that version are vacuumed. */
export interface LakeTable {
  readonly name: string
  readonly location: string
  readonly version: number
  readonly schema: Schema
  /** Columns by whose values the rows are in files of their own. */
  readonly partitionBy: readonly string[]
  readonly files: readonly LakeFile[]
  /** Rows in all; undefined where another writer left it out for a file. */
  readonly rowCount: number | undefined
  /**
   * Shape:  AsyncIterable<RecordBatch>, columns as in `schema`.
   * Order:  that of the files, then of their rows. A table promises no other.
   * Memory: one file, compressed, and one row group.
   * Pulls:  lazy; a file is opened when the one before is read to its end.
   */
  batches(): AsyncIterable<RecordBatch>
  /** {@link LakeTable.batches} as plain rows, for looking at them. Where speed counts, read batches. */
  rows(): AsyncIterable<Row>
  /**
   * The rows of this version as a query for DuckDB, which reads the files by itself: `CREATE VIEW events AS ${table.sql()}`.
   * Good for as long as the files of the version are there.
   */
  sql(): string
  /** Every version up to this one whose commit is still in the log, newest first. */
  history(): Promise<readonly LakeVersion[]>
}

export interface LakeFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  readonly rows: number | undefined
}

/**
 * A lake to read from: any folder of Delta tables, of which only those of ours need be understood.
 *
 * Looks at nothing by itself; the first call does, and finds `E_LAKE_NOT_FOUND` where there is no such folder.
 *
 * @example
 * const events = await openLake('./data').table('events')
 * for await (const row of events.rows()) console.log(row)
 */
export function openLake(folder: string): Lake {
  const asked = resolve(folder)
  return Object.freeze({
    folder: asked,
    tables: async () => tableNames(await findLake(asked)),
    table: async (name: string, options: TableOptions = {}) => openTable(await findLake(asked), name, options),
    state: async () => {
      const root = await findLake(asked)
      const states: LakeState[] = []
      for (const table of await tableNames(root)) {
        const snapshot = await readSnapshot(root.within(table))
        for (const { pipeline, stream, state } of snapshot ? readStates(snapshot, table) : []) {
          const { position, run, committedAt, root: ofNestedRows } = state
          if (ofNestedRows) continue
          states.push({ pipeline, stream, table, position, run, committedAt })
        }
      }
      return states
    },
  })
}

/** The folder behind all links, so that later changes of a link do not move a table that is being read. */
export async function findLake(folder: string): Promise<ObjectStore> {
  const asked = resolve(folder)
  return onDisk('open', asked, async () => {
    try {
      return diskStore(await realpath(asked))
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown
      throw new MillraceError('E_LAKE_NOT_FOUND', `there is no folder ${asked}; check the path`, {
        context: { path: asked },
      })
    }
  })
}

async function openTable(root: ObjectStore, name: string, options: TableOptions): Promise<LakeTable> {
  const store = root.within(safeName(name))
  const moment = options.at === undefined ? undefined : momentOf(options)
  const version = moment === undefined ? options.version : await versionAt(store, moment)
  const snapshot = await readSnapshot(store, version)
  if (!snapshot) {
    const others = (await tableNames(root)).join(', ')
    throw new MillraceError(
      'E_TABLE_NOT_FOUND',
      `there is no table "${name}" in ${root.location}; ${others === '' ? 'the lake is empty' : `its tables are ${others}`}`,
      { context: { table: name, path: store.location } },
    )
  }
  const schema = fromSchemaString(snapshot.metadata.schemaString, name)
  const content = tableFiles(snapshot, schema, name, store.locate)
  const files = content.files.map(({ path, entry }): LakeFile => ({ path, bytes: entry.size, rows: rowsOf(entry) }))
  const check = (file: TableFile): Promise<void> => checkContent(store, file.name, file.entry)
  const batches = (): AsyncIterable<RecordBatch> => readFiles(content, options.verify ? check : undefined)
  return Object.freeze({
    name,
    location: store.location,
    version: snapshot.version,
    schema,
    partitionBy: snapshot.metadata.partitionColumns,
    files,
    rowCount: files.reduce<number | undefined>((sum, { rows }) => add(sum, rows), 0),
    batches,
    rows: () => rowsIn(batches()),
    sql: () => selectFiles(content),
    history: () => readHistory(store, snapshot.version),
  })
}

function momentOf({ at = '', version }: TableOptions): number {
  if (version !== undefined)
    throw new RangeError('openLake: table takes either a version or the moment of one, not both')
  const moment = at instanceof Date ? at.getTime() : Date.parse(at)
  if (Number.isFinite(moment)) return moment
  throw new RangeError(`openLake: at must be a date or text in ISO 8601, got ${String(at)}`)
}

async function* rowsIn(batches: AsyncIterable<RecordBatch>): AsyncGenerator<Row, undefined> {
  for await (const batch of batches) yield* fromArrow(batch)
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}
