import { wholeNumber } from '@millrace/core'
import { defaultMaxDepth } from './check-json.ts'
import type { HttpClientOptions } from './http-client.ts'
import type { MinimumRate } from './watch-rate.ts'

/** A minute: slow reports take that long to begin, and a dead connection is found within a coffee. */
export const defaultTimeoutMs = 60_000

/** Five minutes: a server that drips a byte now and then is given up. */
export const defaultTotalTimeoutMs = 300_000

/** A host that is there answers within a second or two, even across the world. */
export const defaultConnectTimeoutMs = 10_000

/** 256 MB: far above any page of an API, and what a small machine can hold as text and as values. */
export const defaultMaxBodyBytes: number = 256 * 1024 * 1024

/** 1 KB/s, which the slowest of mobile networks manages: less is a server that hangs on by single bytes. */
export const defaultMinBytesPerSecond = 1024

/** Half a minute: a stall of a few seconds on a busy network is none of this. */
export const defaultRateWindowMs = 30_000

/** A timer that is set for longer fires at once. */
const longestTimerMs = 2_147_483_647

/** What one attempt may take. */
export interface Limits {
  readonly timeoutMs: number
  readonly totalTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxBodyBytes: number
  readonly maxDepth: number
  readonly minimumRate: MinimumRate
}

/** @throws {RangeError} where a limit makes no sense. */
export function limitsOf(options: HttpClientOptions): Limits {
  const {
    timeoutMs = defaultTimeoutMs,
    totalTimeoutMs = defaultTotalTimeoutMs,
    connectTimeoutMs = defaultConnectTimeoutMs,
    maxBodyBytes = defaultMaxBodyBytes,
    maxDepth = defaultMaxDepth,
    minBytesPerSecond = defaultMinBytesPerSecond,
    // Whoever allows longer silences means those within a body too.
    rateWindowMs = Math.max(defaultRateWindowMs, options.timeoutMs ?? 0),
  } = options
  requireTimer({ timeoutMs, totalTimeoutMs, connectTimeoutMs, rateWindowMs })
  wholeNumber('createHttpClient: maxBodyBytes', maxBodyBytes, 1)
  wholeNumber('createHttpClient: maxDepth', maxDepth, 1)
  if (!(minBytesPerSecond >= 0)) {
    throw new RangeError(`createHttpClient: minBytesPerSecond must be a number from 0, got ${minBytesPerSecond}`)
  }
  const minimumRate = { bytesPerSecond: minBytesPerSecond, overMs: rateWindowMs }
  return { timeoutMs, totalTimeoutMs, connectTimeoutMs, maxBodyBytes, maxDepth, minimumRate }
}

/** @throws {RangeError} where a timer cannot be set for so long. */
export function requireTimer(times: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(times)) {
    if (ms > 0 && ms <= longestTimerMs) continue
    throw new RangeError(`${name} must be from 1 to ${longestTimerMs} milliseconds, got ${ms} (${typeof ms})`)
  }
}
