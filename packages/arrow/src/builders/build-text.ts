import { type Data, makeData, type Utf8 } from 'apache-arrow'
import { jsonText } from '../json-text.ts'
import { type Cells, cellAt } from './cells.ts'
import { checkColumnBytes, maxColumnBytes } from './column-bytes.ts'
import { Validity } from './validity.ts'

/** UTF-16 units that are encoded by one call. A call costs more than a short string; a longer text leaves the cache. */
const chunkUnits = 16_384

const encoder = new TextEncoder()

/**
 * Text: strings as they are, everything else as its JSON text, or nothing else where `onlyText`.
 *
 * Many strings are joined and encoded by one call, which then tells by its count whether all of it was ASCII. A string
 * with half a surrogate pair does not fit: UTF-8 cannot write it.
 */
export function buildText(type: Utf8, { rows, key }: Cells, onlyText: boolean): Data | undefined {
  const { length } = rows
  const valueOffsets = new Int32Array(length + 1)
  const validity = new Validity(length)
  const bytes = new TextBytes(length * 16)
  let chunk = ''
  let chunkStart = 0
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (typeof value === 'string') chunk += value
    else if (value === null || value === undefined) validity.setNull(r)
    else if (onlyText) return undefined
    else chunk += jsonText(value)
    // For now the end of the value in its chunk, in UTF-16 units.
    valueOffsets[r + 1] = chunk.length
    if (chunk.length >= chunkUnits) {
      if (!bytes.add(chunk, valueOffsets, chunkStart + 1, r + 2)) return undefined
      chunk = ''
      chunkStart = r + 1
    }
  }
  if (!bytes.add(chunk, valueOffsets, chunkStart + 1, length + 1)) return undefined
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, valueOffsets, data: bytes.taken(), nullCount, nullBitmap })
}

/** The encoded text of a column as it grows. */
class TextBytes {
  #data: Uint8Array<ArrayBuffer>
  #end = 0

  constructor(room: number) {
    this.#data = new Uint8Array(room)
  }

  taken(): Uint8Array {
    return this.#data.subarray(0, this.#end)
  }

  /**
   * Encodes a chunk, and turns the offsets `from` to `to` from units of the chunk into bytes of the column.
   *
   * @returns false where half a surrogate pair is in it.
   */
  add(chunk: string, offsets: Int32Array, from: number, to: number): boolean {
    const start = this.#end
    const units = chunk.length
    this.#reserve(units)
    const { read, written } = encoder.encodeInto(chunk, this.#data.subarray(start))
    this.#end = start + written
    if (read < units) {
      // A UTF-16 unit is at most three bytes of UTF-8, so this much room is enough in any case.
      this.#reserve((units - read) * 3)
      this.#end += encoder.encodeInto(chunk.slice(read), this.#data.subarray(this.#end)).written
    }
    checkColumnBytes(this.#end)
    if (this.#end - start === units) {
      if (start > 0) for (let i = from; i < to; i++) offsets[i] = (offsets[i] as number) + start
      return true
    }
    return chunk.isWellFormed() && this.#toByteOffsets(start, offsets, from, to)
  }

  /** Walks the bytes. A value that ends inside a character has half a pair, and the next value the other half. */
  #toByteOffsets(start: number, offsets: Int32Array, from: number, to: number): boolean {
    const data = this.#data
    let at = start
    let units = 0
    for (let i = from; i < to; i++) {
      const end = offsets[i] as number
      while (units < end) {
        const lead = data[at] as number
        at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        units += lead < 0xf0 ? 1 : 2
      }
      if (units !== end) return false
      offsets[i] = at
    }
    return true
  }

  #reserve(more: number): void {
    const room = this.#end + more
    if (room <= this.#data.length) return
    // Beyond the limit it grows only as the text does: that is told of its size, and not of a guess of ours.
    const larger = new Uint8Array(Math.max(room, Math.min(this.#data.length * 2, maxColumnBytes)))
    larger.set(this.#data.subarray(0, this.#end))
    this.#data = larger
  }
}
