import { isMillraceError } from '@millrace/core'
import type { AddFile } from '../delta/actions.ts'
import { digestOf } from '../delta/content-digest.ts'
import { rowsOf } from '../delta/stats.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import { isMissing } from '../disk/storage-error.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { RowCounter } from './count-rows.ts'
import { type Finding, findingOf } from './finding.ts'

/** What there is, of what was looked at. */
export interface VerifiedFiles {
  readonly files: number
  readonly bytes: number
  readonly rows: number
  /** Files of other writers, which have no digest. */
  readonly notHashed: number
  /** Names of files that are not there. */
  readonly missing: readonly string[]
  readonly findings: readonly Finding[]
}

/**
 * Holds files to their entries in the log: size, digest, rows. Memory: a piece of a file, and its footer.
 *
 * @param onFile - Told of every file that has been read.
 */
export async function verifyFiles(
  table: string,
  store: ObjectStore,
  files: Iterable<readonly [name: string, file: AddFile]>,
  onFile: () => void,
): Promise<VerifiedFiles> {
  const findings: Finding[] = []
  const missing: string[] = []
  let [there, bytes, rows, notHashed] = [0, 0, 0, 0]
  for (const [name, file] of files) {
    const found = await verifyFile(table, store, name, file)
    onFile()
    if (!found) {
      missing.push(name)
      continue
    }
    there += 1
    bytes += found.bytes
    rows += found.rows
    if (digestOf(file) === undefined) notHashed += 1
    if (found.finding) findings.push(found.finding)
  }
  return { files: there, bytes, rows, notHashed, missing, findings }
}

interface VerifiedFile {
  readonly bytes: number
  readonly rows: number
  readonly finding: Finding | undefined
}

/** Undefined where there is no such file. */
async function verifyFile(
  table: string,
  store: ObjectStore,
  name: string,
  file: AddFile,
): Promise<VerifiedFile | undefined> {
  const path = store.locate(name)
  const counter = new RowCounter(store, name)
  const found = await digestBytes(counter.pieces()).catch((thrown: unknown) => {
    if (isMillraceError(thrown) && isMissing(thrown.cause)) return undefined
    throw thrown
  })
  if (!found) return undefined
  const { bytes, sha256 } = found
  const report = (problem: Finding['problem'], message: string): VerifiedFile => ({
    bytes,
    rows: 0,
    finding: { table, path, problem, message: `${path} ${message}; restore it from a copy` },
  })
  if (bytes !== file.size) return report('size', `has ${bytes} bytes, and ${file.size} in the log`)
  if (sha256 !== (digestOf(file) ?? sha256)) return report('content', 'has another SHA-256 than in the log')
  try {
    const [rows, logged] = [await counter.rows(), rowsOf(file)]
    if (logged !== undefined && rows !== logged) return report('rows', `has ${rows} rows, and ${logged} in the log`)
    return { bytes, rows, finding: undefined }
  } catch (thrown) {
    return { bytes, rows: 0, finding: findingOf(thrown, 'unreadable', path, table) }
  }
}
