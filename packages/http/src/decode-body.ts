import type { JsonValue } from '@millrace/core'
import type { BodyFormat } from './body-format.ts'
import { decodeCsv } from './decode-csv.ts'
import { decodeJson } from './decode-json.ts'
import { decodeNdjson } from './decode-ndjson.ts'
import { charsetOf, decodeText } from './decode-text.ts'

export interface DecodeOptions {
  readonly format: BodyFormat
  /** Of the answer. */
  readonly contentType: string | null
  readonly maxDepth: number
}

/**
 * The value of a body: what its JSON says, or the list of its rows.
 *
 * JSON is UTF-8 whatever its content type says (RFC 8259 §8.1), unless a byte order mark says UTF-16. The other formats
 * are in the charset of the content type.
 *
 * @throws {DecodeError}
 */
export function decodeBody(bytes: Uint8Array, { format, contentType, maxDepth }: DecodeOptions): JsonValue {
  if (format === 'json') return decodeJson(decodeText(bytes, 'utf-8'), maxDepth)
  const text = decodeText(bytes, charsetOf(contentType) ?? 'utf-8')
  return format === 'csv' ? decodeCsv(text) : decodeNdjson(text, maxDepth)
}
