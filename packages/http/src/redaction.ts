import { createLiveRedact, errorMessage, type Secret } from '@millrace/core'
import type { Authenticator } from './authenticator.ts'
import { redactUrls } from './redact-urls.ts'

/** Takes the credentials of one client out of all that it lets out. */
export interface Redaction {
  /** A URL that may be printed: no fragment either. */
  url(url: URL): string
  text(text: string): string
  /** A copy of what another library threw, with nothing on it but name, code, redacted message and stack, and causes. */
  cause(thrown: unknown): Error
  /** Whether a text holds one of the client's secrets. */
  finds(text: string): boolean
}

/** Deeper chains of causes are cut: nobody reads them, and a chain may be a circle. */
const deepestCause = 5

export function createRedaction(auth: Authenticator | undefined, secrets: readonly Secret[]): Redaction {
  const redact = createLiveRedact(() => [...secrets, ...(auth?.secrets ?? [])])
  const text = (from: string): string => redactUrls(redact(from), auth?.secretQuery)

  function cause(thrown: unknown, depth = 1): Error {
    const copy = new Error(text(errorMessage(thrown)))
    if (!(thrown instanceof Error)) return copy
    copy.name = thrown.name
    if (thrown.stack !== undefined) copy.stack = text(thrown.stack)
    if ('code' in thrown) Object.assign(copy, { code: thrown.code })
    if (thrown.cause !== undefined && depth < deepestCause) copy.cause = cause(thrown.cause, depth + 1)
    return copy
  }

  return Object.freeze({
    url: (url: URL): string => text(url.href.slice(0, url.href.length - url.hash.length)),
    text,
    cause: (thrown: unknown): Error => cause(thrown),
    finds: (from: string): boolean => redact(from) !== from,
  })
}
