import { setTimeout as sleepFor } from 'node:timers/promises'

/** Time, as something a test can replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms` milliseconds, or rejects with `signal.reason`. Any length: longer than a timer can hold too. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `setTimeout` fires at once above this (2^31 - 1 ms), so a long sleep is taken in parts. */
const longestTimerMs = 2_147_483_647

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  sleep: async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    for (let left = ms; left > 0; left -= longestTimerMs) {
      try {
        await sleepFor(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {})
      } catch (thrown) {
        throw signal?.aborted ? signal.reason : thrown
      }
    }
  },
})
