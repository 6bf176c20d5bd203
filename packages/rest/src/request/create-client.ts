import { apiKey, basic, bearer } from '@millrace/auth'
import { type Clock, type Emit, Secret, secret } from '@millrace/core'
import {
  type Authenticator,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRetryOptions,
} from '@millrace/http'
import { createLimiter } from '@millrace/ratelimit'
import type { AuthConfig } from '../config/auth-config.ts'
import type { ClientConfig, RetryConfig } from '../config/rest-config.ts'

export interface ClientSurroundings {
  /** Made of the configuration's `auth`. */
  readonly auth?: Authenticator
  /** Besides those of `auth` and of the headers. */
  readonly secrets?: readonly Secret[]
  readonly clock?: Clock
  readonly random?: () => number
}

/** Makes the HTTP client of each read. What all reads of a source have to share, the pace, they share. */
export function clientFactory(
  config: ClientConfig,
  { auth, secrets = [], clock, random }: ClientSurroundings,
): (emit: Emit) => HttpClient {
  const { baseUrl, headers = {}, timeout, totalTimeout, allowedHosts, retry, rateLimit } = config
  const options: HttpClientOptions = {
    baseUrl,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret(value).reveal()])),
    secrets: [...secrets, ...Object.values(headers).filter((value) => value instanceof Secret)],
    ...(auth && { auth }),
    ...(retry && { retry: toHttpRetry(retry) }),
    ...(rateLimit && { limiter: createLimiter({ ...rateLimit, ...(clock && { clock }) }) }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    ...(totalTimeout !== undefined && { totalTimeoutMs: totalTimeout * 1000 }),
    ...(allowedHosts && { allowedHosts }),
    ...(clock && { clock }),
    ...(random && { random }),
  }
  return (emit) => createHttpClient({ ...options, emit })
}

/** The configuration counts in seconds, the client in milliseconds. */
export function toHttpRetry({ maxWait, ...rest }: RetryConfig): HttpRetryOptions {
  return { ...rest, ...(maxWait !== undefined && { maxWaitMs: maxWait * 1000 }) }
}

/** @throws {RangeError} where the credentials cannot be sent; it does not quote them. */
export function createAuth(auth: AuthConfig): Authenticator {
  if (typeof auth === 'function') throw new RangeError('a signing function is not supported yet')
  if ('apply' in auth) return auth
  switch (auth.type) {
    case 'api_key': {
      const { apiKey: key, name, location = 'header' } = auth
      return apiKey({ key, in: location === 'param' ? 'query' : location, ...(name !== undefined && { name }) })
    }
    case 'http_basic':
      return basic(auth)
    case undefined:
    case 'bearer':
      return bearer(auth.token)
    default:
      throw new RangeError(`"${auth.type}" is not supported yet`)
  }
}
