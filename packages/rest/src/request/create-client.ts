import { type Clock, type Emit, Secret, secret } from '@millrace/core'
import {
  type Authenticator,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRetryOptions,
} from '@millrace/http'
import { createLimiter } from '@millrace/ratelimit'
import { createRetryBudget } from '@millrace/retry'
import type { ClientConfig, RetryConfig } from '../config/rest-config.ts'

export interface ClientSurroundings {
  readonly clock?: Clock
  readonly random?: () => number
}

/** @param secrets - Besides those of `auth` and of the client's headers. */
export type OpenClient = (emit: Emit, auth: Authenticator | undefined, secrets: readonly Secret[]) => HttpClient

/** Makes the HTTP client of each read. What all reads of a source have to share, pace and retries, they share. */
export function clientFactory(config: ClientConfig, { clock, random }: ClientSurroundings): OpenClient {
  const { baseUrl, headers = {}, timeout, totalTimeout, allowedHosts, retry, rateLimit = {} } = config
  const { blockPrivateNetworks = false } = config
  const options: HttpClientOptions = {
    baseUrl,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret(value).reveal()])),
    ...(retry && { retry: toHttpRetry(retry) }),
    limiter: createLimiter({ ...rateLimit, ...(clock && { clock }) }),
    budget: createRetryBudget(),
    blockPrivateNetworks,
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    ...(totalTimeout !== undefined && { totalTimeoutMs: totalTimeout * 1000 }),
    ...(allowedHosts && { allowedHosts }),
    ...(clock && { clock }),
    ...(random && { random }),
  }
  const ofHeaders = Object.values(headers).filter((value) => value instanceof Secret)
  return (emit, auth, secrets) =>
    createHttpClient({ ...options, emit, secrets: [...ofHeaders, ...secrets], ...(auth && { auth }) })
}

/** The configuration counts in seconds, the client in milliseconds. */
export function toHttpRetry({ maxWait, ...rest }: RetryConfig): HttpRetryOptions {
  return { ...rest, ...(maxWait !== undefined && { maxWaitMs: maxWait * 1000 }) }
}
