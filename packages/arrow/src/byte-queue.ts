/** The bytes of a source in order, as many at a time as somebody needs, wherever its pieces end. */
export class ByteQueue {
  /** What the source failed with: not to be taken for a failure to understand its bytes. */
  failure: { readonly thrown: unknown } | undefined
  readonly #iterator: AsyncIterator<Uint8Array>
  #pieces: Uint8Array[] = []
  #isOver = false
  length = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** Reads on until so many bytes are there. False where the source ends before. */
  async has(length: number): Promise<boolean> {
    try {
      while (this.length < length && !this.#isOver) {
        const { done, value } = await this.#iterator.next()
        if (done) this.#isOver = true
        else this.#push(value)
      }
    } catch (thrown) {
      this.#isOver = true
      this.failure = { thrown }
      throw thrown
    }
    return this.length >= length
  }

  /** Bytes that are there, and stay. */
  peek(from: number, to: number): Uint8Array {
    let [first] = this.#pieces
    if (first === undefined || first.length < to) {
      first = this.take(to)
      this.#pieces.unshift(first)
      this.length += to
    }
    return first.subarray(from, to)
  }

  uint32(at: number): number {
    const word = this.peek(at, at + 4)
    return new DataView(word.buffer, word.byteOffset).getUint32(0, true)
  }

  /** Bytes that are there, in a buffer of their own. */
  take(length: number): Uint8Array {
    const taken = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const piece = this.#pieces[0] as Uint8Array
      const part = piece.subarray(0, length - at)
      taken.set(part, at)
      at += part.length
      if (part.length === piece.length) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(part.length)
    }
    this.length -= length
    return taken
  }

  /** All bytes up to the end of the source. */
  async takeAll(): Promise<Uint8Array> {
    while (await this.has(this.length + 1));
    return this.take(this.length)
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#iterator.return?.()
  }

  #push(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.length += piece.length
  }
}
