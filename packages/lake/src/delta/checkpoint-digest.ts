import { createHash } from 'node:crypto'
import { checkpointSchema } from './checkpoint-schema.ts'
import { conformValue } from './checkpoint-value.ts'

/** The name of the digest in the key-value metadata of the Parquet file. */
export const digestKey = 'millrace.sha256'

/**
 * SHA-256 of the actions of a checkpoint as {@link conformAction} gives them, in hexadecimal.
 *
 * Of what is read and not of the bytes: the file has to hold it itself. Beside it, the two could come from different
 * writers, or be copied one without the other.
 */
export function checkpointDigest(actions: Iterable<object>): string {
  const hash = createHash('sha256')
  for (const action of actions) hash.update(`${JSON.stringify(action)}\n`)
  return hash.digest('hex')
}

/** An action with what a checkpoint stores of it. */
export function conformAction(action: object): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const { name, type } of checkpointSchema.fields) {
    const value = conformValue(Reflect.get(action, name), type)
    if (value !== undefined) found[name] = value
  }
  return found
}

/**
 * The digest in the bytes of a checkpoint; undefined where there is none, and `damaged` where there was one.
 *
 * Found by its name: in Thrift's compact protocol a string of 64 bytes follows it as two bytes and the text.
 *
 * @see Apache Parquet format, `KeyValue` in parquet.thrift; Thrift compact protocol, "Struct encoding"
 */
export function storedDigest(file: Uint8Array): string | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const at = bytes.lastIndexOf(digestKey)
  if (at < 0) return undefined
  const from = at + digestKey.length + 2
  const value = bytes.toString('latin1', from, from + 64)
  return /^[0-9a-f]{64}$/.test(value) ? value : 'damaged'
}
