import type { Readable } from 'node:stream'
import { MillraceError } from '@millrace/core'
import { type Dispatcher, request } from 'undici'
import type { OutgoingRequest } from './authenticator.ts'
import { acceptOf } from './body-format.ts'
import type { Call, ClientSettings } from './call.ts'
import { followRedirect, isRedirect, maxRedirects } from './follow-redirect.ts'
import { type Draft, prepareRequest } from './prepare-request.ts'
import { requestBody } from './request-body.ts'

/** The head of an answer, with its body still to be read. */
export interface Answer {
  /** The last one: redirects change it. Credentials are on it. */
  readonly request: OutgoingRequest
  /** Of the last request. */
  readonly method: string
  /** Of the last request, redacted. */
  readonly url: string
  /** The same before credentials were put on it. */
  readonly plainUrl: string
  readonly isHome: boolean
  readonly status: number
  readonly headers: Headers
  readonly stream: Readable
}

export interface SendOptions {
  readonly signal: AbortSignal
  /** Kept at the URL that is being asked, for errors. */
  readonly at: { url: URL }
}

/** Sends a request and follows its redirects, deciding anew at each of them who gets credentials. */
export async function send(
  call: Call,
  number: number,
  settings: ClientSettings,
  options: SendOptions,
): Promise<Answer> {
  const { redaction, dispatcher, retryDispatcher, emit, base } = settings
  const { asked, timeoutMs } = call
  const { signal, at } = options
  const body = requestBody(asked)
  let draft: Draft = {
    method: call.method,
    url: call.url,
    headers: asked.headers ?? {},
    accept: acceptOf(asked.format),
    ...(body && { body: body.text, contentType: body.contentType }),
  }
  for (let hop = 0; ; hop += 1) {
    at.url = draft.url
    const outgoing = await prepareRequest(draft, settings, signal)
    signal.throwIfAborted()
    at.url = outgoing.url
    const { method } = outgoing
    const url = redaction.url(outgoing.url)
    if (hop === 0) emit({ type: 'request', method, url, attempt: number })
    const response = await request(outgoing.url, {
      method: method as Dispatcher.HttpMethod,
      headers: outgoing.headers,
      body: outgoing.body ?? null,
      dispatcher: number === 1 ? dispatcher : retryDispatcher,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    const { statusCode: status, body: stream } = response
    const headers = toHeaders(response.headers)
    if (!isRedirect(status, headers)) {
      return {
        request: outgoing,
        method,
        url,
        plainUrl: draft.url.href,
        isHome: outgoing.url.origin === base.origin,
        status,
        headers,
        stream,
      }
    }
    // The connection is free for the next request only once the body is read; a long one is cut off instead.
    await stream.dump()
    if (hop === maxRedirects) {
      const first = redaction.url(call.url)
      const message = `${call.method} ${first} was redirected more than ${maxRedirects} times, last by ${url}`
      throw new MillraceError('E_TOO_MANY_REDIRECTS', message, { context: { method: call.method, url: first, status } })
    }
    draft = followRedirect(draft, status, headers.get('location') ?? '', redaction)
  }
}

function toHeaders(from: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value = []] of Object.entries(from)) {
    if (typeof value === 'string') headers.append(name, value)
    else for (const each of value) headers.append(name, each)
  }
  return headers
}
