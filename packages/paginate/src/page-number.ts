import { wholeNumber } from '@millrace/core'
import { defaultTotalPath } from './offset.ts'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { placeOf } from './place.ts'
import { countAt, hasMoreAt, notOurs, receivedBy, unusable } from './read-answer.ts'
import { valueAt } from './value-at.ts'

export interface PageNumberOptions {
  /**
   * Number of the API's first page: 0 or 1.
   *
   * Default: 1 where `page` is given from 1 on, else 0, as in dlt. Where nobody says and page 0 has no rows, page 1 is
   * asked for too, because an API that counts from 1 answers page 0 with nothing.
   */
  readonly basePage?: number
  /** Page of the first request. Default: `basePage`. */
  readonly page?: number
  /** Name of the query parameter for the page. Default `page`. */
  readonly pageParam?: string
  /** Dotted path in the JSON body for the page, in place of a query parameter. */
  readonly pageBodyPath?: string
  /**
   * Path of the number of pages in all, in the body.
   *
   * Default: `total` where there is one, and no error where there is none. Named here, it must be in every answer.
   * `null` never looks: for an API whose `total` means something else.
   */
  readonly totalPath?: string | null
  /** No page of this number or beyond is asked for. Default: no limit. */
  readonly maximumPage?: number
  /** Whether a page without rows is the last one. Default true. With false, something else has to say where the end is. */
  readonly stopAfterEmptyPage?: boolean
  /** Path of a boolean in the body that says whether more pages follow. It decides instead of the total. */
  readonly hasMorePath?: string
}

/**
 * Pages by `?page=0`, `?page=1`, and so on.
 *
 * Stops after `total` pages, and without a total after the first empty page. Rows inserted or removed while a run is
 * going on shift the pages: merge by primary key downstream, and prefer a cursor where the API has one.
 *
 * @throws {RangeError | SyntaxError} where an option is out of range.
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where a total or has-more value was promised and is not there.
 */
export function pageNumber(options: PageNumberOptions = {}): Paginator {
  const { totalPath, maximumPage = Number.POSITIVE_INFINITY, stopAfterEmptyPage = true, hasMorePath } = options
  const base = options.basePage ?? ((options.page ?? 0) > 0 ? 1 : 0)
  const start = options.page ?? base
  const isBaseKnown = options.basePage !== undefined || options.page !== undefined
  wholeNumber('pageNumber: basePage', base, 0)
  wholeNumber('pageNumber: page', start, 0)
  if (start < base) throw new RangeError(`pageNumber: page ${start} lies before basePage ${base}`)
  if (Number.isNaN(maximumPage) || maximumPage <= start) {
    throw new RangeError(`pageNumber: maximumPage must be above the first page, ${start}, got ${maximumPage}`)
  }
  const hasEnd = typeof totalPath === 'string' || maximumPage !== Number.POSITIVE_INFINITY || hasMorePath !== undefined
  if (!stopAfterEmptyPage && !hasEnd) {
    throw new RangeError('pageNumber: with stopAfterEmptyPage false, set totalPath, maximumPage or hasMorePath')
  }
  const place = placeOf({
    option: 'pageNumber: pageParam',
    bodyOption: 'pageBodyPath',
    param: options.pageParam,
    bodyPath: options.pageBodyPath,
    fallback: 'page',
  })

  for (const path of [totalPath, hasMorePath]) if (typeof path === 'string') valueAt(undefined, path)

  function pagesInAll(answer: Answer, isRequired: boolean): number | undefined {
    const found = totalPath === null ? undefined : countAt(answer, totalPath ?? defaultTotalPath)
    if (found !== undefined || !isRequired || typeof totalPath !== 'string') return found
    const value = valueAt(answer.body, totalPath)
    const what = `"${totalPath}" (totalPath)`
    throw unusable(answer, { paginator: 'pageNumber', what, expected: 'a number of pages', found: value })
  }

  function next(answer: Answer, request: PageRequest): PageRequest | undefined {
    const current = place.read(request)
    if (typeof current !== 'number') throw notOurs('pageNumber', place.name, 'pageParam or pageBodyPath')
    const received = receivedBy(answer)
    const following = current + 1
    const mayCountFromOne = !isBaseKnown && current === 0 && received === 0
    if (received === 0 && stopAfterEmptyPage && !mayCountFromOne) return undefined
    const all = pagesInAll(answer, received > 0 || !stopAfterEmptyPage)
    if (following >= maximumPage) return undefined
    if (hasMorePath !== undefined && !hasMoreAt(answer, hasMorePath, 'pageNumber')) return undefined
    // A `total` of 0 that nobody vouched for may be the number of rows of the page.
    if (mayCountFromOne)
      return all === 0 && totalPath !== undefined ? undefined : { ...place.put(following), memo: { basePage: 1 } }
    const firstPage = request.memo?.['basePage'] === 1 ? 1 : base
    const more = { ...place.put(following), ...(request.memo && { memo: request.memo }) }
    if (hasMorePath !== undefined || all === undefined || following < all + firstPage) return more
    // A `total` nobody vouched for may be the number of rows of the page, and surely is no number of pages where it lies
    // behind us. One more request is cheaper than a table cut off without a word.
    return totalPath === undefined && received > 0 && (all === received || all + firstPage <= current)
      ? more
      : undefined
  }

  return Object.freeze({ name: 'pageNumber', first: () => place.put(start), next })
}
