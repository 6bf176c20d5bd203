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

/** How the reading of frames ended. */
export interface FramesEnd {
  /** Frames read, which is the sequence number of the first that was not. */
  readonly frames: number
  /** Where the last of them ends, in bytes. */
  readonly position: number
  /**
   * What lies behind: the `type` in the header of every frame, the first one included, undefined where it cannot be told.
   * Empty where the file ends with a whole frame.
   */
  readonly lost: readonly (string | undefined)[]
  /**
   * Whether a whole frame lies behind. What a process wrote last before it died may be half a frame, and was never
   * acknowledged. One that another follows was: somebody relied on it, and it is damaged.
   */
  readonly isFollowed: boolean
}

/**
 * Reads the frames of a file up to the first that is torn or damaged, and looks at what is behind that.
 *
 * Memory: one frame.
 */
export async function readFrames(file: FileHandle, take: (frame: Frame) => void): Promise<FramesEnd> {
  const { size } = await file.stat()
  let position = 0
  for (let frames = 0; ; frames++) {
    const found = await frameAt(file, position, size)
    if (found?.sequence !== frames) {
      const lost = position < size ? await lostBehind(file, position, size, frames) : []
      return { frames, position, lost, isFollowed: lost.length > 1 }
    }
    take(found)
    position += found.length
  }
}

interface FoundFrame extends Frame {
  readonly sequence: number
  readonly length: number
}

async function frameAt(file: FileHandle, position: number, size: number): Promise<FoundFrame | undefined> {
  if (position + prefixBytes > size) return undefined
  const prefix = await readExactly(file, position, prefixBytes)
  if (prefix?.readUInt32LE(0) !== magic) return undefined
  const headerLength = prefix.readUInt32LE(8)
  const length = prefixBytes + headerLength + prefix.readUInt32LE(12)
  if (position + length > size) return undefined
  const frame = await readExactly(file, position, length)
  if (!frame || frame.readUInt32LE(16) !== checksum(frame)) return undefined
  const header: unknown = JSON.parse(frame.toString('utf8', prefixBytes, prefixBytes + headerLength))
  // A copy: Arrow reads 8-byte integers in place, and this place is at any offset.
  const body = new Uint8Array(frame.subarray(prefixBytes + headerLength))
  return { header, body, sequence: prefix.readUInt32LE(4), length }
}

/** The types of the damaged frame at `position`, number `sequence`, and of all behind it. */
async function lostBehind(
  file: FileHandle,
  position: number,
  size: number,
  sequence: number,
): Promise<(string | undefined)[]> {
  const most = sequence + Math.ceil((size - position) / prefixBytes)
  const lost: (string | undefined)[] = []
  for (let at = await nextMagic(file, position + 1, size); at !== undefined; ) {
    const found = await frameAt(file, at, size)
    const expected = sequence + lost.length
    if (found && found.sequence >= Math.max(expected, sequence + 1) && found.sequence < most) {
      while (sequence + lost.length < found.sequence) lost.push(undefined)
      lost.push(typeOf(found.header))
    }
    at = await nextMagic(file, at + (found?.length ?? 1), size)
  }
  // With its neighbour there it is one frame, whose header may still be readable.
  if (lost.length === 0 || lost[1] !== undefined) lost[0] = await guessType(file, position)
  return lost
}

function typeOf(header: unknown): string | undefined {
  const type = typeof header === 'object' && header !== null && 'type' in header ? header.type : undefined
  return typeof type === 'string' ? type : undefined
}

/** What the header of a damaged frame begins with. No damage makes one word of another by chance. */
async function guessType(file: FileHandle, position: number): Promise<string | undefined> {
  const start = Buffer.alloc(64)
  const { bytesRead } = await file.read(start, 0, start.length, position + prefixBytes)
  return /^\{"type":"([a-z]+)"/.exec(start.toString('latin1', 0, bytesRead))?.[1]
}

/** Bytes searched at once. */
const searchBytes = 1_048_576

/** Where the first bytes of a frame stand, from a position on. */
async function nextMagic(file: FileHandle, from: number, size: number): Promise<number | undefined> {
  const wanted = Buffer.alloc(4)
  wanted.writeUInt32LE(magic)
  for (let at = from; at + prefixBytes <= size; at += searchBytes) {
    // Three bytes more, for what lies across.
    const piece = await readExactly(file, at, Math.min(searchBytes + 3, size - at))
    const found = piece?.indexOf(wanted) ?? -1
    if (found !== -1) return at + found
  }
  return undefined
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
