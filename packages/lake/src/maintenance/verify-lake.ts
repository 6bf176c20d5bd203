import { findLake } from '../open-lake.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { chooseTables } from './choose-tables.ts'
import type { Finding } from './finding.ts'
import { verifyFiles } from './verify-files.ts'
import { verifyLog } from './verify-log.ts'
import { verifyStages } from './verify-stages.ts'

export interface VerifyOptions {
  /** Only this table, and no stages. Default: all of the lake. */
  readonly table?: string
  /** Also the files of older versions, as far as they are there: vacuumed ones are no finding. Default: false. */
  readonly allVersions?: boolean
  /** Told of every file that has been read. */
  readonly onFile?: (progress: VerifyProgress) => void
}

export interface VerifyProgress {
  readonly table: string
  readonly files: number
  /** Files of the table in all. */
  readonly of: number
}

/** What a lake is like. Plain JSON. */
export interface LakeVerification {
  readonly folder: string
  readonly tables: readonly TableVerification[]
  /** Journals of unfinished runs that were read. */
  readonly journals: number
  /** What is wrong; empty where all is as it was written. */
  readonly findings: readonly Finding[]
}

export interface TableVerification {
  readonly table: string
  /** The newest one; undefined where the log cannot be read, and so no file could be looked at. */
  readonly version: number | undefined
  /** Commits and checkpoints that were read. */
  readonly commits: number
  readonly checkpoints: number
  /** Files that are there, of those looked at, and what they hold. */
  readonly files: number
  readonly bytes: number
  readonly rows: number
  /** Files of other writers without a digest: their size and rows were looked at, and not what they hold. */
  readonly notHashed: number
  /** Files of older versions that are not there any more. */
  readonly gone: number
}

/**
 * Reads every byte of a lake and holds it to what was written: commits, checkpoints and stored states; size, SHA-256 and
 * rows of every file of the newest versions; the journals of unfinished runs and their staged files.
 *
 * Nothing is changed, and runs may go on meanwhile: what is looked at is the version that was there at the beginning.
 *
 * What it cannot see: a journal that was cut off exactly between two entries, which looks as if the run had come no
 * further, and what other writers have written without a digest.
 *
 * Memory: one piece of a file, its footer, and the log.
 *
 * @throws {MillraceError} `E_LAKE_NOT_FOUND`, `E_TABLE_NOT_FOUND`, `E_STORAGE` where the disk cannot be read.
 * @example
 * const { findings } = await verifyLake('./data')
 * for (const { path, problem } of findings) console.error(problem, path)
 */
export async function verifyLake(folder: string, options: VerifyOptions = {}): Promise<LakeVerification> {
  const lake = await findLake(folder)
  const tables: TableVerification[] = []
  const findings: Finding[] = []
  for (const table of await chooseTables(lake, options.table)) {
    const found = await verifyTable(lake, table, options)
    tables.push(found.table)
    findings.push(...found.findings)
  }
  if (options.table !== undefined) return { folder: lake.location, tables, journals: 0, findings }
  const stages = await verifyStages(lake)
  return { folder: lake.location, tables, journals: stages.journals, findings: [...findings, ...stages.findings] }
}

async function verifyTable(
  lake: ObjectStore,
  table: string,
  { allVersions = false, onFile }: VerifyOptions,
): Promise<{ readonly table: TableVerification; readonly findings: readonly Finding[] }> {
  const store = lake.within(table)
  const log = await verifyLog(store, table)
  const { snapshot, commits, checkpoints } = log
  const live = [...(snapshot?.files ?? [])]
  const older = allVersions ? [...log.added].filter(([name]) => !snapshot?.files.has(name)) : []
  let files = 0
  const read = (): void => {
    files += 1
    onFile?.({ table, files, of: live.length + older.length })
  }
  const now = await verifyFiles(table, store, live, read)
  const before = await verifyFiles(table, store, older, read)
  const missing = now.missing.map((name): Finding => {
    const path = store.locate(name)
    return { table, path, problem: 'missing', message: `${path} is in the log and not there; restore it from a copy` }
  })
  return {
    table: {
      table,
      version: snapshot?.version,
      commits,
      checkpoints,
      files: now.files + before.files,
      bytes: now.bytes + before.bytes,
      rows: now.rows + before.rows,
      notHashed: now.notHashed + before.notHashed,
      gone: before.missing.length,
    },
    findings: [...log.findings, ...missing, ...now.findings, ...before.findings],
  }
}
