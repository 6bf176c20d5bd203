import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rm } from 'node:fs/promises'
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

/** Writes a new file and waits until its content is on the disk. Its name is not yet: see {@link syncFolder}. */
export async function writeSynced(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Creates a file that is whole from its first moment, or not at all. False where the name is taken.
 *
 * `link` and not `rename`, which would take the place of a file that somebody else made meanwhile.
 */
export async function createWhole(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.tmp-${randomUUID()}`
  try {
    await writeSynced(temporary, content)
    await link(temporary, path)
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'EEXIST') return false
    throw thrown
  } finally {
    // The link is what counts. A name that stays behind is no commit, and no reason to fail.
    await rm(temporary, { force: true }).catch(() => {})
  }
  await syncFolder(dirname(path))
  return true
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
