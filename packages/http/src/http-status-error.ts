import { MillraceError } from '@millrace/core'
import { lineOf } from './excerpt.ts'

/** As much of an error's body as an `HttpStatusError` keeps, characters. Enough for any API's own words. */
export const bodyExcerptLength = 2048

export interface HttpStatusDetails {
  readonly method: string
  /** Redacted. */
  readonly url: string
  readonly status: number
  /** From 1. */
  readonly attempt: number
  /** Redacted. */
  readonly bodyExcerpt: string
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
  /** What to do about it, where the client knows. */
  readonly advice?: string | undefined
}

/**
 * `E_HTTP_STATUS`: the server answered, but not with success.
 *
 * A class of its own because callers act on {@link status}: a 404 may mean "no rows".
 */
export class HttpStatusError extends MillraceError {
  readonly status: number
  /** The start of the answer, redacted, at most {@link bodyExcerptLength} characters. */
  readonly bodyExcerpt: string

  constructor(details: HttpStatusDetails) {
    const { method, url, status, attempt, bodyExcerpt, retryable, retryAfterMs, advice } = details
    const attempts = attempt > 1 ? ` after ${attempt} attempts` : ''
    const remarks = [advice, shortened(bodyExcerpt)].filter((remark) => remark).map((remark) => `: ${remark}`)
    super('E_HTTP_STATUS', `${method} ${url} answered ${status}${attempts}${remarks.join('')}`, {
      retryable,
      context: { method, url, status, attempts: attempt },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    this.status = status
    this.bodyExcerpt = bodyExcerpt
  }
}

/** None of a HTML page, whose first lines say nothing. */
function shortened(bodyExcerpt: string): string {
  const line = lineOf(bodyExcerpt)
  return line.startsWith('<') ? '' : line
}
