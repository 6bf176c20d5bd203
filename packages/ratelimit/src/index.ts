export { createLimiter, defaultPerSeconds, type LimiterOptions } from './create-limiter.ts'
export type { Announce, Announcement, Limiter, RunOptions } from './limiter.ts'
export { type RateLimit, readRateLimit } from './read-rate-limit.ts'
export { type HeaderReader, readRetryAfter } from './read-retry-after.ts'
