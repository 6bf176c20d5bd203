import { type Clock, errorMessage, MillraceError, systemClock } from '@millrace/core'
import Bottleneck from 'bottleneck'
import type { Limiter } from './limiter.ts'

/** Rates are mostly published per second. */
export const defaultPerSeconds = 1

export interface LimiterOptions {
  /** Starts allowed per `perSeconds`. They are spaced evenly, so no window of that length sees more. Default: no limit. */
  readonly requests?: number
  /** Default {@link defaultPerSeconds}. */
  readonly perSeconds?: number
  /** Functions running at one time. Default: no limit. */
  readonly maxConcurrency?: number
  /** Times the pauses. */
  readonly clock?: Clock
}

/**
 * Paces any async function: one limiter per host, shared by all who call that host.
 *
 * `bottleneck` spaces the starts and counts what runs. The queue is kept here, and only its head asks `bottleneck` for a
 * place: jobs handed to `bottleneck` can be neither paused nor taken back one by one.
 *
 * Order: starts are first come, first served.
 * Memory: one small record per waiting call.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { requests, perSeconds = defaultPerSeconds, maxConcurrency, clock = systemClock } = options
  if (requests !== undefined) requirePositive('requests', requests)
  requirePositive('perSeconds', perSeconds)
  if (maxConcurrency !== undefined && !(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw new RangeError(`createLimiter: maxConcurrency must be a whole number from 1, got ${maxConcurrency}`)
  }

  const bottleneck = new Bottleneck({
    maxConcurrent: maxConcurrency ?? null,
    minTime: requests === undefined ? 0 : (perSeconds * 1000) / requests,
  })
  const waiting: Waiting[] = []
  let pausedUntil = Number.NEGATIVE_INFINITY
  let isAsking = false
  let sleeping: AbortController | undefined

  function ask(): void {
    if (isAsking || waiting.length === 0) return
    isAsking = true
    void askOnce()
  }

  async function askOnce(): Promise<void> {
    try {
      await outlastPause()
      await bottleneck.schedule(startNext)
    } catch (thrown) {
      isAsking = false
      const message = `the limiter gave no place: ${errorMessage(thrown)}`
      waiting.shift()?.fail(new MillraceError('E_LIMITER', message, { cause: thrown }))
      ask()
    }
  }

  async function outlastPause(): Promise<void> {
    for (let left = pausedUntil - clock.now(); left > 0; left = pausedUntil - clock.now()) {
      if (waiting.length === 0) return
      sleeping = new AbortController()
      const { signal } = sleeping
      await clock.sleep(left, signal).catch((thrown: unknown) => {
        if (!signal.aborted) throw thrown
      })
      sleeping = undefined
    }
  }

  /** Holds its place until what it started has ended. Never rejects: a failure belongs to the caller. */
  async function startNext(): Promise<void> {
    isAsking = false
    // A pause that began while the head waited for its place: it asks again afterwards.
    const running = clock.now() < pausedUntil ? undefined : waiting.shift()?.start()
    ask()
    await running
  }

  return Object.freeze({
    run: <T>(fn: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const entry: Waiting = {
          start: async () => {
            signal?.removeEventListener('abort', leave)
            try {
              resolve(await fn())
            } catch (thrown) {
              reject(thrown)
            }
          },
          fail: (thrown) => {
            signal?.removeEventListener('abort', leave)
            reject(thrown)
          },
        }
        function leave(): void {
          waiting.splice(waiting.indexOf(entry), 1)
          // A pause that nobody waits for must not keep the process alive.
          if (waiting.length === 0) sleeping?.abort()
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiting.push(entry)
        ask()
      }),
    pause: (ms: number): void => {
      if (!(ms >= 0)) throw new RangeError(`pause: ms must be a number from 0, got ${ms} (${typeof ms})`)
      pausedUntil = Math.max(pausedUntil, clock.now() + ms)
    },
  })
}

interface Waiting {
  start(): Promise<void>
  fail(thrown: unknown): void
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return
  throw new RangeError(`createLimiter: ${name} must be a number above 0, got ${value} (${typeof value})`)
}
