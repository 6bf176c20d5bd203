import type { Sink } from '@millrace/core'
import { type ByteTarget, writeBytes } from '@millrace/core/node'
import type { RecordBatch } from 'apache-arrow'
import { type IpcOptions, toIpc } from '../to-ipc.ts'

export interface ArrowReport {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/**
 * A sink that writes one Arrow IPC file, and replaces a file of that name only once the new one is complete and on the
 * disk; or writes it to a stream, of Node or the web, which it ends.
 *
 * Shape:  AsyncIterable<RecordBatch> → {@link ArrowReport}, without `path` where a stream is written to.
 * Order:  rows keep theirs.
 * Memory: that of `toIpc`.
 * Pulls:  as fast as the target takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} Those of `toIpc`, and `E_WRITE_FILE`, `E_WRITE_STREAM` where the target fails.
 * @example
 * await pipe(pages, toArrow(), writeArrow('events.arrow')) // => { path: 'events.arrow', rows: 1000, bytes: 40960 }
 */
export function writeArrow(path: string, options?: IpcOptions): Sink<RecordBatch, ArrowReport>
export function writeArrow(target: ByteTarget, options?: IpcOptions): Sink<RecordBatch, Omit<ArrowReport, 'path'>>
export function writeArrow(target: ByteTarget, options: IpcOptions = {}): Sink<RecordBatch, Omit<ArrowReport, 'path'>> {
  return async (source) => {
    let rows = 0
    async function* counted(): AsyncGenerator<RecordBatch> {
      for await (const batch of source) {
        rows += batch.numRows
        yield batch
      }
    }
    const bytes = await writeBytes(target)(toIpc(options)(counted()))
    return typeof target === 'string' ? { path: target, rows, bytes } : { rows, bytes }
  }
}
