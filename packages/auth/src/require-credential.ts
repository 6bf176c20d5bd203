import { type Secret, secret } from '@millrace/core'

/** What no header may hold: line breaks above all, which a file or a paste leaves at the end of a token. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unsendable = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/

/** Whether a text can be sent in a header as it is. */
export function isSendable(text: string): boolean {
  return text === text.trim() && !unsendable.test(text)
}

/**
 * A credential that can be sent in a header, as a secret. The errors name the option and never quote the value.
 *
 * @param what - The option, such as `bearer: token`.
 */
export function requireCredential(what: string, value: string | Secret): Secret {
  const credential = requireText(what, value)
  const text = credential.reveal()
  if (text !== text.trim()) throw new RangeError(`${what} begins or ends with a space or line break: trim it`)
  if (!isSendable(text)) throw new RangeError(`${what} holds a character that no header may hold`)
  return credential
}

/** The same for what is sent in a body, where any text goes. */
export function requireText(what: string, value: string | Secret): Secret {
  const credential = secret(value)
  const text: unknown = credential.reveal()
  if (typeof text !== 'string') throw new TypeError(`${what} must be a string, got ${typeof text}`)
  if (text === '') throw new RangeError(`${what} is empty: is the environment variable set?`)
  return credential
}
