import { silent, systemClock } from '@millrace/core'
import { createRetryBudget, defaultMaxRetries, defaultMaxWaitMs, exponential, retry } from '@millrace/retry'
import { Agent } from 'undici'
import { attempt } from './attempt.ts'
import type { Call, ClientSettings } from './call.ts'
import type { Conclusion } from './conclusion.ts'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.ts'
import { withQuery } from './query.ts'
import { createRedaction } from './redaction.ts'
import { renewOnce, type SendCall } from './renew-once.ts'
import { parseBaseUrl, resolveUrl } from './resolve-url.ts'

/** Overload and restarts: what public APIs document as "try again". */
export const defaultRetryStatuses: readonly number[] = Object.freeze([429, 500, 502, 503, 504])

/** A minute: slow reports take that long to begin, and a dead connection is found within a coffee. */
export const defaultTimeoutMs = 60_000

/** Five minutes: a server that drips a byte now and then is given up. */
export const defaultTotalTimeoutMs = 300_000

/** A host that is there answers within a second or two, even across the world. */
export const defaultConnectTimeoutMs = 10_000

/** 256 MB: far above any page of an API, and what a small machine can hold as text and as values. */
export const defaultMaxBodyBytes: number = 256 * 1024 * 1024

/** A timer that is set for longer fires at once. */
const longestTimerMs = 2_147_483_647

/**
 * A client for one JSON API.
 *
 * Every failure is a typed error with the URL and the advice, and without credentials; every answer is complete, decoded
 * and of a size that was agreed on.
 *
 * Memory: per running request its body packed, unpacked, as text and as values; no more than `maxBodyBytes` unpacked.
 *
 * @throws {MillraceError} `E_URL`, for a base URL that is none.
 * @example
 * const client = createHttpClient({ baseUrl: 'https://api.example.com/v1' })
 * const { body } = await client.get('events', { query: { limit: 100 } })
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const {
    timeoutMs = defaultTimeoutMs,
    totalTimeoutMs = defaultTotalTimeoutMs,
    connectTimeoutMs = defaultConnectTimeoutMs,
    maxBodyBytes = defaultMaxBodyBytes,
    clock = systemClock,
    emit = silent,
    limiter,
  } = options
  requireTimer({ timeoutMs, totalTimeoutMs, connectTimeoutMs })
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1) {
    throw new RangeError(`createHttpClient: maxBodyBytes must be a whole number from 1, got ${maxBodyBytes}`)
  }
  const { auth, headers, allowedHosts, secrets = [] } = options
  const redaction = createRedaction(auth, secrets)
  const base = parseBaseUrl(options.baseUrl, redaction.text)
  const own = new Agent({ connect: { timeout: connectTimeoutMs } })
  const dispatcher = options.dispatcher ?? own
  const limits = { totalTimeoutMs, connectTimeoutMs, maxBodyBytes }
  const settings: ClientSettings = { base, auth, headers, allowedHosts, redaction, dispatcher, clock, emit, ...limits }
  const budget = createRetryBudget()

  async function request(asked: HttpRequest): Promise<HttpResponse> {
    const { method = 'GET', path, query = {}, signal } = asked
    const retrying = { ...options.retry, ...asked.retry }
    const { maxRetries = defaultMaxRetries, maxWaitMs = defaultMaxWaitMs, backoffFactor } = retrying
    const call: Call = {
      method,
      url: withQuery(resolveUrl(base, path, redaction.text), query),
      asked,
      timeoutMs: asked.timeoutMs ?? timeoutMs,
      statuses: retrying.statuses ?? defaultRetryStatuses,
      isIdempotent: asked.idempotent ?? (method === 'GET' || method === 'HEAD'),
      isRenewed: false,
      startedAt: clock.now(),
      // A wait that will not be sat through is no reason to hold the others up.
      pause: (ms) => (ms <= maxWaitMs ? limiter?.pause(ms) : undefined),
    }
    requireTimer({ timeoutMs: call.timeoutMs })
    const send: SendCall = (each, number) =>
      limiter ? limiter.run(() => attempt(each, number, settings), signal) : attempt(each, number, settings)
    const sendOrRenew = renewOnce(call, settings, send)
    let last: Conclusion | undefined
    try {
      return await retry(
        async (number) => {
          last = await sendOrRenew(number)
          if (last.failure) throw last.failure
          return last.response
        },
        {
          maxRetries,
          maxWaitMs,
          backoff: exponential(backoffFactor === undefined ? {} : { factor: backoffFactor }),
          budget,
          clock,
          emit,
          ...(options.random && { random: options.random }),
          ...(signal && { signal }),
        },
      )
    } catch (thrown) {
      // The retries are used up: now it may be ignored.
      if (last?.response && last.failure === thrown) return last.response
      throw thrown
    }
  }

  return Object.freeze({
    request,
    get: (path: string, more = {}) => request({ ...more, path }),
    close: async () => own.close(),
  })
}

function requireTimer(times: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(times)) {
    if (ms > 0 && ms <= longestTimerMs) continue
    throw new RangeError(`${name} must be from 1 to ${longestTimerMs} milliseconds, got ${ms} (${typeof ms})`)
  }
}
