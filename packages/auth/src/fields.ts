import { Secret, secret } from '@millrace/core'

/** Names and values of a form or of headers. */
export type Fields = Readonly<Record<string, string | Secret>>

/** As headers, for the moment of sending. Names become lower case. */
export function headersOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(revealed(fields).map(([name, value]) => [name.toLowerCase(), value]))
}

/** As `application/x-www-form-urlencoded`. */
export function formOf(fields: Fields): string {
  return new URLSearchParams(revealed(fields)).toString()
}

/** A value as JSON, with the secrets in it, however deep they stand. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, each: unknown) {
    // `each` has been through `toJSON` already, which hides a secret.
    const own = this[key]
    return own instanceof Secret ? own.reveal() : each
  })
}

function revealed(fields: Fields): [name: string, value: string][] {
  return Object.entries(fields).map(([name, value]) => [name, secret(value).reveal()])
}
