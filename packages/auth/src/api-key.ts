import { Secret } from '@millrace/core'
import { type Authenticator, type OutgoingRequest, withQuery } from '@millrace/http'
import { requireCredential } from './require-credential.ts'
import { requireHeaderName } from './require-header-name.ts'

/** Where a key without a name goes: the header that exists for credentials. */
export const defaultKeyName = 'Authorization'

export interface ApiKeyOptions {
  /** Of the header, query parameter or cookie. Default {@link defaultKeyName}. */
  readonly name?: string
  readonly key: string | Secret
  readonly in: 'header' | 'query' | 'cookie'
}

/**
 * Sends a key as a header, a query parameter or a cookie, in place of one of the same name that is there already.
 *
 * Prefer the header where the API offers it: URLs are what proxies and servers log.
 */
export function apiKey(options: ApiKeyOptions): Authenticator {
  const { name = defaultKeyName } = options
  const key = requireCredential('apiKey: key', options.key)
  if (options.in !== 'query') requireHeaderName('apiKey: name', name)
  if (name === '') throw new RangeError('apiKey: name is empty')
  // A cookie cannot hold `;`, `,` or a space (RFC 6265 §4.1.1), so it travels encoded.
  const cookie = new Secret(encodeURIComponent(key.reveal()))
  const places: Readonly<Record<ApiKeyOptions['in'], (request: OutgoingRequest) => OutgoingRequest>> = {
    header: (request) => ({ ...request, headers: { ...request.headers, [name.toLowerCase()]: key.reveal() } }),
    query: (request) => ({ ...request, url: withQuery(request.url, { [name]: key.reveal() }) }),
    cookie: (request) => ({
      ...request,
      headers: { ...request.headers, cookie: withCookie(request.headers['cookie'], name, cookie.reveal()) },
    }),
  }
  const apply = Object.hasOwn(places, options.in) ? places[options.in] : undefined
  if (!apply) throw new RangeError(`apiKey: in must be "header", "query" or "cookie", got "${options.in}"`)
  return Object.freeze({
    name: `api key in ${options.in}`,
    secrets: Object.freeze([key, cookie]),
    ...(options.in === 'query' && { secretQuery: Object.freeze([name]) }),
    apply,
  } satisfies Authenticator)
}

function withCookie(header = '', name: string, value: string): string {
  const others = header.split(/;\s*/).filter((pair) => pair !== '' && pair.split('=', 1)[0] !== name)
  return [...others, `${name}=${value}`].join('; ')
}
