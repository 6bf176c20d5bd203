import { isAbsolute, normalize } from 'node:path'
import { MillraceError } from '@millrace/core'
import type { Action, AddFile, Metadata, Protocol, RemoveFile, Transaction } from './actions.ts'
import { unsupported } from './unsupported.ts'

/** The versions of the protocol whose every rule this library keeps. */
export const protocol: Protocol = Object.freeze({ minReaderVersion: 1, minWriterVersion: 2 })

/** A Delta table at one version: what is left of its log when later actions have taken the place of earlier ones. */
export interface Snapshot {
  readonly version: number
  readonly protocol: Protocol
  readonly metadata: Metadata
  /** Live files by their path, relative to the table's folder and decoded, in the order they were added. */
  readonly files: ReadonlyMap<string, AddFile>
  /** Files that were removed, by their path as in `files`: those that the log still has a word of. */
  readonly removed: ReadonlyMap<string, RemoveFile>
  /** Per application its last transaction. */
  readonly transactions: ReadonlyMap<string, CommittedTransaction>
}

export interface CommittedTransaction extends Transaction {
  /** The version of the table that holds it; undefined where only a checkpoint tells of it. */
  readonly commit: number | undefined
}

/**
 * Takes the actions of a log one commit after the other.
 *
 * @see Delta Lake protocol, "Action Reconciliation"
 */
export class Replay {
  readonly #table: string
  #protocol: Protocol | undefined
  #metadata: Metadata | undefined
  readonly #files: Map<string, AddFile>
  readonly #removed: Map<string, RemoveFile>
  readonly #transactions: Map<string, CommittedTransaction>

  /** @param known - Where to go on from; left as it is. */
  constructor(table: string, known?: Snapshot) {
    this.#table = table
    this.#protocol = known?.protocol
    this.#metadata = known?.metadata
    this.#files = new Map(known?.files)
    this.#removed = new Map(known?.removed)
    this.#transactions = new Map(known?.transactions)
  }

  /** @param commit - The version whose actions these are; undefined for those of a checkpoint. */
  take(actions: readonly Action[], commit: number | undefined): void {
    // Removes first: a commit may remove a file and add it back, but never the reverse.
    for (const { remove } of actions) {
      if (!remove) continue
      const path = this.#relative(remove.path)
      this.#files.delete(path)
      this.#removed.set(path, remove)
    }
    for (const { add, metaData, protocol: found, txn } of actions) {
      if (found) this.#protocol = this.#readable(found)
      if (metaData) this.#metadata = metaData
      if (txn) this.#transactions.set(txn.appId, { ...txn, commit })
      if (!add) continue
      if ('deletionVector' in add && add.deletionVector) throw this.#unsupported('it has deletion vectors')
      const path = this.#relative(add.path)
      this.#removed.delete(path)
      this.#files.delete(path)
      this.#files.set(path, add)
    }
  }

  snapshot(version: number): Snapshot {
    if (!this.#protocol || !this.#metadata) {
      throw new MillraceError('E_CORRUPT', `the log of table ${this.#table} has no protocol or no metadata`)
    }
    return {
      version,
      protocol: this.#protocol,
      metadata: { ...this.#metadata, configuration: this.#metadata.configuration ?? {} },
      files: this.#files,
      removed: this.#removed,
      transactions: this.#transactions,
    }
  }

  #readable(found: Protocol): Protocol {
    if (found.minReaderVersion <= protocol.minReaderVersion) return found
    throw this.#unsupported(`it asks for reader version ${found.minReaderVersion}`)
  }

  /** Delta Lake protocol, "Add File and Remove File": a relative path, or an absolute URI. */
  #relative(encoded: string): string {
    const path = relativePath(encoded, this.#table)
    if (path === undefined) throw this.#unsupported(`a file of it lies outside of its folder: ${encoded}`)
    return path
  }

  #unsupported(problem: string): MillraceError {
    return unsupported(this.#table, problem)
  }
}

/** The table after a commit on top of a snapshot of it, without reading anything. */
export function nextSnapshot(
  table: string,
  known: Snapshot | undefined,
  actions: readonly Action[],
  version: number,
): Snapshot {
  const replay = new Replay(table, known)
  replay.take(actions, version)
  return replay.snapshot(version)
}

/**
 * The path of an action, decoded; undefined where it leaves the table's folder.
 *
 * @throws {MillraceError} `E_CORRUPT` where it is not URL-encoded.
 */
export function relativePath(encoded: string, table: string): string | undefined {
  let path: string
  try {
    path = normalize(decodeURIComponent(encoded))
  } catch {
    throw new MillraceError('E_CORRUPT', `the log of table ${table} has a path that is not URL-encoded: ${encoded}`)
  }
  const isOutside = isAbsolute(path) || path.startsWith('..') || /^[a-z][a-z0-9+.-]*:/i.test(encoded)
  return isOutside ? undefined : path
}

/** @throws {MillraceError} `E_UNSUPPORTED_TABLE` where a writer would have to keep rules that this library does not know. */
export function checkWritable(table: string, snapshot: Snapshot): void {
  const { minWriterVersion } = snapshot.protocol
  if (minWriterVersion > protocol.minWriterVersion) {
    throw unsupported(table, `it asks for writer version ${minWriterVersion}`)
  }
}
