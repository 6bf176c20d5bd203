/**
 * The pieces of a file for someone who is done with each when asking for the next; their memory is given back then.
 *
 * A piece is held for as long as it takes to fill the next row group. By then the collector counts it as old, and it would
 * wait, megabytes with it, for a collection of old things, of which a steady stream has few. Moved to a new owner that
 * nobody holds, the memory goes with the next collection of young ones.
 */
export async function* releasePieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of pieces) {
    yield piece
    const { buffer, byteLength } = piece
    // A piece of a buffer that others use, as Node's small buffers are, is not ours to move.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
      structuredClone(buffer, { transfer: [buffer] })
  }
}
