import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { unusable } from './read-answer.ts'
import { resolveLink } from './resolve-link.ts'
import { valueAt } from './value-at.ts'

/** Where most APIs with links have them, and where dlt looks. */
export const defaultNextUrlPath = 'next'

export interface JsonLinkOptions {
  /** Path of the next page's URL in the body: `links.next`, `['@odata.nextLink']`. Default {@link defaultNextUrlPath}. */
  readonly nextUrlPath?: string
}

/**
 * Pages by a link that each answer has in its body. Ends where it is missing, `null`, `false` or empty.
 *
 * A link says all: parameters of the first request that it leaves out are gone, as the API meant it.
 *
 * @throws {SyntaxError} where `nextUrlPath` is no path.
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where there is something else than a URL.
 */
export function jsonLink(options: JsonLinkOptions = {}): Paginator {
  const { nextUrlPath = defaultNextUrlPath } = options
  valueAt(undefined, nextUrlPath)

  function next(answer: Answer): PageRequest | undefined {
    const found = valueAt(answer.body, nextUrlPath)
    if (found === undefined || found === null || found === false) return undefined
    if (typeof found !== 'string') {
      const what = `"${nextUrlPath}" (nextUrlPath)`
      throw unusable(answer, { paginator: 'jsonLink', what, expected: 'the URL of the next page', found })
    }
    const link = found.trim()
    return link === '' ? undefined : { url: resolveLink(link, answer, 'jsonLink') }
  }

  return Object.freeze({ name: 'jsonLink', first: () => ({}), next })
}
