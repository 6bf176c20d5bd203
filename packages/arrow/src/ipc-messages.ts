import { Message } from 'apache-arrow'
import type { ByteQueue } from './byte-queue.ts'

const continuation = 0xffffffff

/**
 * The messages of an Arrow IPC stream, each whole and in a buffer of its own, without the mark at the end.
 *
 * The library takes a stream that was cut off between two messages for one that has ended. Here the mark must be there.
 *
 * @throws {Error} Where the bytes end before the mark, or go on after it.
 * @see Apache Arrow columnar format, "Encapsulated message format" and "IPC Streaming Format"
 */
export async function* ipcMessages(bytes: ByteQueue): AsyncGenerator<Uint8Array, undefined> {
  for (;;) {
    await need(bytes, 4)
    // Writers before Arrow 0.15 leave out the word in front of the length.
    const prefix = bytes.uint32(0) === continuation ? 8 : 4
    await need(bytes, prefix)
    const metadata = bytes.uint32(prefix - 4)
    if (metadata === 0) {
      bytes.take(prefix)
      if (await bytes.has(1)) throw new Error('there are bytes after its end')
      return
    }
    await need(bytes, prefix + metadata)
    const { bodyLength } = Message.decode(bytes.peek(prefix, prefix + metadata))
    await need(bytes, prefix + metadata + bodyLength)
    yield bytes.take(prefix + metadata + bodyLength)
  }
}

async function need(bytes: ByteQueue, length: number): Promise<void> {
  if (await bytes.has(length)) return
  throw new Error('it was cut off, or its writer did not end it')
}
