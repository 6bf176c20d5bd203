import type { Clock } from '@millrace/core'
import { settle } from './turns.ts'

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /** Moves time forward, waking sleepers in the order they are due; those that sleep again in time are woken again. */
  advance(ms: number): Promise<void>
  /** Lengths of all sleeps asked for so far, in order. */
  readonly slept: readonly number[]
  /** How many are asleep now. */
  readonly sleeping: number
}

interface Sleeper {
  readonly dueAt: number
  wake(): void
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs
  const slept: number[] = []
  const sleepers = new Set<Sleeper>()

  /** The one due first; of several due together the one that fell asleep first. */
  function firstDue(untilMs: number): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of sleepers) {
      if (sleeper.dueAt <= untilMs && (first === undefined || sleeper.dueAt < first.dueAt)) first = sleeper
    }
    return first
  }

  return {
    slept,
    get sleeping() {
      return sleepers.size
    },
    now: () => nowMs,
    sleep(ms, signal) {
      slept.push(ms)
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper: Sleeper = {
          dueAt: nowMs + ms,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        function onAbort(): void {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        // As `setTimeout` does, a sleep of nothing still gives way once, without anyone moving the clock.
        if (ms <= 0) setImmediate(sleeper.wake)
        else sleepers.add(sleeper)
      })
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let sleeper = firstDue(untilMs); sleeper !== undefined; sleeper = firstDue(untilMs)) {
        nowMs = Math.max(nowMs, sleeper.dueAt)
        sleeper.wake()
        await settle()
      }
      nowMs = untilMs
    },
  }
}
