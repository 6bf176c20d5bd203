import { createHash } from 'node:crypto'
import { MillraceError } from '@millrace/core'

/** File systems take 255 bytes; the rest is left to what tools put around a name. */
const longestName = 200

/** What some file system or tool gives a meaning: separators, wildcards, quotes, control and invisible characters. */
const refused = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}]/u

/** Names that are devices on Windows, with whatever suffix. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * A table's name, which is the name of its folder: the same name back, or an error.
 *
 * Names are refused and never changed, so that two of them cannot end up in one folder.
 *
 * @throws {MillraceError} `E_TABLE_NAME`
 */
export function safeName(name: string): string {
  const problem = problemOf(name)
  if (problem === undefined) return name
  throw new MillraceError(
    'E_TABLE_NAME',
    `${JSON.stringify(name.slice(0, longestName))} cannot be the name of a table: ${problem}; give the stream another table name`,
    { context: { table: name.slice(0, longestName) } },
  )
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (Buffer.byteLength(name) > longestName) return `it is longer than ${longestName} bytes`
  if (name.startsWith('_') || name.startsWith('.')) return 'a leading "_" or "." hides a folder from Delta readers'
  if (name.endsWith('.') || name !== name.trim()) return 'it begins or ends with a space, or ends with a dot'
  const found = refused.exec(name)?.[0]
  if (found !== undefined) return `it holds ${JSON.stringify(found)}`
  if (name !== name.normalize('NFC')) return 'it is not in Unicode normal form C, so another spelling looks the same'
  if (devices.test(name)) return 'it is the name of a device on Windows'
  return undefined
}

/**
 * Any text as one path segment that no other text has. For names that a person rarely sees on disk.
 *
 * Longer than fits, it is cut and told apart by its SHA-256.
 */
export function pathSegment(text: string): string {
  // Half of a surrogate pair has no encoding.
  if (/\p{Cs}/u.test(text)) return digest(text)
  const encoded = encodeURIComponent(text)
    .replaceAll('*', '%2A')
    .replaceAll('~', '%7E')
    .replace(/^\./, '%2E')
    .replace(/^$/, '%')
  if (encoded.length <= longestName) return encoded
  return `${encoded.slice(0, 100)}${digest(text)}`
}

function digest(text: string): string {
  return `~${createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')}`
}
