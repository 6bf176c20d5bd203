import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileErrorCode, onDisk } from './storage-error.ts'

/** Waits until the names in a folder are on the disk: a file is safe only when its name is, too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it, and makes them last. */
export async function createFolder(folder: string): Promise<void> {
  await onDisk('make the folder', folder, async () => {
    const first = await mkdir(folder, { recursive: true })
    if (first === undefined) return
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  })
}

/** Names in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'ENOENT') return []
    throw thrown
  }
}
