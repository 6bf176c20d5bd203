import { isMillraceError, MillraceError, silent, systemClock } from '@millrace/core'
import { type Announce, createLimiter } from '@millrace/ratelimit'
import { createRetryBudget, defaultMaxRetries, defaultMaxWaitMs, exponential, retry } from '@millrace/retry'
import { attempt } from './attempt.ts'
import type { Call, ClientSettings } from './call.ts'
import type { Conclusion } from './conclusion.ts'
import { createAgent } from './create-agent.ts'
import { eitherSignal } from './either-signal.ts'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.ts'
import { limitsOf, requireTimer } from './limits.ts'
import { withQuery } from './query.ts'
import { createRedaction } from './redaction.ts'
import { renewOnce, type SendCall } from './renew-once.ts'
import { parseBaseUrl, resolveUrl } from './resolve-url.ts'

/** Overload and restarts: what public APIs document as "try again". */
export const defaultRetryStatuses: readonly number[] = Object.freeze([429, 500, 502, 503, 504])

/**
 * A client for one JSON API.
 *
 * Every failure is a typed error with the URL and the advice, and without credentials; every answer is complete, decoded
 * and of a size that was agreed on.
 *
 * Memory: per running request its body as bytes, as text and as values; no more than `maxBodyBytes` of bytes.
 *
 * @throws {MillraceError} `E_URL`, for a base URL that is none.
 * @example
 * const client = createHttpClient({ baseUrl: 'https://api.example.com/v1' })
 * const { body } = await client.get('events', { query: { limit: 100 } })
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const limits = limitsOf(options)
  const { clock = systemClock, emit = silent, blockPrivateNetworks = false } = options
  const { limiter = createLimiter({ clock }), budget = createRetryBudget() } = options
  if (blockPrivateNetworks && options.dispatcher) {
    throw new RangeError('createHttpClient: blockPrivateNetworks holds for own connections only: leave out dispatcher')
  }
  const { auth, headers, allowedHosts, secrets = [] } = options
  const redaction = createRedaction(auth, secrets)
  const base = parseBaseUrl(options.baseUrl, redaction.text)
  const agentOptions = { connectTimeoutMs: limits.connectTimeoutMs, blockPrivateNetworks }
  const own = createAgent({ ...agentOptions, keepAlive: true })
  const fresh = createAgent({ ...agentOptions, keepAlive: false })
  const dispatchers = { dispatcher: options.dispatcher ?? own, retryDispatcher: options.dispatcher ?? fresh }
  const settings: ClientSettings = {
    base,
    auth,
    headers,
    allowedHosts,
    redaction,
    clock,
    emit,
    ...dispatchers,
    ...limits,
  }

  let closing: Promise<void> | undefined

  async function request(asked: HttpRequest): Promise<HttpResponse> {
    const { method = 'GET', path, query = {} } = asked
    const retrying = { ...options.retry, ...asked.retry }
    const { maxRetries = defaultMaxRetries, maxWaitMs = defaultMaxWaitMs, backoffFactor } = retrying
    const call: Call = {
      method,
      url: withQuery(resolveUrl(base, path, redaction.text), query),
      asked,
      timeoutMs: asked.timeoutMs ?? limits.timeoutMs,
      statuses: retrying.statuses ?? defaultRetryStatuses,
      isIdempotent: asked.idempotent ?? (method === 'GET' || method === 'HEAD'),
      isRenewed: false,
      startedAt: clock.now(),
      // A wait that will not be sat through is no reason to hold the others up.
      pause: (ms) => (ms <= maxWaitMs ? limiter.pause(ms) : undefined),
      announce: () => {},
    }
    requireTimer({ timeoutMs: call.timeoutMs })
    const { signal, clear } = eitherSignal(asked.signal, asked.waitSignal)
    const send: SendCall = async (each, number) => {
      try {
        const sent = (announce: Announce): Promise<Conclusion> => attempt({ ...each, announce }, number, settings)
        return await limiter.run(sent, { maxWaitMs, ...(signal && { signal }) })
      } catch (thrown) {
        throw isPaused(thrown) ? notSent(thrown, method, redaction.url(call.url)) : thrown
      }
    }
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
    } finally {
      clear()
    }
  }

  return Object.freeze({
    request,
    get: (path: string, more = {}) => request({ ...more, path }),
    close: () => (closing ??= Promise.all([own.close(), fresh.close()]).then(() => {})),
  })
}

function isPaused(thrown: unknown): thrown is MillraceError {
  return isMillraceError(thrown) && thrown.code === 'E_PAUSED'
}

function notSent({ retryAfterMs = 0 }: MillraceError, method: string, url: string): MillraceError {
  return new MillraceError('E_PAUSED', `${method} ${url} was not sent, because the server asked for a pause`, {
    retryable: true,
    retryAfterMs,
    context: { method, url },
  })
}
