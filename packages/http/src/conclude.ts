import { MillraceError, type MillraceErrorOptions } from '@millrace/core'
import { readRateLimit } from '@millrace/ratelimit'
import { askJudge } from './ask-judge.ts'
import type { Call, ClientSettings } from './call.ts'
import type { Conclusion } from './conclusion.ts'
import { quoteOf } from './excerpt.ts'
import type { HttpResponse } from './http-client.ts'
import type { Reading } from './read-answer.ts'
import type { Answer } from './send.ts'
import { askedToWaitMs } from './status-error.ts'

/** What an answer comes to: by the verdict of the caller's judge where there is one, by itself otherwise. */
export function conclude(
  answer: Answer,
  reading: Reading,
  call: Call,
  number: number,
  settings: ClientSettings,
): Conclusion {
  const { status, headers, plainUrl, url, request, isHome } = answer
  const { asked, statuses, startedAt, pause } = call
  const { auth, clock } = settings
  const { failure, bytes, format } = reading
  const refused = isHome && auth?.renew ? { refused: request } : {}

  const respond = (part: Pick<HttpResponse, 'body' | 'ignored'>): HttpResponse => ({
    status,
    headers,
    ...part,
    format,
    url: plainUrl,
    meta: { url, status, ms: clock.now() - startedAt, bytes, attempt: number },
  })

  const verdict = asked.judge && askJudge(asked.judge, answer, reading, settings)
  if (verdict === undefined) {
    if (!failure) return { response: respond({ body: reading.body() }) }
    return status === 401 ? { failure, ...refused } : { failure }
  }
  if (typeof verdict === 'object') return { response: respond({ body: verdict.body }) }
  switch (verdict) {
    case 'ignore': {
      const response = respond({ body: reading.body(), ignored: true })
      return failure && statuses.includes(status) ? { failure, response } : { response }
    }
    case 'retry': {
      const retryAfterMs = askedToWaitMs(readRateLimit(headers, clock.now()))
      if (retryAfterMs !== undefined) pause(retryAfterMs)
      const again = { retryable: true, ...(retryAfterMs !== undefined && { retryAfterMs }) }
      return { failure: ruled('a rule takes this for a failure that passes', answer, reading, settings, again) }
    }
    case 'fail':
      return { failure: ruled('a rule takes this for a failure', answer, reading, settings) }
    case 'refresh_auth':
      return { failure: refusal(answer, call, settings), ...refused }
  }
}

function ruled(
  remark: string,
  { method, url, status }: Answer,
  reading: Reading,
  { redaction }: ClientSettings,
  options: MillraceErrorOptions = {},
): MillraceError {
  const quoted = quoteOf(reading.text(), redaction)
  const message = `${method} ${url} answered ${status}: ${remark}${quoted && `: ${quoted}`}`
  return new MillraceError('E_RESPONSE_RULE', message, { ...options, context: { method, url, status } })
}

function refusal({ method, url, status, isHome }: Answer, call: Call, { auth }: ClientSettings): MillraceError {
  const message = `${method} ${url} answered ${status}: a rule takes this for refused credentials, and ${because()}`
  return new MillraceError('E_AUTH', message, { context: { method, url, status } })

  function because(): string {
    if (!isHome) return 'this host is not the one of base_url, so it gets none'
    if (!auth) return 'no auth is configured'
    if (!auth.renew) return `auth "${auth.name}" has none that could be renewed`
    return `those of auth "${auth.name}" ${call.isRenewed ? 'are new: check them' : 'can be renewed'}`
  }
}
