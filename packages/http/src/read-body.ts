import type { Readable } from 'node:stream'

/**
 * All bytes of a body, or undefined where there are more than `maxBytes`; the rest is then not read.
 *
 * Memory: the body, once.
 */
export async function readBody(body: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
