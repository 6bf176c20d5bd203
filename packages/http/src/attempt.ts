import { isMillraceError, MillraceError } from '@millrace/core'
import { readRateLimit } from '@millrace/ratelimit'
import type { Call, ClientSettings } from './call.ts'
import { connectionError } from './connection-error.ts'
import { startDeadline } from './deadline.ts'
import type { HttpResponse } from './http-client.ts'
import { readFailure } from './read-failure.ts'
import { readSuccess } from './read-success.ts'
import { send } from './send.ts'

/**
 * Sends a request once, redirects included, and gives its decoded answer or one error that says all.
 *
 * @param number - Of the attempt, from 1.
 */
export async function attempt(call: Call, number: number, settings: ClientSettings): Promise<HttpResponse> {
  const { totalTimeoutMs, connectTimeoutMs, minimumRate, redaction, clock, emit } = settings
  const { method, isIdempotent, timeoutMs, asked } = call
  const deadline = startDeadline(totalTimeoutMs, asked.signal)
  const at = { url: call.url }
  try {
    const sentAt = clock.now()
    const answer = await send(call, number, settings, { signal: deadline.signal, at })
    if (answer.isHome) call.announce(readRateLimit(answer.headers, clock.now()) ?? {})
    const answered = (bytes: number): void =>
      emit({ type: 'response', url: answer.url, status: answer.status, ms: clock.now() - sentAt, bytes })
    if (answer.status < 200 || answer.status > 299) throw await readFailure(answer, call, number, settings, answered)
    const { body, format, bytes } = await readSuccess(answer, call, settings)
    answered(bytes)
    const { status, headers, url, plainUrl } = answer
    return {
      status,
      headers,
      body,
      format,
      url: plainUrl,
      meta: { url, status, ms: clock.now() - call.startedAt, bytes, attempt: number },
    }
  } catch (thrown) {
    // An abort is not told apart here: `retry` puts the reason of the signal in the place of whatever it caused.
    if (isMillraceError(thrown)) throw thrown
    if (!deadline.isOver()) {
      const limits = { timeoutMs, connectTimeoutMs, minimumRate }
      throw connectionError(thrown, { method, url: at.url, redaction, isIdempotent, ...limits })
    }
    const url = redaction.url(at.url)
    throw new MillraceError(
      'E_TIMEOUT',
      `${method} ${url}: the answer was not complete after ${totalTimeoutMs / 1000} s; allow more with total_timeout`,
      { retryable: isIdempotent, context: { method, url } },
    )
  } finally {
    deadline.clear()
  }
}
