import type { Secret } from '@millrace/core'

/** A request on its way out, all but the credentials in place. Header names are lower case. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Puts credentials on requests. The client calls it only for the origin of its base URL. */
export interface Authenticator {
  readonly name: string
  /** Every value that must never be seen, in each form it is sent in. Read again for each request: tokens change. */
  readonly secrets: readonly Secret[]
  /** Names of query parameters whose values are redacted in every URL. */
  readonly secretQuery?: readonly string[]
  apply(request: OutgoingRequest): OutgoingRequest | Promise<OutgoingRequest>
}
