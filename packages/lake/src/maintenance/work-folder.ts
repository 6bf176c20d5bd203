import { randomUUID } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createFolder, namesIn } from '../disk/durable.ts'
import { onDisk } from '../disk/storage-error.ts'
import { privateFolder } from '../stage/fence.ts'
import type { ObjectStore } from '../store/object-store.ts'

/** No pipeline's folder begins with a dot. */
const prefix = '.work-'

/** Gives `use` an empty folder of the lake for files in the making, and removes it afterwards. */
export async function withWorkFolder<Result>(
  lake: ObjectStore,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = lake.locate(`${privateFolder}/${prefix}${randomUUID()}`)
  await createFolder(folder)
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

/** Removes what processes that were killed have left of such folders before a moment, in milliseconds since 1970. */
export async function removeWorkFolders(lake: ObjectStore, before: number): Promise<void> {
  const home = lake.locate(privateFolder)
  await onDisk('tidy', home, async () => {
    for (const name of (await namesIn(home)).filter((each) => each.startsWith(prefix))) {
      const folder = join(home, name)
      if ((await stat(folder)).mtimeMs < before) await rm(folder, { recursive: true, force: true })
    }
  })
}
