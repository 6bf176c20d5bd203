import type { Clock, Emit } from '@millrace/core'
import type { Dispatcher } from 'undici'
import type { HttpRequest } from './http-client.ts'
import type { PrepareOptions } from './prepare-request.ts'
import type { MinimumRate } from './watch-rate.ts'

/** What all requests of a client have in common. */
export interface ClientSettings extends PrepareOptions {
  readonly dispatcher: Dispatcher
  readonly totalTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxBodyBytes: number
  readonly maxDepth: number
  readonly minimumRate: MinimumRate
  readonly clock: Clock
  readonly emit: Emit
}

/** What all attempts of a request have in common. */
export interface Call {
  readonly method: string
  readonly url: URL
  readonly asked: HttpRequest
  readonly timeoutMs: number
  readonly statuses: readonly number[]
  readonly isIdempotent: boolean
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Told what the server asked everybody to wait. */
  readonly pause: (ms: number) => void
}
