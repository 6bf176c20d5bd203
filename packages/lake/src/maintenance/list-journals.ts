import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn } from '../disk/durable.ts'
import { isMissing, onDisk } from '../disk/storage-error.ts'
import { privateFolder } from '../stage/fence.ts'
import { journalPath } from '../stage/journal.ts'
import type { ObjectStore } from '../store/object-store.ts'

/** Paths of the journals that may be in a lake: of all sessions of all pipelines that have left or hold a folder. */
export async function listJournals(lake: ObjectStore): Promise<readonly string[]> {
  const home = lake.locate(privateFolder)
  return onDisk('list', home, async () => {
    const pipelines = await readdir(home, { withFileTypes: true }).catch((thrown: unknown) => {
      if (isMissing(thrown)) return []
      throw thrown
    })
    const journals: string[] = []
    for (const pipeline of pipelines.filter((entry) => entry.isDirectory()).map(({ name }) => join(home, name))) {
      const epochs = (await namesIn(pipeline)).filter((name) => /^\d{12}$/.test(name))
      journals.push(...epochs.sort().map((epoch) => journalPath(join(pipeline, epoch))))
    }
    return journals
  })
}
