import { Secret, secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'

export interface BasicOptions {
  /** May be a secret too: some APIs take their key as the user name, with an empty password. */
  readonly username: string | Secret
  readonly password: string | Secret
}

/**
 * Sends `Authorization: Basic <username:password>`, as UTF-8 in base64.
 *
 * The user name is kept out of logs where it is a `Secret` or comes without a password.
 *
 * @see RFC 7617 §2
 */
export function basic(options: BasicOptions): Authenticator {
  const username = secret(options.username)
  const password = secret(options.password)
  if (typeof username.reveal() !== 'string') throw new TypeError('basic: username must be a string')
  if (typeof password.reveal() !== 'string') throw new TypeError('basic: password must be a string')
  if (username.reveal() === '' && password.reveal() === '') {
    throw new RangeError('basic: username and password are empty: are the environment variables set?')
  }
  if (username.reveal().includes(':')) {
    throw new RangeError('basic: username holds a colon, which is where the password begins')
  }
  const pair = new Secret(Buffer.from(`${username.reveal()}:${password.reveal()}`, 'utf8').toString('base64'))
  const isUsernameSecret = options.username instanceof Secret || password.reveal() === ''
  return Object.freeze({
    name: 'basic',
    secrets: Object.freeze(isUsernameSecret ? [password, pair, username] : [password, pair]),
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: `Basic ${pair.reveal()}` } }),
  } satisfies Authenticator)
}
