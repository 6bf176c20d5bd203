import type { Emit, Secret } from '@millrace/core'

/** A request on its way out, all but the credentials in place. Header names are lower case. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** For authenticators that send requests of their own first, such as for a token. */
export interface ApplyContext {
  /** Fires where the request is not to be sent any more. */
  readonly signal?: AbortSignal
  /** The client's. */
  readonly emit?: Emit
}

/** Puts credentials on requests. The client calls it only for the origin of its base URL. */
export interface Authenticator {
  readonly name: string
  /** Every value that must never be seen, in each form it is sent in. Read again for each request: tokens change. */
  readonly secrets: readonly Secret[]
  /** Names of query parameters whose values are redacted in every URL. */
  readonly secretQuery?: readonly string[]
  /** Gives the request with credentials on it. The client sends it only if it still goes to the same origin. */
  apply(request: OutgoingRequest, context?: ApplyContext): OutgoingRequest | Promise<OutgoingRequest>
  /**
   * Forgets the credentials on a request that was refused, so that the next `apply` gets new ones. What another request
   * has renewed in the meantime must stay. Missing where there is nothing that could be renewed.
   *
   * @param refused - What `apply` made.
   */
  renew?(refused: OutgoingRequest): void
}
