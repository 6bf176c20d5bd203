import { type Emit, MillraceError } from '@millrace/core'
import { authenticate } from './authenticate.ts'
import type { Authenticator, OutgoingRequest } from './authenticator.ts'
import { acceptEncoding } from './decompress.ts'
import { withoutQuery } from './query.ts'
import type { Redaction } from './redaction.ts'

/** A request before headers of the client and credentials are on it. */
export interface Draft {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly accept: string
  readonly body?: string
  readonly contentType?: string
}

export interface PrepareOptions {
  readonly base: URL
  readonly auth?: Authenticator | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly allowedHosts?: readonly string[] | undefined
  readonly redaction: Redaction
  readonly emit: Emit
}

/** On every request, to whatever host: they tell nothing about the caller. */
const plainHeaders = { 'accept-encoding': acceptEncoding, 'user-agent': 'millrace' }

/**
 * Makes a draft ready to be sent: this is the one place that decides who gets credentials.
 *
 * The base URL's origin gets all. An allowed host gets none of any kind: neither auth, nor headers of the client or the
 * request (any of them may be a key), nor a URL or body with one of the secrets in it. Every other host is refused.
 */
export async function prepareRequest(
  draft: Draft,
  options: PrepareOptions,
  signal: AbortSignal,
): Promise<OutgoingRequest> {
  const { base, auth, redaction } = options
  const { method, url, accept, body, contentType } = draft
  const plain = { accept, ...plainHeaders, ...(contentType !== undefined && { 'content-type': contentType }) }
  const rest = body === undefined ? {} : { body }
  if (url.origin !== base.origin) {
    requireAllowed(draft, options)
    const stripped = new URL(url)
    const own = new Set(auth?.secretQuery)
    if (own.size > 0) stripped.search = withoutQuery(url, (name) => own.has(name))
    if (redaction.finds(stripped.href)) {
      throw refusal(draft, options, 'the link holds a credential, which may go to the origin of base_url only')
    }
    if (body !== undefined && redaction.finds(body)) {
      throw refusal(draft, options, 'its body holds a credential, which may go to the origin of base_url only')
    }
    return { method, url: stripped, headers: plain, ...rest }
  }
  const headers = { ...plain, ...lowerCased(options.headers), ...lowerCased(draft.headers) }
  const ready = { method, url, headers, ...rest }
  return auth ? authenticate(auth, ready, options, signal) : ready
}

function requireAllowed(draft: Draft, options: PrepareOptions): void {
  const { base, allowedHosts = [] } = options
  const { url } = draft
  if (!allowedHosts.includes(url.host)) {
    const isUpgrade = url.host === base.host && url.protocol === 'https:'
    const advice = isUpgrade
      ? `if the API has moved to https, write https in base_url`
      : `if it is to be trusted, add "${url.host}" to allowed_hosts (it gets no credentials)`
    throw refusal(draft, options, advice)
  }
  if (base.protocol === 'https:' && url.protocol === 'http:') {
    throw refusal(draft, options, 'it would leave https')
  }
}

function refusal({ method, url }: Draft, { base, redaction }: PrepareOptions, why: string): MillraceError {
  return new MillraceError(
    'E_CROSS_ORIGIN',
    `${method} ${redaction.url(url)} was not sent, because it leaves ${base.origin}: ${why}`,
    { context: { method, url: redaction.url(url) } },
  )
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
