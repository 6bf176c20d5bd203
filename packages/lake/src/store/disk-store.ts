import { randomUUID } from 'node:crypto'
import { createReadStream, type Dirent } from 'node:fs'
import { copyFile, link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFolder, syncFolder } from '../disk/durable.ts'
import { fileErrorCode, isMissing, onDisk, storageError } from '../disk/storage-error.ts'
import type { ListOptions, ObjectEntry, ObjectStore } from './object-store.ts'

/**
 * A folder of the local disk as a store. It need not be there: the first object makes it.
 *
 * A crash can leave a file `….tmp-…` behind, which is no object of anybody's.
 *
 * @throws {MillraceError} `E_STORAGE` from every call where the disk does not do what is asked.
 */
export function diskStore(folder: string): ObjectStore {
  const locate = (name: string): string => join(folder, name)
  return Object.freeze({
    location: folder,
    within: (name: string) => diskStore(locate(name)),
    locate,
    get: (name: string) => getFile(locate(name)),
    read: (name: string) => readPieces(locate(name)),
    putIfAbsent: (name: string, bytes: Uint8Array) => create(locate(name), bytes),
    put: (name: string, bytes: Uint8Array) => replace(locate(name), bytes),
    publish: (localPath: string, name: string) => publish(localPath, locate(name)),
    list: (name: string, options: ListOptions = {}) => list(locate(name), options),
    folders: (name: string) => folders(locate(name)),
    delete: (name: string) => onDisk('remove', locate(name), () => rm(locate(name), { force: true })),
  })
}

function getFile(path: string): Promise<Uint8Array | undefined> {
  return onDisk('read', path, async () => {
    try {
      return await readFile(path)
    } catch (thrown) {
      if (isMissing(thrown)) return undefined
      throw thrown
    }
  })
}

async function* readPieces(path: string): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>
  } catch (thrown) {
    throw storageError('read', path, thrown)
  }
}

/** `link` and not `rename`, which would take the place of a file that somebody else made meanwhile. */
function create(path: string, bytes: Uint8Array): Promise<boolean> {
  return onDisk('write', path, () => withTemporary(path, bytes, (temporary) => linkAs(temporary, path)))
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await onDisk('write', path, () =>
    withTemporary(path, bytes, async (temporary) => {
      await rename(temporary, path)
      await syncFolder(dirname(path))
    }),
  )
}

function publish(localPath: string, path: string): Promise<boolean> {
  return onDisk('write', path, async () => {
    await createFolder(dirname(path))
    await syncFile(localPath)
    const isNew = await linkAs(localPath, path).catch(async (thrown: unknown) => {
      if (fileErrorCode(thrown) !== 'EXDEV') throw thrown
      return copyAs(localPath, path)
    })
    if (isNew) await rm(localPath, { force: true })
    return isNew
  })
}

/** A file of another disk has no second name here. */
async function copyAs(from: string, path: string): Promise<boolean> {
  const temporary = temporaryFor(path)
  try {
    await copyFile(from, temporary)
    await syncFile(temporary)
    return await linkAs(temporary, path)
  } finally {
    await rm(temporary, { force: true }).catch(() => {})
  }
}

async function linkAs(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path)
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'EEXIST') return false
    throw thrown
  }
  await syncFolder(dirname(path))
  return true
}

async function withTemporary<Result>(
  path: string,
  bytes: Uint8Array,
  use: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const temporary = temporaryFor(path)
  await createFolder(dirname(path))
  try {
    await writeSynced(temporary, bytes)
    return await use(temporary)
  } finally {
    // What counts is the name that was to be. One that stays behind is no object, and no reason to fail.
    await rm(temporary, { force: true }).catch(() => {})
  }
}

function temporaryFor(path: string): string {
  return `${path}.tmp-${randomUUID()}`
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function list(folder: string, options: ListOptions): Promise<ObjectEntry[]> {
  const { prefix = '', after = '', limit = Number.POSITIVE_INFINITY } = options
  return onDisk('list', folder, async () => {
    const found = (await entriesOf(folder)).filter((entry) => !entry.isDirectory()).map(({ name }) => name)
    const entries: ObjectEntry[] = []
    for (const name of found.filter((each) => each > after && each.startsWith(prefix)).sort()) {
      if (entries.length >= limit) break
      const entry = await look(folder, name)
      if (entry) entries.push(entry)
    }
    return entries
  })
}

/** Undefined for what is gone since its name was read, and for a link to a folder. */
async function look(folder: string, name: string): Promise<ObjectEntry | undefined> {
  try {
    const found = await stat(join(folder, name))
    return found.isFile() ? { name, bytes: found.size, modifiedAt: Math.trunc(found.mtimeMs) } : undefined
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

function folders(folder: string): Promise<readonly string[]> {
  return onDisk('list', folder, async () => {
    const found = (await entriesOf(folder)).filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    return found.map(({ name }) => name).sort()
  })
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw thrown
  }
}
