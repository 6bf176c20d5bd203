import { readFile } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { MillraceError } from '@millrace/core'
import { createFolder, createWhole, namesIn } from '../disk/durable.ts'
import { fileErrorCode, onDisk } from '../disk/storage-error.ts'
import { type Action, type AddFile, formatActions, type Metadata, type Protocol, parseActions } from './actions.ts'

/** The versions of the protocol whose every rule this library keeps. */
export const protocol: Protocol = Object.freeze({ minReaderVersion: 1, minWriterVersion: 2 })

/** A Delta table at one version: what is left of its log when later actions have taken the place of earlier ones. */
export interface Snapshot {
  readonly version: number
  readonly protocol: Protocol
  readonly metadata: Metadata
  /** Live files by their path, relative to the table's folder and decoded, in the order they were added. */
  readonly files: ReadonlyMap<string, AddFile>
  /** Per application the version of its last transaction, and the version of the table that holds it. */
  readonly transactions: ReadonlyMap<string, { readonly version: number; readonly commit: number }>
  /** Paths of all files that any commit ever named. They are never ours to delete. */
  readonly named: ReadonlySet<string>
}

export function logFolder(table: string): string {
  return join(table, '_delta_log')
}

/** Delta Lake protocol, "Delta Log Entries": the version in 20 digits. */
export function commitPath(table: string, version: number): string {
  return join(logFolder(table), `${String(version).padStart(20, '0')}.json`)
}

/**
 * Replays a table's log up to its newest version, or up to `version`. Undefined where there is no table.
 *
 * Every commit from the first one is read; where they are gone in favour of a checkpoint, the table is refused.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TABLE`, `E_CORRUPT`, `E_VERSION_NOT_FOUND`, `E_STORAGE`
 * @see Delta Lake protocol, "Action Reconciliation"
 */
export async function readSnapshot(table: string, version?: number): Promise<Snapshot | undefined> {
  const names = await onDisk('list the log of', table, () => namesIn(logFolder(table)))
  const versions = names.filter((name) => /^\d{20}\.json$/.test(name)).map((name) => Number.parseInt(name, 10))
  if (versions.length === 0) {
    if (names.some((name) => name.includes('.checkpoint.'))) throw withoutEarlyCommits(table)
    return undefined
  }
  versions.sort((a, b) => a - b)
  const gap = versions.findIndex((each, index) => each !== index)
  if (gap === 0 || (gap > 0 && names.some((name) => name.includes('.checkpoint.')))) throw withoutEarlyCommits(table)
  if (gap > 0) throw new MillraceError('E_CORRUPT', `commit ${gap} of table ${table} is missing from its log`)
  const last = version ?? versions.length - 1
  if (!versions.includes(last)) {
    throw new MillraceError(
      'E_VERSION_NOT_FOUND',
      `table ${table} has no version ${last}; its versions are 0 to ${versions.length - 1}`,
      { context: { table, version: last } },
    )
  }
  const replay = new Replay(table)
  for (let each = 0; each <= last; each++) replay.take(await readCommit(table, each), each)
  return replay.snapshot(last)
}

/** The actions of one commit. */
export async function readCommit(table: string, version: number): Promise<readonly Action[]> {
  const path = commitPath(table, version)
  return parseActions(await onDisk('read', path, () => readFile(path, 'utf8')), path)
}

/**
 * Makes a version of a table, or leaves everything as it is and returns false where that version exists already.
 *
 * @see Delta Lake protocol, "Delta Log Entries": a version is made by one writer only
 */
export async function commitVersion(table: string, version: number, actions: readonly Action[]): Promise<boolean> {
  const path = commitPath(table, version)
  await createFolder(logFolder(table))
  return onDisk('commit', path, () => createWhole(path, formatActions(actions)))
}

class Replay {
  #protocol: Protocol | undefined
  #metadata: Metadata | undefined
  readonly #files = new Map<string, AddFile>()
  readonly #transactions = new Map<string, { version: number; commit: number }>()
  readonly #named = new Set<string>()
  readonly #table: string

  constructor(table: string) {
    this.#table = table
  }

  take(actions: readonly Action[], commit: number): void {
    // Removes first: a commit may remove a file and add it back, but never the reverse.
    for (const { remove } of actions) {
      if (!remove) continue
      const path = this.#relative(remove.path)
      this.#files.delete(path)
      this.#named.add(path)
    }
    for (const { add, metaData, protocol: found, txn } of actions) {
      if (found) this.#protocol = this.#readable(found)
      if (metaData) this.#metadata = metaData
      if (txn) this.#transactions.set(txn.appId, { version: txn.version, commit })
      if (!add) continue
      if ('deletionVector' in add && add.deletionVector) throw this.#unsupported('it has deletion vectors')
      const path = this.#relative(add.path)
      this.#files.delete(path)
      this.#files.set(path, add)
      this.#named.add(path)
    }
  }

  snapshot(version: number): Snapshot {
    if (!this.#protocol || !this.#metadata) {
      throw new MillraceError('E_CORRUPT', `the log of table ${this.#table} has no protocol or no metadata`)
    }
    if (this.#metadata.partitionColumns.length > 0) throw this.#unsupported('it is partitioned')
    return {
      version,
      protocol: this.#protocol,
      metadata: { ...this.#metadata, configuration: this.#metadata.configuration ?? {} },
      files: this.#files,
      transactions: this.#transactions,
      named: this.#named,
    }
  }

  #readable(found: Protocol): Protocol {
    if (found.minReaderVersion <= protocol.minReaderVersion) return found
    throw this.#unsupported(`it asks for reader version ${found.minReaderVersion}`)
  }

  /** Delta Lake protocol, "Add File and Remove File": a relative path, or an absolute URI. */
  #relative(encoded: string): string {
    let path: string
    try {
      path = normalize(decodeURIComponent(encoded))
    } catch {
      throw new MillraceError(
        'E_CORRUPT',
        `the log of table ${this.#table} has a path that is not URL-encoded: ${encoded}`,
      )
    }
    if (isAbsolute(path) || path.startsWith('..') || /^[a-z][a-z0-9+.-]*:/i.test(encoded)) {
      throw this.#unsupported(`a file of it lies outside of its folder: ${encoded}`)
    }
    return path
  }

  #unsupported(problem: string): MillraceError {
    return unsupported(this.#table, problem)
  }
}

/** @throws {MillraceError} `E_UNSUPPORTED_TABLE` where a writer would have to keep rules that this library does not know. */
export function checkWritable(table: string, snapshot: Snapshot): void {
  const { minWriterVersion } = snapshot.protocol
  if (minWriterVersion <= protocol.minWriterVersion) return
  throw unsupported(table, `it asks for writer version ${minWriterVersion}`)
}

function withoutEarlyCommits(table: string): MillraceError {
  return unsupported(table, 'its early commits are gone in favour of a checkpoint')
}

function unsupported(table: string, problem: string): MillraceError {
  return new MillraceError(
    'E_UNSUPPORTED_TABLE',
    `table ${table}: ${problem}, which this version of Millrace cannot work with; use the tool that made it`,
    { context: { table } },
  )
}

/** True where an error says that there is no such file or folder. */
export function isMissing(thrown: unknown): boolean {
  return fileErrorCode(thrown) === 'ENOENT'
}
