import { Secret } from '@millrace/core'
import type { Fields } from './fields.ts'
import { requireText } from './require-credential.ts'

export interface ClientAuthenticationOptions {
  /** May be a secret too. */
  readonly clientId: string | Secret
  /** Missing for public clients. */
  readonly clientSecret?: string | Secret
  /** Whether id and secret go into the form or into a Basic header. Default `body`: what most servers take. */
  readonly clientAuthentication?: 'body' | 'basic'
}

/** How a client says who it is. */
export interface ClientAuthentication {
  headers(): Readonly<Record<string, string>>
  fields(): Fields
  readonly secrets: readonly Secret[]
}

/** @see RFC 6749 §2.3.1 */
export function clientAuthentication(what: string, options: ClientAuthenticationOptions): ClientAuthentication {
  const { clientAuthentication: place = 'body' } = options
  if (place !== 'body' && place !== 'basic') {
    throw new RangeError(`${what}: clientAuthentication must be "body" or "basic", got "${place}"`)
  }
  const id = requireText(`${what}: clientId`, options.clientId)
  const secret =
    options.clientSecret === undefined ? undefined : requireText(`${what}: clientSecret`, options.clientSecret)
  const known = [...(options.clientId instanceof Secret ? [id] : []), ...(secret ? [secret] : [])]
  if (place === 'body') {
    const fields = { client_id: id, ...(secret && { client_secret: secret }) }
    return { headers: () => ({}), fields: () => fields, secrets: known }
  }
  const text = `${formEncoded(id.reveal())}:${formEncoded(secret?.reveal() ?? '')}`
  const pair = new Secret(Buffer.from(text).toString('base64'))
  return {
    headers: () => ({ authorization: `Basic ${pair.reveal()}` }),
    fields: () => ({}),
    secrets: [...known, pair],
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length)
}
