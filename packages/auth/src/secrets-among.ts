import { Secret } from '@millrace/core'

const credentialName =
  /assertion|auth|cookie|credential|hmac|key|pass|pwd|secret|session|sign|token|^(code|otp|pin|sig)$/i

/** Whether a field or header of this name holds a credential. Generous: one too many costs a word in an error message. */
export function isCredentialName(name: string): boolean {
  return credentialName.test(name)
}

/** What must not be seen of a value that is to be sent: every `Secret`, and texts whose name says what they are. */
export function secretsAmong(value: unknown, name = ''): Secret[] {
  if (value instanceof Secret) return [value]
  if (typeof value === 'string') return isCredentialName(name) ? [new Secret(value)] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => secretsAmong(each, Array.isArray(value) ? name : key))
}
