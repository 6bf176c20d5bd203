import { createHash } from 'node:crypto'

/** What bytes sum up to. */
export interface BytesDigest {
  /** In hexadecimal. */
  readonly sha256: string
  readonly bytes: number
}

/** Takes in bytes to their end. Memory: one piece. */
export async function digestBytes(pieces: AsyncIterable<Uint8Array>): Promise<BytesDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of pieces) {
    hash.update(piece)
    bytes += piece.length
  }
  return { sha256: hash.digest('hex'), bytes }
}
