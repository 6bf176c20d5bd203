import { type FileHandle, open } from 'node:fs/promises'
import { errorMessage, MillraceError } from '@millrace/core'
import { type RecordBatch, RecordBatchReader } from 'apache-arrow'
import { ByteQueue } from '../byte-queue.ts'
import { emptyBatch } from '../empty-batch.ts'
import { ipcMessages } from '../ipc-messages.ts'

/** Bytes read of a stream on disk at a time: enough that a call does not show, few beside a batch. */
const readBytes = 262_144

/** `ARROW1`: the first six bytes of the file format, and the last. */
const magic = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]

/** Bytes at the end of a file: the length of its index, and {@link magic}. */
const tailBytes = 10

/** A path, the bytes themselves, or the bytes as they come: a stream of Node or the web, any iterable of pieces. */
export type ArrowSource = string | Uint8Array | AsyncIterable<Uint8Array>

/**
 * The record batches of Arrow IPC, file or stream: which one it is, the first bytes say.
 *
 * What is cut off is an error, never fewer rows. Dictionaries are read as dictionaries. Compressed bodies are refused,
 * unless somebody has set a codec in the `compressionRegistry` of apache-arrow.
 *
 * Shape:  AsyncIterable<RecordBatch>, as they were written; one without rows where there are none, since it has the columns.
 * Order:  that of the file.
 * Memory: one batch, and the dictionaries; of the file format all bytes, where they do not come from a path.
 * Pulls:  lazy; one batch at a time. On early exit closes the file, or calls `return()` on the source.
 *
 * @throws {MillraceError} `E_IPC` for what is missing, cut off, damaged, compressed, or no Arrow IPC. An error of the source
 *   is passed on as it is.
 * @example
 * for await (const batch of readArrow('events.arrow')) console.log(batch.numRows) // => 1000
 */
export async function* readArrow(source: ArrowSource): AsyncGenerator<RecordBatch, undefined> {
  if (typeof source === 'string') {
    yield* readPath(source)
    return
  }
  const bytes = new ByteQueue(source instanceof Uint8Array ? once(source) : source)
  try {
    yield* batchesOf('the bytes', bytes, () => openBytes(bytes))
  } finally {
    await bytes.close()
  }
}

async function* readPath(path: string): AsyncGenerator<RecordBatch, undefined> {
  let file: FileHandle | undefined
  let bytes: ByteQueue | undefined
  try {
    yield* batchesOf(path, undefined, async () => {
      file = await open(path, 'r')
      const { size } = await file.stat()
      if (!isMagic(await readAt(file, 0, magic.length))) {
        bytes = new ByteQueue(piecesOf(file))
        return openBytes(bytes)
      }
      checkTail(await readAt(file, Math.max(0, size - tailBytes), tailBytes), size)
      return RecordBatchReader.from(file)
    })
  } finally {
    await bytes?.close()
    await file?.close()
  }
}

/** Either format from bytes in order: a file has its index at the end, so all of it is read first. */
async function openBytes(bytes: ByteQueue): Promise<RecordBatchReader> {
  if (!(await bytes.has(magic.length)) || !isMagic(bytes.peek(0, magic.length))) {
    return RecordBatchReader.from(ipcMessages(bytes))
  }
  const all = await bytes.takeAll()
  checkTail(all.subarray(-tailBytes), all.length)
  return RecordBatchReader.from(all)
}

async function* batchesOf(
  name: string,
  bytes: ByteQueue | undefined,
  openReader: () => Promise<RecordBatchReader>,
): AsyncGenerator<RecordBatch, undefined> {
  try {
    const reader = await openReader()
    await reader.open()
    let count = 0
    for await (const batch of reader) {
      count += 1
      // Where there are no batches, the library hands out one that nobody can write again.
      yield batch.numRows === 0 ? emptyBatch(batch.schema) : batch
    }
    if (reader.isFile() && count < reader.numRecordBatches) {
      throw new Error(`it has ${count} of ${reader.numRecordBatches} batches`)
    }
  } catch (thrown) {
    if (bytes?.failure) throw bytes.failure.thrown
    throw cannotRead(name, thrown)
  }
}

function cannotRead(name: string, thrown: unknown): MillraceError {
  const reason = errorMessage(thrown)
  const what = reason.includes('compressed but codec not found')
    ? 'its batches are compressed; write it without compression, or set a codec in the compressionRegistry of apache-arrow'
    : reason
  return new MillraceError('E_IPC', `cannot read ${name} as Arrow IPC: ${what}`, { cause: thrown })
}

function isMagic(bytes: Uint8Array): boolean {
  return magic.every((byte, at) => bytes[at] === byte)
}

function checkTail(tail: Uint8Array, size: number): void {
  const index = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const isWhole = tail.length === tailBytes && isMagic(tail.subarray(4)) && index.getUint32(0, true) < size - tailBytes
  if (!isWhole) throw new Error('it begins as a file and does not end as one: it was cut off')
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; ; ) {
    const piece = await readAt(file, at, readBytes)
    if (piece.length === 0) return
    at += piece.length
    yield piece
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes
}
