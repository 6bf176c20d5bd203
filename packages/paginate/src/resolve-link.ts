import { MillraceError } from '@millrace/core'
import type { Answer } from './paginator.ts'

/**
 * A link of an answer as an absolute URL: a relative one stands against the URL that gave it.
 *
 * Without that URL the link stays as it is, and the client of `paginate` has to know what it is relative to.
 *
 * @throws {MillraceError} `E_PAGINATOR` where it cannot be a URL.
 * @see RFC 3986 §5 (reference resolution)
 */
export function resolveLink(link: string, answer: Answer, paginator: string): string {
  if (answer.url === undefined && !URL.canParse(link)) return link
  const url = URL.canParse(link, answer.url) ? new URL(link, answer.url) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    const found = url ? `starts with ${url.protocol}, expected http: or https:` : 'is no URL'
    throw new MillraceError('E_PAGINATOR', `paginator "${paginator}": the link to the next page ${found}`, {
      context: { paginator, url: answer.meta?.url },
    })
  }
  url.hash = ''
  return url.href
}
