import { createHash } from 'node:crypto'

/** The name of the digest in the key-value metadata of the Parquet file, and in the tags of the pointer to it. */
const digestKey = 'millrace.sha256'

/** Says that there is a digest, so that one damaged byte cannot make a file of ours look like another writer's. */
const markKey = 'millrace.sealed'

/** In place of a digest while it is summed. */
const blank = '0'.repeat(64)

/** What a file holds before it is sealed: key-value metadata of a checkpoint, tags of a pointer. */
export const unsealed: Readonly<Record<string, string>> = Object.freeze({ [markKey]: '1', [digestKey]: blank })

/**
 * Puts the SHA-256 of a file into it, in the place that {@link unsealed} keeps for it. In the file and not beside it, where
 * the two could come from different writers, or be copied one without the other.
 *
 * @throws {RangeError} where there is no such place.
 */
export function seal(file: Uint8Array): void {
  const bytes = bufferOf(file)
  const at = digestAt(bytes)
  if (at === undefined) throw new RangeError('seal: the file has no place for its digest')
  bytes.write(digestWithout(bytes, at), at, 'latin1')
}

/** False for a file of ours that is not as it was sealed. Those of other writers have no seal. */
export function isAsSealed(file: Uint8Array): boolean {
  const bytes = bufferOf(file)
  const at = digestAt(bytes)
  if (at !== undefined) return bytes.toString('latin1', at, at + blank.length) === digestWithout(bytes, at)
  return !bytes.includes(digestKey) && !bytes.includes(markKey)
}

/**
 * Where the digest begins. Its name stands last where it is key-value metadata: behind the rows and their statistics. In
 * Thrift's compact protocol a text of 64 bytes follows as two bytes and the text, and in JSON as three signs.
 *
 * @see Apache Parquet format, `FileMetaData` in parquet.thrift; Thrift compact protocol, "Struct encoding"
 */
function digestAt(bytes: Buffer): number | undefined {
  const named = bytes.lastIndexOf(digestKey)
  if (named < 0) return undefined
  const behind = named + digestKey.length
  const at = behind + (bytes[behind] === quote ? 3 : 2)
  return /^[0-9a-f]{64}$/.test(bytes.toString('latin1', at, at + blank.length)) ? at : undefined
}

const quote = '"'.charCodeAt(0)

function digestWithout(bytes: Buffer, at: number): string {
  const hash = createHash('sha256').update(bytes.subarray(0, at)).update(blank)
  return hash.update(bytes.subarray(at + blank.length)).digest('hex')
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
