import { isMillraceError, MillraceError } from '@millrace/core'
import { readRateLimit } from '@millrace/ratelimit'
import type { Call, ClientSettings } from './call.ts'
import { conclude } from './conclude.ts'
import type { Conclusion } from './conclusion.ts'
import { connectionError } from './connection-error.ts'
import { startDeadline } from './deadline.ts'
import { readAnswer } from './read-answer.ts'
import { send } from './send.ts'

/**
 * Sends a request once, redirects included, and says what its answer comes to.
 *
 * @throws {MillraceError} where no complete answer came.
 * @param number - Of the attempt, from 1.
 */
export async function attempt(call: Call, number: number, settings: ClientSettings): Promise<Conclusion> {
  const { totalTimeoutMs, connectTimeoutMs, minimumRate, redaction, clock, emit } = settings
  const { method, isIdempotent, timeoutMs, asked } = call
  const deadline = startDeadline(totalTimeoutMs, asked.signal)
  const at = { url: call.url }
  try {
    const sentAt = clock.now()
    const answer = await send(call, number, settings, { signal: deadline.signal, at })
    if (answer.isHome) {
      call.announce({ ...readRateLimit(answer.headers, clock.now()), isRefused: answer.status === 429 })
    }
    const reading = await readAnswer(answer, call, number, settings)
    const { url, status } = answer
    emit({ type: 'response', url, status, ms: clock.now() - sentAt, bytes: reading.bytes })
    return conclude(answer, reading, call, number, settings)
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
