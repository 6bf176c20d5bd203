import { silent, systemClock } from '@millrace/core'
import { createRetryBudget, defaultMaxRetries, defaultMaxWaitMs, exponential, retry } from '@millrace/retry'
import { attempt } from './attempt.ts'
import type { Call, ClientSettings } from './call.ts'
import { defaultMaxDepth } from './check-json.ts'
import { createAgent } from './create-agent.ts'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.ts'
import { withQuery } from './query.ts'
import { createRedaction } from './redaction.ts'
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

/** 1 KB/s, which the slowest of mobile networks manages: less is a server that hangs on by single bytes. */
export const defaultMinBytesPerSecond = 1024

/** Half a minute: a stall of a few seconds on a busy network is none of this. */
export const defaultRateWindowMs = 30_000

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
    maxDepth = defaultMaxDepth,
    minBytesPerSecond = defaultMinBytesPerSecond,
    rateWindowMs = defaultRateWindowMs,
    blockPrivateNetworks = false,
    budget = createRetryBudget(),
    clock = systemClock,
    emit = silent,
    limiter,
  } = options
  requireTimer({ timeoutMs, totalTimeoutMs, connectTimeoutMs, rateWindowMs })
  requireWhole({ maxBodyBytes, maxDepth })
  if (!(minBytesPerSecond >= 0)) {
    throw new RangeError(`createHttpClient: minBytesPerSecond must be a number from 0, got ${minBytesPerSecond}`)
  }
  if (blockPrivateNetworks && options.dispatcher) {
    throw new RangeError('createHttpClient: blockPrivateNetworks holds for own connections only: leave out dispatcher')
  }
  const { auth, headers, allowedHosts, secrets = [] } = options
  const redaction = createRedaction(auth, secrets)
  const base = parseBaseUrl(options.baseUrl, redaction.text)
  const own = createAgent({ connectTimeoutMs, blockPrivateNetworks })
  const dispatcher = options.dispatcher ?? own
  const minimumRate = { bytesPerSecond: minBytesPerSecond, overMs: rateWindowMs }
  const limits = { totalTimeoutMs, connectTimeoutMs, maxBodyBytes, maxDepth, minimumRate }
  const settings: ClientSettings = { base, auth, headers, allowedHosts, redaction, dispatcher, clock, emit, ...limits }

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
      startedAt: clock.now(),
      // A wait that will not be sat through is no reason to hold the others up.
      pause: (ms) => (ms <= maxWaitMs ? limiter?.pause(ms) : undefined),
    }
    requireTimer({ timeoutMs: call.timeoutMs })
    return retry(
      (number) =>
        limiter ? limiter.run(() => attempt(call, number, settings), signal) : attempt(call, number, settings),
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
  }

  return Object.freeze({
    request,
    get: (path: string, more = {}) => request({ ...more, path }),
    close: async () => own.close(),
  })
}

function requireWhole(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isInteger(value) && value >= 1) continue
    throw new RangeError(`createHttpClient: ${name} must be a whole number from 1, got ${value}`)
  }
}

function requireTimer(times: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(times)) {
    if (ms > 0 && ms <= longestTimerMs) continue
    throw new RangeError(`${name} must be from 1 to ${longestTimerMs} milliseconds, got ${ms} (${typeof ms})`)
  }
}
