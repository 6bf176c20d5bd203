import { TextDecoder } from 'node:util'
import { DecodeError } from './decode-error.ts'

/**
 * Text from bytes, strictly: what the charset does not have is an error and no replacement character. A byte order mark
 * goes before `charset`, and is no part of the text.
 *
 * @param charset - A label of the Encoding Standard, such as `utf-8`, `utf-16` or `iso-8859-1`.
 * @see WHATWG Encoding Standard, "Names and labels": `iso-8859-1` means `windows-1252`
 */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const label = charsetOfMark(bytes) ?? charset
  const decoder = decoderFor(label, true)
  try {
    return decoder.decode(bytes)
  } catch {
    const text = decoderFor(label, false).decode(bytes)
    const name = decoder.encoding.toUpperCase()
    throw new DecodeError(`is not ${name} (after ${text.indexOf('\ufffd')} characters)`, { text })
  }
}

/** The `charset` of a content type. */
export function charsetOf(contentType: string | null): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1]
}

function charsetOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  return undefined
}

function decoderFor(label: string, fatal: boolean): TextDecoder {
  try {
    return new TextDecoder(label, { fatal })
  } catch {
    throw new DecodeError(`is in the charset "${label}", which is not known here`, { text: '' })
  }
}
