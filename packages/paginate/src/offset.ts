import { MillraceError, wholeNumber } from '@millrace/core'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { placeOf, together } from './place.ts'
import { countAt, hasMoreAt, notOurs, receivedBy, unusable } from './read-answer.ts'
import { countRepeated, lastRows, memoOf, overlapOf } from './row-overlap.ts'
import { valueAt } from './value-at.ts'

/** Rows per request. 100 is the largest limit that most public APIs accept. */
export const defaultLimit = 100

/** Rows that are read again with each page. None: they cost requests, and come twice. */
export const defaultOverlap = 0

/** Where most APIs that count their rows say so. */
export const defaultTotalPath = 'total'

export interface OffsetOptions {
  /** Rows asked for per request. Default {@link defaultLimit}. */
  readonly limit?: number
  /** Offset of the first request. Default 0. */
  readonly offset?: number
  /**
   * Last rows of each page that are asked for again with the next one, to prove that none is missing between the two. Less
   * than half of `limit`; default {@link defaultOverlap}. These rows come twice: merge by primary key downstream.
   */
  readonly overlap?: number
  /** Name of the query parameter for the offset. Default `offset`. */
  readonly offsetParam?: string
  /** Dotted path in the JSON body for the offset, in place of a query parameter. */
  readonly offsetBodyPath?: string
  /** Name of the query parameter for the limit. Default `limit`. */
  readonly limitParam?: string
  /** Dotted path in the JSON body for the limit, in place of a query parameter. */
  readonly limitBodyPath?: string
  /**
   * Dotted path of the number of rows in all, in the body.
   *
   * Default: `total` where there is one, and no error where there is none. Named here, it must be in every answer.
   * `null` never looks: for an API whose `total` means something else.
   */
  readonly totalPath?: string | null
  /** No request starts at this offset or beyond it. Default: no limit. */
  readonly maximumOffset?: number
  /**
   * Whether a page without rows is the last one. Default true. With false, a page without rows is skipped by `limit`,
   * and `totalPath`, `maximumOffset` or `hasMorePath` has to say where the end is.
   */
  readonly stopAfterEmptyPage?: boolean
  /** Dotted path of a boolean in the body that says whether more pages follow. It decides instead of the total. */
  readonly hasMorePath?: string
}

/**
 * Pages by `?offset=0&limit=100`, advancing by the rows received: an API that gives fewer than asked for loses none.
 *
 * Stops where `total` rows were read, and without a total after the first empty page.
 *
 * Rows inserted or removed while a run is going on shift the window: a row can be seen twice or missed. Merge by primary
 * key downstream, and prefer a cursor where the API has one. With `overlap`, none is missed while no more than so many are
 * removed between two requests, and `paginate` tells where pages do not join.
 *
 * @throws {RangeError | SyntaxError} where an option is out of range.
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where a total or has-more value was promised and is not there, or
 *   where a page holds more rows than were asked for, so that nobody can tell where the next one starts, or with `overlap`
 *   other rows than the API sent.
 */
export function offset(options: OffsetOptions = {}): Paginator {
  const { limit = defaultLimit, offset: start = 0, overlap = defaultOverlap } = options
  const { totalPath, maximumOffset = Number.POSITIVE_INFINITY, stopAfterEmptyPage = true, hasMorePath } = options
  wholeNumber('offset: limit', limit, 1)
  wholeNumber('offset: offset', start, 0)
  wholeNumber('offset: overlap', overlap, 0)
  if (overlap * 2 >= limit && overlap > 0) {
    throw new RangeError(`offset: overlap must be less than half of limit ${limit}, got ${overlap}`)
  }
  if (overlap > 0 && !stopAfterEmptyPage) {
    throw new RangeError('offset: overlap needs stopAfterEmptyPage, because an empty page has no rows to repeat')
  }
  if (Number.isNaN(maximumOffset) || maximumOffset < 1) {
    throw new RangeError(`offset: maximumOffset must be a number from 1, got ${maximumOffset}`)
  }
  const offsetPlace = placeOf({
    option: 'offset: offsetParam',
    bodyOption: 'offsetBodyPath',
    param: options.offsetParam,
    bodyPath: options.offsetBodyPath,
    fallback: 'offset',
  })
  const limitPlace = placeOf({
    option: 'offset: limitParam',
    bodyOption: 'limitBodyPath',
    param: options.limitParam,
    bodyPath: options.limitBodyPath,
    fallback: 'limit',
  })
  if (offsetPlace.name === limitPlace.name) {
    throw new RangeError('offset: the offset and the limit must go to two different names')
  }
  const hasEnd =
    typeof totalPath === 'string' || maximumOffset !== Number.POSITIVE_INFINITY || hasMorePath !== undefined
  if (!stopAfterEmptyPage && !hasEnd) {
    throw new RangeError('offset: with stopAfterEmptyPage false, set totalPath, maximumOffset or hasMorePath')
  }
  for (const path of [totalPath, hasMorePath]) if (typeof path === 'string') valueAt(undefined, path)

  const at = (value: number): PageRequest => together(offsetPlace.put(value), limitPlace.put(limit))

  function after(answer: Answer, following: number): PageRequest {
    if (overlap === 0) return at(following)
    if (receivedBy(answer) !== answer.rows.length) throw otherRows(answer)
    const last = lastRows(answer.rows, overlap)
    return { ...at(following - last.again), memo: memoOf(last) }
  }

  const rowsInAll = (answer: Answer): number | undefined =>
    totalPath === null ? undefined : countAt(answer, totalPath ?? defaultTotalPath)

  /** Nothing where these pages are to be a part of the rows, nor where `total` surely is the number of rows of the page. */
  function total(answer: Answer, request: PageRequest): number | undefined {
    const all = rowsInAll(answer)
    if (all === undefined || start > 0 || all > maximumOffset) return undefined
    const isPageCount = totalPath === undefined && all < Number(offsetPlace.read(request)) + receivedBy(answer)
    return isPageCount ? undefined : all
  }

  function next(answer: Answer, request: PageRequest): PageRequest | undefined {
    const current = offsetPlace.read(request)
    if (typeof current !== 'number') throw notOurs('offset', offsetPlace.name, 'offsetParam or offsetBodyPath')
    const received = receivedBy(answer)
    if (received === 0 && stopAfterEmptyPage) return undefined
    const again = overlapOf(request)?.again ?? 0
    const following = current + (received === 0 ? limit : received)
    const all = rowsInAll(answer)
    if (all === undefined && typeof totalPath === 'string') {
      const found = valueAt(answer.body, totalPath)
      throw unusable(answer, { paginator: 'offset', what: `"${totalPath}" (totalPath)`, expected: 'a number', found })
    }
    if (received > limit && following !== all) throw tooManyRows(answer, received, limit, limitPlace.name)
    if (following >= maximumOffset) return undefined
    const more = after(answer, following)
    if (hasMorePath !== undefined) return hasMoreAt(answer, hasMorePath, 'offset') ? more : undefined
    if (all !== undefined && following < all) return more
    // What would be the empty page without the rows that were to come again.
    if (received <= again && stopAfterEmptyPage) return undefined
    if (all === undefined) return more
    // A `total` nobody vouched for may be the number of rows of the page. It surely is where it lies behind us, and may
    // be where a full first page is all there is: one more request is cheaper than a table cut off without a word.
    const isPageCount = all <= current + again || (current === start && received === limit)
    return totalPath === undefined && received > 0 && isPageCount ? more : undefined
  }

  function repeated({ rows }: Answer, request: PageRequest): number | undefined {
    const overlapping = overlapOf(request)
    return overlapping && countRepeated(rows, overlapping)
  }

  return Object.freeze({ name: 'offset', first: () => at(start), next, total, repeated })
}

function tooManyRows(answer: Answer, received: number, limit: number, limitName: string): MillraceError {
  return new MillraceError(
    'E_PAGINATOR',
    `paginator "offset": asked for ${limitName}=${limit} and received ${received} rows, so the offset of the next page is unknown; set limit to the API's own page size, check the name of the limit, or use singlePage if the API answers with everything at once`,
    { context: { paginator: 'offset', rows: received, url: answer.meta?.url } },
  )
}

function otherRows(answer: Answer): MillraceError {
  const received = receivedBy(answer)
  return new MillraceError(
    'E_PAGINATOR',
    `paginator "offset": the API sent ${received} items, and ${answer.rows.length} rows were taken from them, so overlap cannot compare this page with the next one; take all items as they are and filter the rows later, or leave overlap out`,
    { context: { paginator: 'offset', rows: received, url: answer.meta?.url } },
  )
}
