import type { Row } from '@millrace/core'
import { shortDigest } from '../short-digest.ts'

/** A digest of what identifies a row: its primary key, or all of it where there is none or the row lacks a part of it. */
export function rowDigest(row: Row, primaryKey: readonly string[]): string {
  const isWhole = primaryKey.length === 0 || primaryKey.some((column) => row[column] === undefined)
  return shortDigest(isWhole ? row : primaryKey.map((column) => row[column]))
}
