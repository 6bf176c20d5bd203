import { createHash } from 'node:crypto'
import type { Row } from '@millrace/core'
import { stableJson } from '../stable-json.ts'

/**
 * A digest of what identifies a row: its primary key, or all of it where there is none or the row lacks a part of it.
 *
 * 96 bits: a thousand of them collide with a chance of one in 10^23.
 */
export function rowDigest(row: Row, primaryKey: readonly string[]): string {
  const isWhole = primaryKey.length === 0 || primaryKey.some((column) => row[column] === undefined)
  return digest(isWhole ? row : primaryKey.map((column) => row[column]))
}

/** A digest of what identifies a parent: whatever its requests are made of. */
export function parentDigest(parent: unknown): string {
  return digest(parent)
}

function digest(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest().subarray(0, 12).toString('base64url')
}
