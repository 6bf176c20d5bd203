import { MillraceError } from '@millrace/core'
import { readJournal } from '../stage/read-journal.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { listJournals } from './list-journals.ts'

/** Times to look again because runs came and went. */
const maxLooks = 100

/** The files that unfinished runs may still commit. */
export interface StagedFiles {
  has(table: string, name: string): boolean
  /** Paths of journals that do not tell all that they held: whatever no log names may be staged in them. */
  readonly unreadable: readonly string[]
}

/**
 * Reads the journals of all runs.
 *
 * A run that takes over writes its own journal before it removes the older one. So the older is read first, and where the
 * folders are other ones afterwards, all is read again: no stage can be handed on unseen. A file that a run commits
 * meanwhile is in the log by then: read that afterwards.
 *
 * @throws {MillraceError} `E_BUSY` where runs never stop to come and go.
 */
export async function readStagedFiles(lake: ObjectStore): Promise<StagedFiles> {
  const files = new Set<string>()
  let journals = await listJournals(lake)
  for (let look = 0; look < maxLooks; look++) {
    const unreadable: string[] = []
    for (const path of journals) {
      const journal = await readJournal(path).catch((thrown: unknown) => {
        if (thrown instanceof MillraceError && thrown.code !== 'E_STORAGE') unreadable.push(path)
        else throw thrown
      })
      if (journal?.damage && !journal.damage.isTorn) unreadable.push(path)
      for (const { table, segments } of journal?.stage?.streams ?? []) {
        for (const { file } of segments) files.add(`${table.table}/${file}`)
      }
    }
    const now = await listJournals(lake)
    if (now.join('\n') === journals.join('\n'))
      return { has: (table, name) => files.has(`${table}/${name}`), unreadable }
    journals = now
  }
  throw new MillraceError(
    'E_BUSY',
    `runs of ${lake.location} came and went ${maxLooks} times while it was read; try again`,
    {
      retryable: true,
      context: { path: lake.location },
    },
  )
}
