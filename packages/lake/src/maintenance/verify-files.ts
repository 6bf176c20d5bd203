import { isMillraceError } from '@millrace/core'
import { fileStatistics } from '@millrace/merge'
import { Schema } from 'apache-arrow'
import type { AddFile } from '../delta/actions.ts'
import { digestOf } from '../delta/content-digest.ts'
import { rowsOf } from '../delta/stats.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import { isMissing } from '../disk/storage-error.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type Finding, findingOf, type Problem } from './finding.ts'

export interface VerifyFilesOptions {
  readonly table: string
  readonly store: ObjectStore
  /** A folder that need not exist yet. Removed at the end. */
  readonly spillFolder: string
  /** Told of every file that has been read. */
  readonly onFile: () => void
}

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

/** Files counted at once: a DuckDB takes longer to start than to count some files. */
const countedAtOnce = 100

/** Holds files to their entries in the log: size, digest, rows. Memory: a piece of a file, and its footer. */
export async function verifyFiles(
  files: readonly (readonly [name: string, file: AddFile])[],
  { table, store, spillFolder, onFile }: VerifyFilesOptions,
): Promise<VerifiedFiles> {
  const findings: Finding[] = []
  const missing: string[] = []
  const sound: (readonly [string, AddFile])[] = []
  let [bytes, rows, notHashed] = [0, 0, 0]
  const report = (name: string, problem: Problem, message: string): void => {
    findings.push({ table, path: store.locate(name), problem, message })
  }

  for (const [name, file] of files) {
    const found = await digestBytes(store.read(name)).catch((thrown: unknown) => {
      if (isMillraceError(thrown) && isMissing(thrown.cause)) return undefined
      throw thrown
    })
    onFile()
    const sha256 = digestOf(file)
    if (!found) missing.push(name)
    else if (found.bytes !== file.size) {
      report(name, 'size', `${store.locate(name)} has ${found.bytes} bytes, and ${file.size} in the log; restore it`)
    } else if (sha256 !== undefined && found.sha256 !== sha256) {
      report(name, 'content', `${store.locate(name)} has another SHA-256 than in the log: it is damaged; restore it`)
    } else sound.push([name, file])
    if (found && sha256 === undefined) notHashed += 1
    bytes += found?.bytes ?? 0
  }

  const count = async (some: readonly (readonly [string, AddFile])[]): Promise<void> => {
    try {
      const paths = some.map(([name]) => store.locate(name))
      const counted = await fileStatistics(paths, { schema: new Schema([]), columns: [], textLength: 0, spillFolder })
      for (const [index, [name, file]] of some.entries()) {
        const [found = 0, logged] = [counted[index]?.rows, rowsOf(file)]
        rows += found
        if (logged === undefined || found === logged) continue
        report(
          name,
          'rows',
          `${store.locate(name)} has ${found} rows, and ${logged} in the log; restore the one or the other`,
        )
      }
    } catch (thrown) {
      const [[name = ''] = [], ...others] = some
      if (others.length > 0) for (const each of some) await count([each])
      else findings.push(findingOf(thrown, 'unreadable', store.locate(name), table))
    }
  }
  for (let from = 0; from < sound.length; from += countedAtOnce) await count(sound.slice(from, from + countedAtOnce))
  return { files: files.length - missing.length, bytes, rows, notHashed, missing, findings }
}
