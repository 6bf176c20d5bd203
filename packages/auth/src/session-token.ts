import type { Authenticator } from '@millrace/http'
import { valueAt } from '@millrace/paginate'
import { type Fields, formOf, headersOf, jsonOf } from './fields.ts'
import type { TokenClientOptions, TokenMessage } from './request-token.ts'
import { requireHeaderName } from './require-header-name.ts'
import { requireHttpUrl } from './require-http-url.ts'
import { secretsAmong } from './secrets-among.ts'
import { tokenAuthenticator } from './token-authenticator.ts'

/** The commonest name for it. */
export const defaultTokenPath = 'token'

export interface SessionTokenOptions {
  readonly loginUrl: string
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST'
  /** Body of the login request, sent as JSON. Its texts may be secrets, however deep they stand. */
  readonly json?: Readonly<Record<string, unknown>>
  /** The same sent as a form. */
  readonly form?: Fields
  /** Of the login request. */
  readonly headers?: Fields
  /** Where the token is in the body of the answer. Default {@link defaultTokenPath}. */
  readonly tokenPath?: string
  /** Where the answer says for how many seconds the token is good. Default `expires_in`, where there is one. */
  readonly expiresInPath?: string
  /** How long a token is good where the answer does not say, milliseconds. Default `defaultTokenLifeMs`. */
  readonly tokenLifeMs?: number
  /** Name of the header that carries the token. Default `Authorization`. */
  readonly header?: string
  /** What stands before the token in the header. Default `Bearer ` in `Authorization`, else nothing. */
  readonly prefix?: string
}

/**
 * Logs in, and sends the token of the answer with all further requests.
 *
 * @throws {SyntaxError} for a `tokenPath` or `expiresInPath` that is no path.
 * @example
 * sessionToken({ loginUrl: 'https://api.example.com/login', json: { user: 'reader', password }, header: 'X-Session' })
 */
export function sessionToken(options: SessionTokenOptions, client: TokenClientOptions = {}): Authenticator {
  const { loginUrl, method = 'POST', json, form, headers = {}, tokenPath = defaultTokenPath } = options
  const { expiresInPath = 'expires_in' } = options
  requireHttpUrl('sessionToken: loginUrl', loginUrl)
  if (json && form) throw new RangeError('sessionToken: json and form are given, but a request has one body')
  if (method === 'GET' && (json || form)) throw new RangeError('sessionToken: a GET has no body: make it a POST')
  // They are read when an answer is there: what is no path is said now.
  for (const path of [tokenPath, expiresInPath]) valueAt(undefined, path)
  const header = (options.header ?? 'Authorization').toLowerCase()
  requireHeaderName('sessionToken: header', header)
  const secrets = [json, form, headers].flatMap((part) => secretsAmong(part))

  function write(): TokenMessage {
    const own = headersOf(headers)
    if (json) return { headers: { 'content-type': 'application/json', ...own }, body: jsonOf(json) }
    if (form) return { headers: { 'content-type': 'application/x-www-form-urlencoded', ...own }, body: formOf(form) }
    return { headers: own }
  }

  return tokenAuthenticator(
    {
      request: { name: 'session token', url: loginUrl, method, write, secrets: () => secrets },
      tokenPath,
      expiresInPath,
      tokenLifeMs: options.tokenLifeMs,
      header,
      prefix: options.prefix ?? (header === 'authorization' ? 'Bearer ' : ''),
    },
    client,
  )
}
