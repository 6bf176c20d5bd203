import { createHash } from 'node:crypto'
import { stableJson } from './stable-json.ts'

/** A short name for a value. 96 bits: a thousand of them collide with a chance of one in 10^23. */
export function shortDigest(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest().subarray(0, 12).toString('base64url')
}
