import type { Clock } from '@millrace/core'

/** A clock that takes no time: every sleep moves it on at once and is written down. */
export interface RecordingClock extends Clock {
  readonly slept: number[]
  advance(ms: number): void
}

export function recordingClock(start = Date.parse('2026-01-01T00:00:00Z')): RecordingClock {
  let now = start
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      slept.push(ms)
      now += ms
    },
  }
}
