import type { Clock } from '@millrace/core'

/** Finds out by trial how many calls a server takes that does not say it. */
export interface Pace {
  /** A call starts. */
  start(): PaceCall
  /** When the next call may start, milliseconds since 1970; in the past where it may start now. */
  nextStartAt(): number
}

export interface PaceCall {
  /** The server refused it, as there were too many. */
  refuse(): void
  /** Must be called, refused or not. */
  end(): void
}

/** Share of the pace that a refusal takes away. CUBIC takes 0.3, but a limit is steadier than a network. */
const cut = 0.2

/**
 * Time until the pace is again where it was refused, milliseconds. A call or two are refused each time, four to six a
 * minute. Longer, it would be fewer, but five times the limit is found after 3.7 times this, which is just within a minute.
 *
 * It bounds the gaps between calls too, where all are refused: within one so long, the pace makes good what it was cut.
 */
const recoveryMs = 15_000

/**
 * A refusal within this time after a cut says nothing about the new pace, milliseconds: servers mostly count by the
 * second, and what they counted before the cut still weighs.
 */
const countedMs = 1000

/**
 * There is no limit until a call is refused. Then the pace is cut, and comes back along a cubic curve: ever more slowly to
 * where it was refused, and ever faster beyond that, until it is refused again.
 *
 * Only time in which calls used the pace counts for its growth: after a pause it is what it was before.
 *
 * @see RFC 9438 §4.2 (CUBIC)
 */
export function createPace(clock: Clock): Pace {
  /** Calls per second that were too many. */
  let refusedPace = Number.POSITIVE_INFINITY
  /** Since the last cut. */
  let usedMs = 0
  let lastStartAt = Number.NEGATIVE_INFINITY
  let heedsFrom = Number.NEGATIVE_INFINITY
  /** When calls of the last `countedMs` ended that were not refused. */
  const accepted: number[] = []

  function gapMs(): number {
    const growth = 1 - cut * (1 - usedMs / recoveryMs) ** 3
    return 1000 / (refusedPace * growth)
  }

  function forgetOld(now: number): void {
    while (accepted[0] !== undefined && accepted[0] <= now - countedMs) accepted.shift()
  }

  function refuse(startedAt: number): void {
    if (startedAt < heedsFrom) return
    const now = clock.now()
    forgetOld(now)
    // Callers may be slower than the pace, and there is none before the first refusal.
    refusedPace = Math.min(1000 / gapMs(), (1000 / countedMs) * (accepted.length + 1))
    usedMs = 0
    heedsFrom = now + countedMs
  }

  function start(): PaceCall {
    const startedAt = clock.now()
    usedMs += Math.min(startedAt - lastStartAt, gapMs())
    lastStartAt = startedAt
    let isRefused = false
    return {
      refuse: () => {
        isRefused = true
        refuse(startedAt)
      },
      end: () => {
        if (isRefused) return
        const now = clock.now()
        forgetOld(now)
        accepted.push(now)
      },
    }
  }

  return Object.freeze({ start, nextStartAt: (): number => lastStartAt + gapMs() })
}
