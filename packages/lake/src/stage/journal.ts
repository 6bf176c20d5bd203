import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../disk/durable.ts'
import { onDisk } from '../disk/storage-error.ts'
import { encodeFrame } from './frame.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Stage } from './stage.ts'

/** Bytes of batches that are in files by now, before a journal is written anew without them. */
const rewriteBytes = 67_108_864

export function journalPath(epochFolder: string): string {
  return join(epochFolder, 'journal')
}

/**
 * The stage on the local disk, wherever the tables are: an entry is appended with one write and synced before it counts.
 *
 * Entries are appended one after the other, whoever asks, and the stage in memory changes only when they are durable. The
 * file is open only while it is written, so that a session that is merely forgotten holds nothing.
 */
export class Journal {
  readonly #path: string
  readonly #folder: string
  readonly #stage: Stage
  #exists = false
  #size = 0
  #sequence = 0
  #deadBytes = 0
  #broken: unknown
  #queue: Promise<unknown> = Promise.resolve()

  constructor(epochFolder: string, stage: Stage) {
    this.#folder = epochFolder
    this.#path = journalPath(epochFolder)
    this.#stage = stage
  }

  /** Durable when it resolves. After a failure nothing more is taken: the disk's content is not known any more. */
  append(entry: JournalEntry, body: Uint8Array = new Uint8Array(0)): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#exists) await this.#rewrite()
      await withFile(this.#path, 'r+', async (file) => {
        await this.#write(file, entry, body)
        await file.datasync()
      })
      if (entry.type === 'segment') this.#deadBytes += this.#stage.get(entry.stream)?.openBytes ?? 0
      this.#stage.apply(entry, body)
      if (this.#deadBytes > rewriteBytes && this.#deadBytes > this.#size / 2) await this.#rewrite()
    })
  }

  /** Writes the stage as it is now; removes the journal where there is nothing to keep. */
  settle(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#stage.isEmpty || this.#stage.leftovers.length > 0) return this.#rewrite()
      this.#exists = false
      await rm(this.#path, { force: true })
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(() =>
      onDisk('write', this.#path, async () => {
        if (this.#broken !== undefined) throw this.#broken
        try {
          await work()
        } catch (thrown) {
          this.#broken = thrown
          throw thrown
        }
      }),
    )
    this.#queue = turn.catch(() => {})
    return turn
  }

  /** A new file takes the place of the old one in one step, so that a crash leaves one or the other. */
  async #rewrite(): Promise<void> {
    this.#size = 0
    this.#sequence = 0
    this.#deadBytes = 0
    const temporary = `${this.#path}.tmp`
    await withFile(temporary, 'w', async (file) => {
      for (const [entry, body] of this.#stage.entries()) await this.#write(file, entry, body)
      await file.sync()
    })
    await rename(temporary, this.#path)
    await syncFolder(this.#folder)
    this.#exists = true
  }

  async #write(file: FileHandle, entry: JournalEntry, body: Uint8Array): Promise<void> {
    const frame = encodeFrame(entry, body, this.#sequence)
    for (let written = 0; written < frame.length; ) {
      const { bytesWritten } = await file.write(frame, written, frame.length - written, this.#size + written)
      written += bytesWritten
    }
    this.#size += frame.length
    this.#sequence += 1
  }
}

async function withFile<Result>(
  path: string,
  flags: 'r+' | 'w',
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, flags, 0o600)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
