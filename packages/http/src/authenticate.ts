import { type Emit, untilAbort } from '@millrace/core'
import { authError } from './auth-error.ts'
import type { Authenticator, OutgoingRequest } from './authenticator.ts'
import type { Redaction } from './redaction.ts'

export interface AuthenticateOptions {
  readonly base: URL
  readonly redaction: Redaction
  readonly emit: Emit
}

/**
 * A request for the base URL's origin with credentials on it, still for that origin: what `auth` makes of it may be sent
 * nowhere else.
 */
export async function authenticate(
  auth: Authenticator,
  request: OutgoingRequest,
  { base, redaction, emit }: AuthenticateOptions,
  signal: AbortSignal,
): Promise<OutgoingRequest> {
  // A copy, so that code which changes the URL in place changes neither the next attempt nor what links are relative to.
  const own = { ...request, url: new URL(request.url) }
  try {
    const made = auth.apply(own, { signal, emit })
    // Code of others may take its time, and pay no heed to the signal.
    const ready = made instanceof Promise ? await untilAbort(made, signal) : made
    const { host = base.host } = ready.headers
    if (ready.url.origin === base.origin && host === base.host) return ready
    throw new Error(`it turned the request away from ${base.origin}, where credentials have to stay`)
  } catch (thrown) {
    throw signal.aborted ? thrown : authError(auth, thrown, redaction)
  }
}
