import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** One entry of a journal: a JSON value, and bytes that belong to it. */
export interface Frame {
  readonly header: unknown
  readonly body: Uint8Array
}

/** `MRJ1`: Millrace journal, form 1. */
const magic = 0x314a_524d

/** Magic, sequence number, length of the header, length of the body, CRC-32 of all that follows the magic but itself. */
const prefixBytes = 20

/**
 * A frame as bytes. The sequence number is part of what is summed, so that a frame left over from an earlier life of the
 * file is never taken for the next one.
 */
export function encodeFrame(header: unknown, body: Uint8Array, sequence: number): Buffer {
  const headerBytes = Buffer.from(JSON.stringify(header))
  const frame = Buffer.allocUnsafe(prefixBytes + headerBytes.length + body.length)
  frame.writeUInt32LE(magic, 0)
  frame.writeUInt32LE(sequence, 4)
  frame.writeUInt32LE(headerBytes.length, 8)
  frame.writeUInt32LE(body.length, 12)
  headerBytes.copy(frame, prefixBytes)
  frame.set(body, prefixBytes + headerBytes.length)
  frame.writeUInt32LE(checksum(frame), 16)
  return frame
}

/**
 * The frames of a file up to the first that is torn or damaged. What a process wrote last before it died may be half a
 * frame; it was never acknowledged.
 *
 * Memory: one frame.
 */
export async function* readFrames(file: FileHandle): AsyncGenerator<Frame, undefined> {
  const { size } = await file.stat()
  let position = 0
  for (let sequence = 0; position + prefixBytes <= size; sequence++) {
    const prefix = await readExactly(file, position, prefixBytes)
    if (prefix?.readUInt32LE(0) !== magic || prefix.readUInt32LE(4) !== sequence) return
    const headerLength = prefix.readUInt32LE(8)
    const length = prefixBytes + headerLength + prefix.readUInt32LE(12)
    if (position + length > size) return
    const frame = await readExactly(file, position, length)
    if (!frame || frame.readUInt32LE(16) !== checksum(frame)) return
    const header: unknown = JSON.parse(frame.toString('utf8', prefixBytes, prefixBytes + headerLength))
    // A copy: Arrow reads 8-byte integers in place, and this place is at any offset.
    yield { header, body: new Uint8Array(frame.subarray(prefixBytes + headerLength)) }
    position += length
  }
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(prefixBytes), crc32(frame.subarray(4, 16)))
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read)
    if (bytesRead === 0) return undefined
    read += bytesRead
  }
  return buffer
}
