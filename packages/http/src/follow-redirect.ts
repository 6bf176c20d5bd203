import { MillraceError } from '@millrace/core'
import type { Draft } from './prepare-request.ts'
import type { Redaction } from './redaction.ts'
import { resolveRedirect } from './resolve-url.ts'

/** More than any API needs, and far from what a loop would take. */
export const maxRedirects = 5

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export function isRedirect(status: number, headers: Headers): boolean {
  return redirectStatuses.has(status) && headers.has('location')
}

/**
 * The request that a redirect asks for. 307 and 308 repeat it; 303, and 301 and 302 after a `POST`, turn it into a `GET`.
 *
 * A body goes to no other origin: it may hold what the caller would not tell everyone.
 *
 * @see RFC 9110 §15.4
 */
export function followRedirect(draft: Draft, status: number, location: string, redaction: Redaction): Draft {
  const url = resolveRedirect(draft.url, location, redaction.text)
  const becomesGet = (status === 303 && draft.method !== 'HEAD') || (status < 303 && draft.method === 'POST')
  if (becomesGet) return { method: 'GET', url, headers: draft.headers, accept: draft.accept }
  if (draft.body !== undefined && url.origin !== draft.url.origin) {
    throw new MillraceError(
      'E_CROSS_ORIGIN',
      `${draft.method} ${redaction.url(draft.url)} was redirected to ${url.origin}, and its body may not go there: ` +
        'if the API has moved, change base_url',
      { context: { method: draft.method, url: redaction.url(draft.url), status } },
    )
  }
  return { ...draft, url }
}
