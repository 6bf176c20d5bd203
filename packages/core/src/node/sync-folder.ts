import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { onDisk } from './on-disk.ts'

/** Makes the entry of a new, renamed or removed file in its folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await onDisk(path, async () => {
    const folder = await open(dirname(path), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  })
}
