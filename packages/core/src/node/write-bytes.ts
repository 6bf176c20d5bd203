import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { WritableStream } from 'node:stream/web'
import type { Sink } from '../operator.ts'
import type { ByteOutput } from './byte-output.ts'
import { openFile } from './create-file.ts'
import { fill } from './fill.ts'
import { nodeOutput } from './node-output.ts'
import { onDisk } from './on-disk.ts'
import { syncFolder } from './sync-folder.ts'
import { webOutput } from './web-output.ts'

/** The path of a file, a stream of Node (a file, a socket, an HTTP response, standard output), or one of the web. */
export type ByteTarget = string | Writable | WritableStream<Uint8Array>

/**
 * A sink that writes bytes to a file or a stream: all of them, or it rejects and nothing is taken for the whole.
 *
 * To a path it writes beside, to `<path>.tmp-<random>`, and renames when all is on the disk: a reader sees the old file or
 * the new one. A failure or an abort removes what was written; a process that is killed leaves the file beside, which
 * nothing reads and anybody may delete. A stream is ended when all is written, and destroyed (of the web: aborted) where
 * the source fails; standard output and standard error stay open, as they are shared.
 *
 * Shape:  AsyncIterable<Uint8Array> → number of bytes.
 * Order:  kept.
 * Memory: the piece being written.
 * Pulls:  lazy; the next piece when the target has taken this one. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_WRITE_FILE` where the disk fails, full included; `E_WRITE_STREAM` where the stream fails or
 *   closes early. An error of the source is passed on as it is.
 * @example
 * await pipe(pieces, writeBytes('events.parquet')) // => 20480
 */
export function writeBytes(target: ByteTarget): Sink<Uint8Array, number> {
  return (source) => fill(() => open(target), source)
}

async function open(target: ByteTarget): Promise<ByteOutput> {
  if (typeof target === 'string') return replacingFile(target)
  return 'getWriter' in target ? webOutput(target) : nodeOutput(target)
}

async function replacingFile(path: string): Promise<ByteOutput> {
  const temporary = `${path}.tmp-${randomUUID()}`
  const output = await openFile(temporary, path)
  return {
    ...output,
    finish: async () => {
      await output.finish()
      await onDisk(path, () => rename(temporary, path))
      await syncFolder(path)
    },
  }
}
