import type { Secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { requireCredential } from './require-credential.ts'

/**
 * Sends `Authorization: Bearer <token>`.
 *
 * @see RFC 6750 §2.1
 */
export function bearer(token: string | Secret): Authenticator {
  const credential = requireCredential('bearer: token', token)
  return Object.freeze({
    name: 'bearer',
    secrets: Object.freeze([credential]),
    apply: (request) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${credential.reveal()}` },
    }),
  } satisfies Authenticator)
}
