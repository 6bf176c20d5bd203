import type { MillraceError } from '@millrace/core'
import type { OutgoingRequest } from './authenticator.ts'
import type { HttpResponse } from './http-client.ts'

/** What an attempt that was answered comes to. */
export type Conclusion = Success | Failure

export interface Success {
  readonly response: HttpResponse
  readonly failure?: undefined
}

export interface Failure {
  readonly failure: MillraceError
  /** To be given instead, where no retry is left. */
  readonly response?: HttpResponse
  /** What was sent, where its credentials were refused and new ones may help. */
  readonly refused?: OutgoingRequest
}
