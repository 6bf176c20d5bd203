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
  if (!URL.canParse(link, answer.url)) {
    throw new MillraceError('E_PAGINATOR', `paginator "${paginator}": the link to the next page is no URL`, {
      context: { paginator, url: answer.meta?.url },
    })
  }
  const url = new URL(link, answer.url)
  url.hash = ''
  return url.href
}
