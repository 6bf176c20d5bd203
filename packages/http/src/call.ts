import type { Clock, Emit } from '@millrace/core'
import type { Announce } from '@millrace/ratelimit'
import type { Dispatcher } from 'undici'
import type { HttpRequest } from './http-client.ts'
import type { Limits } from './limits.ts'
import type { PrepareOptions } from './prepare-request.ts'

/** What all requests of a client have in common. */
export interface ClientSettings extends PrepareOptions, Limits {
  readonly dispatcher: Dispatcher
  /** For every attempt but the first: connections that nobody used before, as others may be as dead as the last. */
  readonly retryDispatcher: Dispatcher
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
  /** Whether its credentials were refused and renewed already. */
  readonly isRenewed: boolean
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Told what the server asked everybody to wait. */
  readonly pause: (ms: number) => void
  /** Told what each answer announces about the caller's quota. */
  readonly announce: Announce
}
