import type { Backoff } from './backoff.ts'

/** Each wait is twice the last: the usual pace for public APIs, 2, 4, 8 s with the default base. */
export const defaultFactor = 2

/** The unit of a wait. With factor 2 the first wait is about 2 s, and three retries end within about 15 s. */
export const defaultBaseMs = 1000

/** Spreads waits by up to a fifth either way, so that callers which failed together do not come back together. */
export const defaultJitter = 0.2

export interface ExponentialOptions {
  /** Each wait is this many times the last. Default {@link defaultFactor}; 1 waits the same each time. */
  readonly factor?: number
  /** Default {@link defaultBaseMs}. */
  readonly baseMs?: number
  /** Share of the wait to vary by, 0 to 1. Default {@link defaultJitter}. */
  readonly jitter?: number
}

/** Waits `baseMs * factor ** retry`, give or take the jitter: about 2, 4, 8 s by default. */
export function exponential(options: ExponentialOptions = {}): Backoff {
  const { factor = defaultFactor, baseMs = defaultBaseMs, jitter = defaultJitter } = options
  if (!(factor >= 1 && Number.isFinite(factor))) {
    throw new RangeError(`exponential: factor must be a number from 1, got ${factor} (${typeof factor})`)
  }
  if (!(baseMs >= 0 && Number.isFinite(baseMs))) {
    throw new RangeError(`exponential: baseMs must be a number from 0, got ${baseMs} (${typeof baseMs})`)
  }
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`exponential: jitter must be between 0 and 1, got ${jitter} (${typeof jitter})`)
  }
  return Object.freeze({
    name: 'exponential',
    waitMs: (retry: number, random: () => number): number =>
      Math.round(baseMs * factor ** retry * (1 + jitter * (2 * random() - 1))),
  })
}
