/** Which values of a column are null: one bit a value, least significant first, and no bits where none is. */
export class Validity {
  nullCount = 0
  nullBitmap: Uint8Array | undefined
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  setNull(index: number): void {
    this.nullCount += 1
    this.nullBitmap ??= new Uint8Array((this.#length + 7) >> 3).fill(255)
    const byte = index >> 3
    this.nullBitmap[byte] = (this.nullBitmap[byte] as number) & ~(1 << (index & 7))
  }
}
