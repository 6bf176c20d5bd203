import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { parseLinkHeader } from './parse-link-header.ts'
import { resolveLink } from './resolve-link.ts'

export interface HeaderLinkOptions {
  /** The relation of the link to follow. Default `next`. */
  readonly linksNextKey?: string
}

/**
 * Pages by the `Link` header: `<https://api.example.com/items?page=2>; rel="next"`. Ends where it has no such link.
 *
 * A link says all: parameters of the first request that it leaves out are gone, as the API meant it.
 *
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where the link is no URL.
 * @see RFC 8288 §3 (Link header)
 */
export function headerLink(options: HeaderLinkOptions = {}): Paginator {
  const relation = (options.linksNextKey ?? 'next').toLowerCase()
  if (relation === '') throw new RangeError('headerLink: linksNextKey must not be empty')

  function next(answer: Answer): PageRequest | undefined {
    const links = parseLinkHeader(answer.headers?.get('link') ?? '')
    const link = links.find(({ relations }) => relations.includes(relation))
    return link === undefined || link.target === ''
      ? undefined
      : { url: resolveLink(link.target, answer, 'headerLink') }
  }

  return Object.freeze({ name: 'headerLink', first: () => ({}), next })
}
