import { wholeNumber } from '@millrace/core'

/**
 * Retries that all callers of one host may take in total, so that a dead server is left alone instead of being asked
 * `maxRetries` times by everyone.
 */
export interface RetryBudget {
  /** Takes one retry from the budget. False where none is left. */
  take(): boolean
  /** Gives back what a call took, because it succeeded in the end: the server is alive. */
  giveBack(retries: number): void
}

/** Enough for 33 calls that fail for good with three retries each; far more than run at one time. */
export const defaultCapacity = 100

export interface RetryBudgetOptions {
  /** Retries there are at the start, and at most. Default {@link defaultCapacity}. */
  readonly capacity?: number
}

/**
 * A bucket of retries. A call that succeeds gives back what it took and one more; a call that fails for good does not.
 * So a slow but living server never empties it, and a dead one does.
 *
 * One bucket per host, held by whoever makes the calls.
 *
 * @see gRFC A6, "Throttling Retry Attempts and Hedged RPCs"
 */
export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { capacity = defaultCapacity } = options
  wholeNumber('createRetryBudget: capacity', capacity, 1)
  let left = capacity
  return Object.freeze({
    take: (): boolean => {
      if (left < 1) return false
      left -= 1
      return true
    },
    giveBack: (retries: number): void => {
      left = Math.min(capacity, left + retries + 1)
    },
  })
}
