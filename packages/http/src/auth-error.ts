import { isMillraceError, MillraceError } from '@millrace/core'
import type { Authenticator } from './authenticator.ts'
import type { Redaction } from './redaction.ts'

/** What an authenticator threw, as an error of ours. One that is ours already says enough. */
export function authError({ name }: Authenticator, thrown: unknown, redaction: Redaction): MillraceError {
  if (isMillraceError(thrown)) return thrown
  const cause = redaction.cause(thrown)
  return new MillraceError('E_AUTH', `auth "${name}" failed: ${cause.message}`, { cause })
}
