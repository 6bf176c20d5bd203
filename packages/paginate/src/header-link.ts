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
 * Bytes beyond ASCII, which do not belong there, are encoded one by one: a header is bytes, and `Headers` holds one in
 * each character.
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
    if (link === undefined || link.target === '') return undefined
    return { url: resolveLink(link.target.replace(/[\x80-\xff]/g, percent), answer, 'headerLink') }
  }

  return Object.freeze({ name: 'headerLink', first: () => ({}), next })
}

function percent(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase()}`
}
