import { type RateLimit, readRateLimit } from '@millrace/ratelimit'
import type { Call, ClientSettings } from './call.ts'
import { excerptOf } from './excerpt.ts'
import { bodyExcerptLength, HttpStatusError } from './http-status-error.ts'
import type { Answer } from './send.ts'

/**
 * The error for an answer that is no success. Tells all who share the limiter where the server asked for a pause.
 *
 * @param content - Of its body.
 */
export function statusError(
  answer: Answer,
  content: Buffer,
  call: Call,
  number: number,
  settings: ClientSettings,
): HttpStatusError {
  const { method, url, status, headers } = answer
  const retryable = call.statuses.includes(status)
  const retryAfterMs = askedToWaitMs(readRateLimit(headers, settings.clock.now()))
  if (retryable && retryAfterMs !== undefined) call.pause(retryAfterMs)
  return new HttpStatusError({
    method,
    url,
    status,
    attempt: number,
    bodyExcerpt: excerptOf(content.toString(), bodyExcerptLength, settings.redaction),
    retryable,
    retryAfterMs,
    advice: adviceFor(answer, settings),
  })
}

/** What `Retry-After` says, or else when a quota that is used up is full again. */
export function askedToWaitMs(rateLimit: RateLimit = {}): number | undefined {
  const { retryAfterMs, remaining, resetMs } = rateLimit
  return retryAfterMs ?? (remaining === 0 ? resetMs : undefined)
}

function adviceFor({ status, isHome }: Answer, { auth }: ClientSettings): string | undefined {
  if (status === 404) return 'is the path right?'
  if (status >= 300 && status < 400) return 'it names no place to go to (Location)'
  if (status !== 401 && status !== 403) return undefined
  if (!isHome) return 'this host is not the one of base_url, so it gets no credentials'
  return auth ? `check the credentials (auth "${auth.name}")` : 'check the credentials: no auth is configured'
}
