import { readFooter } from '@millrace/parquet'
import type { ObjectStore } from '../store/object-store.ts'

/** Bytes of the end of a file that are kept while it is read: the footers of nearly all files fit in. */
const tailBytes = 262_144

/** What follows a footer: its length, and four letters. */
const trailerBytes = 8

/**
 * Lets the bytes of a Parquet file pass by, and says afterwards how many rows the file says it has.
 *
 * Memory: the footer, or {@link tailBytes}.
 */
export class RowCounter {
  readonly #store: ObjectStore
  readonly #name: string
  #wanted = tailBytes
  #pieces: Uint8Array[] = []
  #kept = 0
  #bytes = 0

  constructor(store: ObjectStore, name: string) {
    this.#store = store
    this.#name = name
  }

  async *pieces(): AsyncGenerator<Uint8Array, undefined> {
    this.#pieces = []
    this.#kept = 0
    this.#bytes = 0
    for await (const piece of this.#store.read(this.#name)) {
      this.#pieces.push(piece)
      this.#kept += piece.length
      this.#bytes += piece.length
      for (let first = this.#pieces[0]; first && this.#kept - first.length >= this.#wanted; first = this.#pieces[0]) {
        this.#kept -= first.length
        this.#pieces.shift()
      }
      yield piece
    }
  }

  /**
   * Reads the file again where its footer is longer than what was kept.
   *
   * @throws {MillraceError} `E_PARQUET` where it has no footer.
   */
  async rows(): Promise<number> {
    const tail = Buffer.concat(this.#pieces)
    const needed = tail.length < trailerBytes ? 0 : tail.readUInt32LE(tail.length - trailerBytes) + trailerBytes
    if (needed <= tail.length || needed > this.#bytes) return readFooter(tail).rows
    this.#wanted = needed
    for await (const _ of this.pieces());
    return readFooter(Buffer.concat(this.#pieces)).rows
  }
}
