/** How long to wait before a retry, when the other side did not say. */
export interface Backoff {
  readonly name: string
  /**
   * Milliseconds to wait before retry number `retry` (from 1).
   *
   * @param random - Gives numbers in [0, 1), for jitter.
   */
  waitMs(retry: number, random: () => number): number
}
