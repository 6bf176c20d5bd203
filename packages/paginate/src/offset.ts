import { MillraceError } from '@millrace/core'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { valueAt } from './value-at.ts'

/** Rows per request. 100 is the largest limit that most public APIs accept. */
export const defaultLimit = 100

/** Where most APIs that count their rows say so. */
export const defaultTotalPath = 'total'

export interface OffsetOptions {
  /** Rows asked for per request. Default {@link defaultLimit}. */
  readonly limit?: number
  /** Offset of the first request. Default 0. */
  readonly offset?: number
  /** Name of the query parameter for the offset. Default `offset`. */
  readonly offsetParam?: string
  /** Name of the query parameter for the limit. Default `limit`. */
  readonly limitParam?: string
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
 * key downstream, and prefer a cursor where the API has one.
 *
 * @throws {RangeError} where an option is out of range.
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where a total or has-more value was promised and is not there, or
 *   where a page holds more rows than were asked for, so that nobody can tell where the next one starts.
 */
export function offset(options: OffsetOptions = {}): Paginator {
  const { limit = defaultLimit, offset: start = 0, offsetParam = 'offset', limitParam = 'limit' } = options
  const { totalPath, maximumOffset = Number.POSITIVE_INFINITY, stopAfterEmptyPage = true, hasMorePath } = options
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`offset: limit must be a whole number from 1, got ${limit} (${typeof limit})`)
  }
  if (!Number.isInteger(start) || start < 0) {
    throw new RangeError(`offset: offset must be a whole number from 0, got ${start} (${typeof start})`)
  }
  if (Number.isNaN(maximumOffset) || maximumOffset < 1) {
    throw new RangeError(`offset: maximumOffset must be a number from 1, got ${maximumOffset}`)
  }
  if (offsetParam === '' || limitParam === '' || offsetParam === limitParam) {
    throw new RangeError('offset: offsetParam and limitParam must be two different names')
  }
  const hasEnd =
    typeof totalPath === 'string' || maximumOffset !== Number.POSITIVE_INFINITY || hasMorePath !== undefined
  if (!stopAfterEmptyPage && !hasEnd) {
    throw new RangeError('offset: with stopAfterEmptyPage false, set totalPath, maximumOffset or hasMorePath')
  }

  const at = (value: number): PageRequest => ({ query: { [offsetParam]: value, [limitParam]: limit } })

  function total(answer: Answer): number | undefined {
    return totalPath === null ? undefined : toCount(valueAt(answer.body, totalPath ?? defaultTotalPath))
  }

  function hasMore(answer: Answer, path: string): boolean {
    const found = valueAt(answer.body, path)
    const value = typeof found === 'string' ? found.toLowerCase() : found
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw unusable(answer, `"${path}" (hasMorePath)`, 'true or false', found)
  }

  function next(answer: Answer, request: PageRequest): PageRequest | undefined {
    const current = request.query?.[offsetParam]
    if (typeof current !== 'number') throw notOurs(offsetParam)
    const received = answer.received ?? answer.rows.length
    if (received === 0 && stopAfterEmptyPage) return undefined
    const following = current + (received === 0 ? limit : received)
    const all = total(answer)
    if (all === undefined && typeof totalPath === 'string') {
      throw unusable(answer, `"${totalPath}" (totalPath)`, 'a number', valueAt(answer.body, totalPath))
    }
    if (received > limit && following !== all) throw tooManyRows(answer, received, limit, limitParam)
    if (following >= maximumOffset) return undefined
    if (hasMorePath !== undefined) return hasMore(answer, hasMorePath) ? at(following) : undefined
    if (all === undefined || following < all) return at(following)
    // A `total` nobody vouched for may be the number of rows of the page. It surely is where it lies behind us, and may
    // be where a full first page is all there is: one more request is cheaper than a table cut off without a word.
    const isPageCount = all <= current || (current === start && received === limit)
    return totalPath === undefined && received > 0 && isPageCount ? at(following) : undefined
  }

  return Object.freeze({ name: 'offset', first: () => at(start), next, total })
}

function toCount(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.trim() !== ''
  const count = isText || typeof value === 'bigint' ? Number(value) : value
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined
}

function notOurs(offsetParam: string): MillraceError {
  return new MillraceError(
    'E_POSITION',
    `paginator "offset": the position to go on from has no number "${offsetParam}": it was made by another paginator or under another offsetParam; start without it`,
  )
}

function unusable(answer: Answer, what: string, expected: string, found: unknown): MillraceError {
  const body = answer.body
  const keys = typeof body === 'object' && body !== null ? Object.keys(body).slice(0, 20).join(', ') : typeof body
  const value =
    found === undefined ? 'nothing' : found === null || typeof found === 'object' ? 'no such value' : String(found)
  return new MillraceError(
    'E_PAGINATOR',
    `paginator "offset": expected ${expected} at ${what} in the answer, found ${value}; the answer has: ${keys}`,
    { context: { paginator: 'offset', url: answer.meta?.url } },
  )
}

function tooManyRows(answer: Answer, received: number, limit: number, limitParam: string): MillraceError {
  return new MillraceError(
    'E_PAGINATOR',
    `paginator "offset": asked for ${limitParam}=${limit} and received ${received} rows, so the offset of the next page is unknown; set limit to the API's own page size, check the name of limitParam, or use singlePage if the API answers with everything at once`,
    { context: { paginator: 'offset', rows: received, url: answer.meta?.url } },
  )
}
