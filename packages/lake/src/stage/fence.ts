import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import { FencedError } from '@millrace/pipeline'
import { namesIn, syncFolder } from '../disk/durable.ts'
import { pathSegment } from '../disk/safe-name.ts'
import { fileErrorCode, onDisk } from '../disk/storage-error.ts'

/** Where a lake keeps what is not data. Delta readers pass over folders with this first character. */
export const privateFolder = '_millrace'

/**
 * A session's right to commit: the number of its folder, larger than that of every session opened before.
 *
 * It is a folder of the local disk, and so is the stage in it, wherever the tables are: both are of the machine that runs.
 *
 * The folder of the largest number is never removed, so that no number is given twice.
 */
export interface Fence {
  readonly epoch: number
  /** The session's own folder. */
  readonly folder: string
  /** Folders of older sessions, newest first. */
  older(): Promise<readonly string[]>
  /** @throws {FencedError} where a newer session has been opened. */
  check(): Promise<void>
  /**
   * Does some work; where it fails and a newer session has been opened, that is the reason: the newer one has removed what
   * the work needed.
   */
  guard<Result>(work: () => Promise<Result>): Promise<Result>
  /** Removes the folders of older sessions, unless a newer session may be reading them. */
  removeOlder(): Promise<void>
}

export async function takeFence(lake: string, pipeline: string): Promise<Fence> {
  const home = join(lake, privateFolder, pathSegment(pipeline))
  return onDisk('take the fence in', home, async () => {
    await mkdir(home, { recursive: true, mode: 0o700 })
    for (;;) {
      const epoch = Math.max(0, ...(await epochsIn(home))) + 1
      const folder = epochFolder(home, epoch)
      try {
        await mkdir(folder, { mode: 0o700 })
      } catch (thrown) {
        if (fileErrorCode(thrown) === 'EEXIST') continue
        throw thrown
      }
      await syncFolder(home)
      // Whoever was slow between looking and making may have made a number that was used and removed already.
      if (Math.max(...(await epochsIn(home))) === epoch) return createFence(pipeline, home, epoch)
      await rm(folder, { recursive: true, force: true })
    }
  })
}

function createFence(pipeline: string, home: string, epoch: number): Fence {
  const isNewest = async (): Promise<boolean> => {
    const epochs = await onDisk('list', home, () => epochsIn(home))
    return epochs.includes(epoch) && Math.max(...epochs) === epoch
  }
  const older = async (): Promise<readonly string[]> =>
    (await onDisk('list', home, () => epochsIn(home)))
      .filter((each) => each < epoch)
      .sort((a, b) => b - a)
      .map((each) => epochFolder(home, each))
  const check = async (): Promise<void> => {
    if (!(await isNewest())) throw new FencedError(pipeline, 'this run was taken over')
  }
  return Object.freeze({
    epoch,
    folder: epochFolder(home, epoch),
    older,
    check,
    guard: async <Result>(work: () => Promise<Result>): Promise<Result> => {
      try {
        return await work()
      } catch (thrown) {
        await check()
        throw thrown
      }
    },
    removeOlder: async () => {
      const folders = await older()
      if (!(await isNewest())) return
      for (const folder of folders) {
        await onDisk('remove', folder, () => rm(folder, { recursive: true, force: true })).catch(allowBusy)
      }
    },
  })
}

/** An older session that is still alive may be writing there. Then some of it stays, for the next one to remove. */
function allowBusy(thrown: unknown): void {
  if (!(thrown instanceof MillraceError) || fileErrorCode(thrown.cause) !== 'ENOTEMPTY') throw thrown
}

function epochFolder(home: string, epoch: number): string {
  return join(home, String(epoch).padStart(12, '0'))
}

async function epochsIn(home: string): Promise<readonly number[]> {
  return (await namesIn(home)).filter((name) => /^\d{12}$/.test(name)).map((name) => Number.parseInt(name, 10))
}
