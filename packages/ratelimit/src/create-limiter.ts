import { type Clock, errorMessage, MillraceError, systemClock, wholeNumber } from '@millrace/core'
import Bottleneck from 'bottleneck'
import { createPace } from './create-pace.ts'
import { createQuota } from './create-quota.ts'
import type { Announce, Limiter, RunOptions } from './limiter.ts'

/** Rates are mostly published per second. */
export const defaultPerSeconds = 1

export interface LimiterOptions {
  /** Starts allowed per `perSeconds`. They are spaced evenly, so no window of that length sees more. Default: no limit. */
  readonly requests?: number
  /** Default {@link defaultPerSeconds}. */
  readonly perSeconds?: number
  /** Functions running at one time. Default: no limit. */
  readonly maxConcurrency?: number
  /**
   * Finds a limit that the server does not announce: starts are spaced out once calls are refused, and draw closer again
   * until they are refused the next time. `requests` stays the most there can be. Default false.
   */
  readonly adaptive?: boolean
  /** Times the pauses, and the starts that `adaptive` spaces. */
  readonly clock?: Clock
}

/**
 * Paces any async function: one limiter per host, shared by all who call that host.
 *
 * Without options it limits nothing by itself, and only does what the server asks for.
 *
 * `bottleneck` spaces the starts and counts what runs. The queue is kept here, and only its head asks `bottleneck` for a
 * place: jobs handed to `bottleneck` can be neither paused nor taken back one by one.
 *
 * Order: starts are first come, first served.
 * Memory: one small record per waiting call.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { requests, perSeconds = defaultPerSeconds, maxConcurrency, adaptive = false, clock = systemClock } = options
  if (requests !== undefined) requirePositive('requests', requests)
  requirePositive('perSeconds', perSeconds)
  if (maxConcurrency !== undefined) wholeNumber('createLimiter: maxConcurrency', maxConcurrency, 1)

  const isLimited = requests !== undefined || maxConcurrency !== undefined
  // Where there is nothing to limit, it would only cost a timer or two per call.
  const bottleneck = isLimited
    ? new Bottleneck({
        maxConcurrent: maxConcurrency ?? null,
        minTime: requests === undefined ? 0 : (perSeconds * 1000) / requests,
      })
    : undefined
  const quota = createQuota(clock)
  const pace = adaptive ? createPace(clock) : undefined
  /** In the order they came. */
  const waiting = new Set<Waiting>()
  let pausedUntil = Number.NEGATIVE_INFINITY
  let isAsking = false
  let sleeping: AbortController | undefined

  function ask(): void {
    if (isAsking || waiting.size === 0) return
    isAsking = true
    void askOnce()
  }

  async function askOnce(): Promise<void> {
    try {
      await outlastWait()
      await (bottleneck ? bottleneck.schedule(startNext) : startNext())
    } catch (thrown) {
      isAsking = false
      const message = `the limiter gave no place: ${errorMessage(thrown)}`
      takeFirst()?.fail(new MillraceError('E_LIMITER', message, { cause: thrown }))
      ask()
    }
  }

  /** Milliseconds until anybody may start, for a pause or a quota that is used up. */
  function heldMs(): number {
    return Math.max(pausedUntil, quota.nextStartAt()) - clock.now()
  }

  /** Milliseconds until the head may start. */
  function waitMs(): number {
    return Math.max(heldMs(), pace ? pace.nextStartAt() - clock.now() : 0)
  }

  /** Whoever would not wait that long is told at once, and the others look again how long they have to wait. */
  function holdChanged(): void {
    const ms = heldMs()
    for (const entry of waiting) {
      if (ms <= entry.maxWaitMs) continue
      waiting.delete(entry)
      entry.fail(paused(ms))
    }
    sleeping?.abort()
  }

  function takeFirst(): Waiting | undefined {
    const [first] = waiting
    if (first) waiting.delete(first)
    return first
  }

  async function outlastWait(): Promise<void> {
    for (let left = waitMs(); left > 0; left = waitMs()) {
      if (waiting.size === 0) return
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
    // A pause that began, or a pace that was cut, while the head waited for its place: it asks again afterwards.
    const running = waitMs() > 0 ? undefined : takeFirst()?.start()
    ask()
    await running
  }

  return Object.freeze({
    run: <T>(fn: (announce: Announce) => Promise<T>, runOptions: RunOptions = {}): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const { signal, maxWaitMs = Number.POSITIVE_INFINITY } = runOptions
        if (signal?.aborted) return reject(signal.reason)
        const ms = heldMs()
        if (ms > maxWaitMs) return reject(paused(ms))
        const entry: Waiting = {
          maxWaitMs,
          start: async () => {
            signal?.removeEventListener('abort', leave)
            const call = quota.start()
            const paced = pace?.start()
            try {
              resolve(
                await fn((announced) => {
                  call.announce(announced)
                  if (announced.isRefused) paced?.refuse()
                  holdChanged()
                }),
              )
            } catch (thrown) {
              reject(thrown)
            } finally {
              call.end()
              paced?.end()
            }
          },
          fail: (thrown) => {
            signal?.removeEventListener('abort', leave)
            reject(thrown)
          },
        }
        function leave(): void {
          waiting.delete(entry)
          // A pause that nobody waits for must not keep the process alive.
          if (waiting.size === 0) sleeping?.abort()
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiting.add(entry)
        ask()
      }),
    pause: (ms: number): void => {
      if (!(ms >= 0)) throw new RangeError(`pause: ms must be a number from 0, got ${ms} (${typeof ms})`)
      pausedUntil = Math.max(pausedUntil, clock.now() + ms)
      holdChanged()
    },
  })
}

interface Waiting {
  readonly maxWaitMs: number
  start(): Promise<void>
  fail(thrown: unknown): void
}

function paused(ms: number): MillraceError {
  return new MillraceError('E_PAUSED', 'not started, because the server asked for a pause', {
    retryable: true,
    retryAfterMs: ms,
  })
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return
  throw new RangeError(`createLimiter: ${name} must be a number above 0, got ${value} (${typeof value})`)
}
