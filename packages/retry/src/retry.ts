import { type Clock, type Emit, errorMessage, isMillraceError, silent, systemClock, wholeNumber } from '@millrace/core'
import type { Backoff } from './backoff.ts'
import { exponential } from './exponential.ts'
import type { RetryBudget } from './retry-budget.ts'
import { tellAttempts } from './tell-attempts.ts'
import { WaitTooLongError } from './wait-too-long-error.ts'

/** With factor 2 these end within about 15 s: long enough for a restart, short enough to notice a dead server. */
export const defaultMaxRetries = 3

/** 15 minutes: the longest window of common rate limits. Whoever is asked to wait longer had better come back. */
export const defaultMaxWaitMs = 900_000

export interface RetryOptions {
  /** Retries after the first attempt. Default {@link defaultMaxRetries}. */
  readonly maxRetries?: number
  /** Default {@link exponential}: about 2, 4, 8 s. */
  readonly backoff?: Backoff
  /**
   * Longest single wait, milliseconds. A backoff is cut to it; where the other side asked for more, the call ends with
   * {@link WaitTooLongError}. Default {@link defaultMaxWaitMs}.
   */
  readonly maxWaitMs?: number
  /**
   * Total, milliseconds, waits included: no retry starts after it. An attempt that is running is not cut short.
   * Default: none.
   */
  readonly deadlineMs?: number
  /** Whether to try again after this failure. Default: what a `MillraceError` says of itself, and never for others. */
  readonly isRetryable?: (thrown: unknown) => boolean
  /** Retries in total, over all callers of one host. Default: no such limit. */
  readonly budget?: RetryBudget
  readonly clock?: Clock
  /** Numbers in [0, 1) for jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Ends the wait at once. The attempt itself must listen to it too. */
  readonly signal?: AbortSignal
  readonly emit?: Emit
}

/**
 * Calls `attempt` until it succeeds, with a growing wait between the tries.
 *
 * What the other side asked for (`retryAfterMs` of a `MillraceError`) takes the place of the backoff and is never
 * undercut. A request to wait 0 ms says nothing, so the backoff holds.
 *
 * @param attempt - Gets the number of the attempt, from 1.
 * @throws the last failure, the same object; a `MillraceError` then says how many attempts were made.
 * @throws {WaitTooLongError} `E_WAIT_TOO_LONG`, where the other side asked for more than `maxWaitMs`.
 * @example
 * const page = await retry(() => fetchPage(), { maxRetries: 5 })
 */
export async function retry<T>(attempt: (attemptNumber: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const {
    maxRetries = defaultMaxRetries,
    backoff = exponential(),
    maxWaitMs = defaultMaxWaitMs,
    deadlineMs = Number.POSITIVE_INFINITY,
    isRetryable = saysItIsRetryable,
    budget,
    clock = systemClock,
    random = Math.random,
    signal,
    emit = silent,
  } = options
  wholeNumber('retry: maxRetries', maxRetries, 0)
  if (!(maxWaitMs >= 0)) throw new RangeError(`retry: maxWaitMs must be a number from 0, got ${maxWaitMs}`)
  if (!(deadlineMs >= 0)) throw new RangeError(`retry: deadlineMs must be a number from 0, got ${deadlineMs}`)

  const deadline = clock.now() + deadlineMs
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted()
    try {
      const result = await attempt(number)
      budget?.giveBack(number - 1)
      return result
    } catch (thrown) {
      signal?.throwIfAborted()
      const asked = (isMillraceError(thrown) && thrown.retryAfterMs) || 0
      const isWorthwhile = isRetryable(thrown)
      if (isWorthwhile && asked > maxWaitMs) {
        throw new WaitTooLongError({ retryAfterMs: asked, maxWaitMs, now: clock.now(), cause: thrown })
      }
      const waitMs = asked > 0 ? asked : Math.min(backoff.waitMs(number, random), maxWaitMs)
      const mayRetry = isWorthwhile && number <= maxRetries
      if (!mayRetry || clock.now() + waitMs >= deadline || !hasBudget(budget, emit)) {
        tellAttempts(thrown, number)
        throw thrown
      }
      emit({ type: 'retry', reason: errorMessage(thrown), attempt: number, waitMs })
      await clock.sleep(waitMs, signal)
    }
  }
}

function hasBudget(budget: RetryBudget | undefined, emit: Emit): boolean {
  if (budget === undefined || budget.take()) return true
  emit({ type: 'warning', message: 'no retry: too many calls to this host failed for good, its retry budget is spent' })
  return false
}

function saysItIsRetryable(thrown: unknown): boolean {
  return isMillraceError(thrown) && thrown.retryable
}
