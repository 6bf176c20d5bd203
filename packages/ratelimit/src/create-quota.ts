import type { Clock } from '@millrace/core'
import type { RateLimit } from './read-rate-limit.ts'

/** Keeps count of what a server said it would still answer. */
export interface Quota {
  /** A call starts. */
  start(): QuotaCall
  /** When the next call may start, milliseconds since 1970; in the past where it may start now. */
  nextStartAt(): number
}

export interface QuotaCall {
  announce(rateLimit: RateLimit): void
  /** Must be called, whether anything was announced or not. */
  end(): void
}

/**
 * Two announcements of one window may differ by so much in when it ends, milliseconds: headers count whole seconds, and
 * answers take their time. Where they differ by more, they are of two windows.
 */
const sameWindowMs = 2000

interface Window {
  readonly endsAt: number
  /** The smallest number that any answer announced in this window. */
  readonly least: number
  /** Calls that may still start in it. */
  left: number
}

/**
 * Counts down from what answers announce, so that no call is made that the server would refuse.
 *
 * Calls without an answer may or may not be counted in what another answer announces; they are taken not to be. An answer
 * that announces more than another of its window is the older one, and says nothing new. Once a window is over, calls
 * start freely until an answer announces the next.
 */
export function createQuota(clock: Clock): Quota {
  let window: Window | undefined
  let unanswered = 0

  function current(): Window | undefined {
    if (window !== undefined && window.endsAt <= clock.now()) window = undefined
    return window
  }

  function announce({ remaining, resetMs }: RateLimit): void {
    if (remaining === undefined || resetMs === undefined) return
    const known = current()
    const endsAt = clock.now() + resetMs
    const later = endsAt - (known?.endsAt ?? Number.NEGATIVE_INFINITY)
    if (known && (later < -sameWindowMs || (later <= sameWindowMs && remaining > known.least))) return
    const isSame = known !== undefined && later <= sameWindowMs
    window = {
      endsAt: isSame ? Math.max(endsAt, known.endsAt) : endsAt,
      least: remaining,
      left: remaining - unanswered,
    }
  }

  function start(): QuotaCall {
    const counted = current()
    if (counted) counted.left -= 1
    unanswered += 1
    let isAnswered = false
    function end(): void {
      if (!isAnswered) unanswered -= 1
      isAnswered = true
    }
    return {
      announce: (rateLimit) => {
        end()
        announce(rateLimit)
      },
      end,
    }
  }

  return Object.freeze({
    start,
    nextStartAt: (): number => {
      const counted = current()
      return counted !== undefined && counted.left < 1 ? counted.endsAt : Number.NEGATIVE_INFINITY
    },
  })
}
