import type { ByteOutput } from './byte-output.ts'

/**
 * Leads bytes into an output: to its end, or not at all.
 *
 * @returns The number of bytes.
 * @throws What the source or the output throws, as it is.
 */
export async function fill(open: () => Promise<ByteOutput>, source: AsyncIterable<Uint8Array>): Promise<number> {
  const iterator = source[Symbol.asyncIterator]()
  let output: ByteOutput | undefined
  let isPulling = false
  let bytes = 0
  try {
    output = await open()
    for (;;) {
      isPulling = true
      const { done, value } = await iterator.next()
      isPulling = false
      if (done) break
      await output.write(value)
      bytes += value.length
    }
    await output.finish()
    return bytes
  } catch (thrown) {
    // A source that failed is over. Any other is closed, and its own troubles with that are not what went wrong.
    if (!isPulling) await Promise.resolve(iterator.return?.()).catch(() => {})
    await output?.abandon(thrown)
    throw thrown
  }
}
