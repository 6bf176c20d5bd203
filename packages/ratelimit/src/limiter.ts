import type { RateLimit } from './read-rate-limit.ts'

/** What an answer tells the limiter. */
export interface Announcement extends RateLimit {
  /** It refuses the call, as there were too many: a status 429. */
  readonly isRefused?: boolean
}

/** Takes what an answer says about the quota of its caller; see `readRateLimit`. */
export type Announce = (announced: Announcement) => void

export interface RunOptions {
  /** Gives up the place in the queue. `fn` has to listen by itself once it runs. */
  readonly signal?: AbortSignal
  /** Longest to wait for what the server asked for, milliseconds. Default: any time. */
  readonly maxWaitMs?: number
}

/** Decides when a function may start. */
export interface Limiter {
  /**
   * Runs `fn` when it is its turn. First come, first served.
   *
   * @param fn - May tell what the answer announces: nobody starts beyond it, until the quota is full again.
   *   An adaptive limiter slows down where it was refused.
   * @throws {MillraceError} `E_PAUSED`, where the server asked for a longer wait than `maxWaitMs`; `fn` is not run.
   */
  run<T>(fn: (announce: Announce) => Promise<T>, options?: RunOptions): Promise<T>
  /** Nobody starts in the next `ms` milliseconds: the server said so. What runs already goes on. */
  pause(ms: number): void
}
