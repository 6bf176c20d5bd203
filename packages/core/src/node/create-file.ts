import { type FileHandle, open, unlink } from 'node:fs/promises'
import type { Sink } from '../operator.ts'
import type { ByteOutput } from './byte-output.ts'
import { fill } from './fill.ts'
import { onDisk } from './on-disk.ts'
import { syncFolder } from './sync-folder.ts'

/**
 * A sink that writes bytes to a new file, and never over an old one. When it resolves, file and folder entry are on the
 * disk.
 *
 * The file is there from the first byte on, and removed where the writing fails: for files that nobody looks for before
 * they are told of them. Everybody else wants `writeBytes`.
 *
 * Shape:  AsyncIterable<Uint8Array> → number of bytes.
 * Order:  kept.
 * Memory: the piece being written.
 * Pulls:  lazy, as fast as the disk takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_FILE_EXISTS` where there is a file of that name; `E_WRITE_FILE` where the disk fails. An error
 *   of the source is passed on as it is.
 */
export function createFile(path: string): Sink<Uint8Array, number> {
  return (source) =>
    fill(async () => {
      const output = await openFile(path, path)
      return {
        ...output,
        finish: async () => {
          await output.finish()
          await syncFolder(path)
        },
      }
    }, source)
}

/** A new file as an output; errors name it by `shown`. */
export async function openFile(path: string, shown: string): Promise<ByteOutput> {
  const file = await onDisk(shown, () => open(path, 'wx'))
  return {
    write: (bytes) => onDisk(shown, () => writeAll(file, bytes)),
    finish: () =>
      onDisk(shown, async () => {
        await file.sync()
        await file.close()
      }),
    abandon: async () => {
      await file.close().catch(() => {})
      await unlink(path).catch(() => {})
    },
  }
}

/** `write` may take only a part of a large piece. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at)
    at += bytesWritten
  }
}
