import { AsyncByteQueue } from 'apache-arrow'

/** What a writer of apache-arrow has written and nobody has taken. Its own queue could only be read by waiting for the end. */
export class WrittenBytes extends AsyncByteQueue {
  readonly #pieces: Uint8Array[] = []

  override write(piece: Uint8Array): void {
    this.#pieces.push(piece)
  }

  /** All of it in a buffer of its own. Copied: what was written are the columns of batches, which their owner may change. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#pieces.reduce((length, piece) => length + piece.length, 0))
    let at = 0
    for (const piece of this.#pieces.splice(0)) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }
}
