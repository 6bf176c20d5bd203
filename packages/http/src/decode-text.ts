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
    const text = decoder.decode(bytes)
    return decoder.encoding === 'windows-1252' ? withWindowsCharacters(text) : text
  } catch {
    const text = decoderFor(label, false).decode(bytes)
    const name = decoder.encoding.toUpperCase()
    throw new DecodeError(`is not ${name} (after ${text.indexOf('\ufffd')} characters)`, { text })
  }
}

/** The characters of windows-1252 from 0x80 to 0x9f; five of them are none. */
const windowsCharacters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** Node 20 decodes windows-1252 as if it were ISO 8859-1, which has control characters where this has quotes and `€`. */
function withWindowsCharacters(text: string): string {
  return text.replace(/[\x80-\x9f]/g, (character) => windowsCharacters[character.charCodeAt(0) - 0x80] ?? character)
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
