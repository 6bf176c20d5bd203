/** Decides when a function may start. */
export interface Limiter {
  /**
   * Runs `fn` when it is its turn. First come, first served.
   *
   * @param signal - Gives up the place in the queue. `fn` has to listen by itself once it runs.
   */
  run<T>(fn: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Nobody starts in the next `ms` milliseconds: the server said so. What runs already goes on. */
  pause(ms: number): void
}
