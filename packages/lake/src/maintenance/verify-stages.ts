import { setTimeout as sleep } from 'node:timers/promises'
import { isMillraceError } from '@millrace/core'
import { digestBytes } from '../disk/digest-bytes.ts'
import { safeName } from '../disk/safe-name.ts'
import { isMissing } from '../disk/storage-error.ts'
import { isPartName } from '../stage/part-name.ts'
import { readJournal } from '../stage/read-journal.ts'
import type { Segment, StagedStream } from '../stage/staged-stream.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type Finding, findingOf } from './finding.ts'
import { listJournals } from './list-journals.ts'

/** A run that is writing an entry is done with it by then, however slow the disk. */
const entryMs = 200

/** Holds the stages of unfinished runs to what was written, journals and staged files. Runs may go on meanwhile. */
export async function verifyStages(
  lake: ObjectStore,
): Promise<{ readonly journals: number; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = []
  let journals = 0
  for (const path of await listJournals(lake)) {
    try {
      const journal = await settled(path)
      if (!journal) continue
      const { damage, stage } = journal
      if (damage || stage?.isEmpty === false) journals += 1
      if (damage) {
        const outcome = damage.mayHideCommit
          ? 'the next run refuses it, as a commit may have been begun; restore it from a copy'
          : 'the next run leaves out what is lost, and reads it again'
        findings.push({ path, problem: 'stage', message: `${damage.problem}; ${outcome}` })
      }
      for (const staged of stage?.streams ?? []) findings.push(...(await verifySegments(staged, path, lake)))
    } catch (thrown) {
      findings.push(findingOf(thrown, 'stage', path))
    }
  }
  return { journals, findings }
}

/** A journal that no run is in the midst of writing to. */
async function settled(path: string): ReturnType<typeof readJournal> {
  const journal = await readJournal(path)
  if (!journal?.damage?.isTorn) return journal
  await sleep(entryMs)
  return readJournal(path)
}

async function verifySegments(
  { table, segments }: StagedStream,
  journal: string,
  lake: ObjectStore,
): Promise<readonly Finding[]> {
  const store = lake.within(safeName(table.table))
  const findings: Finding[] = []
  for (const segment of segments) {
    const problem = await problemOf(segment, store)
    if (problem === undefined || !(await isStaged(segment, table.stream, journal))) continue
    const path = store.locate(segment.file)
    const message = `the staged file ${path} ${problem}; the next run drops what is staged for stream "${table.stream}", and reads it again`
    findings.push({ table: table.table, path, problem: 'stage', message })
  }
  return findings
}

async function problemOf({ file, sha256 }: Segment, store: ObjectStore): Promise<string | undefined> {
  if (!isPartName(file)) return 'is no file of a stage'
  try {
    return (await digestBytes(store.read(file))).sha256 === sha256 ? undefined : 'is damaged'
  } catch (thrown) {
    if (!isMillraceError(thrown) || !isMissing(thrown.cause)) throw thrown
    return 'is not there any more'
  }
}

/** Whether a run has not committed the file meanwhile, and removed it where it was written anew. */
async function isStaged({ file }: Segment, stream: string, journal: string): Promise<boolean> {
  const again = (await readJournal(journal))?.stage?.get(stream)
  return again?.segments.some((segment) => segment.file === file) ?? false
}
