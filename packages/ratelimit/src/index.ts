export { createLimiter, defaultPerSeconds, type LimiterOptions } from './create-limiter.ts'
export type { Limiter } from './limiter.ts'
