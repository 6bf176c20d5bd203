import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'

export interface WaitTooLongDetails {
  readonly retryAfterMs: number
  readonly maxWaitMs: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** What failed. */
  readonly cause: unknown
}

/**
 * `E_WAIT_TOO_LONG`: the other side asked for a longer wait than the caller wants to sit through.
 *
 * A class of its own because a caller acts on it: stop now, keep what is done, come back at {@link resumeAt}.
 */
export class WaitTooLongError extends MillraceError {
  /** When the other side said it would answer again, ISO 8601. */
  readonly resumeAt: string

  constructor(details: WaitTooLongDetails) {
    const { retryAfterMs, maxWaitMs, now, cause } = details
    const resumeAt = new Date(Math.min(now + retryAfterMs, lastDateMs)).toISOString()
    const wait = Math.ceil(retryAfterMs / 1000)
    super(
      'E_WAIT_TOO_LONG',
      `${errorMessage(cause)}; it asked to wait ${wait} s, longer than the ${maxWaitMs / 1000} s allowed: ` +
        `try again at ${resumeAt}, or allow a longer wait`,
      { retryable: true, retryAfterMs, context: { ...(isMillraceError(cause) ? cause.context : {}), resumeAt }, cause },
    )
    this.resumeAt = resumeAt
  }
}

/** The last instant a `Date` can hold (ECMA-262, "Time Values and Time Range"). A server may ask for more. */
const lastDateMs = 8.64e15
