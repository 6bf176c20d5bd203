import { createHash, randomBytes } from 'node:crypto'

/** A name for a session that no other session has: it is in the name of every file that the session makes. */
export function createWriter(): string {
  return randomBytes(8).toString('hex')
}

/** How the names of all files begin that a session makes for a stream, and no others. */
export function partPrefix(writer: string, stream: string): string {
  return `part-${writer}-${createHash('sha256').update(stream).digest('hex').slice(0, 16)}-`
}

export function partName(writer: string, stream: string, number: number): string {
  return `${partPrefix(writer, stream)}${String(number).padStart(5, '0')}.parquet`
}

/** What a name of ours looks like, for names that are read back from a file. */
export function isPartName(name: string): boolean {
  return /^part-[0-9a-f]{16}-[0-9a-f]{16}-\d{5,}\.parquet$/.test(name)
}
