import { MillraceError } from '@millrace/core'
import { digestBytes } from '../disk/digest-bytes.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { AddFile } from './actions.ts'

/** The tag of a file's entry in the log that holds the SHA-256 of its bytes, in hexadecimal. */
const tag = 'millrace.fileSha256'

export function digestTags(sha256: string): NonNullable<AddFile['tags']> {
  return { [tag]: sha256 }
}

/** What a file has to sum up to; undefined where another writer made it. */
export function digestOf({ tags }: AddFile): string | undefined {
  const sha256: unknown = tags && Object.hasOwn(tags, tag) ? tags[tag] : undefined
  return typeof sha256 === 'string' ? sha256 : undefined
}

/**
 * Reads a file whole and holds it to its entry in the log: Parquet has no checksum that writers set and readers ask for, so
 * that half of all flipped bits give other values, and no error.
 *
 * @param name - Of the file, in the table's folder.
 * @throws {MillraceError} `E_CORRUPT` naming the file. Never for a file of another writer.
 */
export async function checkContent(table: ObjectStore, name: string, file: AddFile): Promise<void> {
  const expected = digestOf(file)
  if (expected === undefined) return
  const { sha256, bytes } = await digestBytes(table.read(name))
  if (sha256 === expected) return
  const path = table.locate(name)
  throw new MillraceError(
    'E_CORRUPT',
    `${path} is not as it was written: its ${bytes} bytes have another SHA-256 than the log says; restore it from a copy`,
    { context: { path, bytes, expectedBytes: file.size } },
  )
}
