import type { JsonValue } from '@millrace/core'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { placeOf } from './place.ts'
import { hasMoreAt, receivedBy, unusable } from './read-answer.ts'
import { valueAt } from './value-at.ts'

/** Where dlt looks for it. */
export const defaultCursorPath = 'cursors.next'

export interface CursorOptions {
  /** Path of the next page's cursor in the body, such as `meta.next` or `data[-1].id`. Default {@link defaultCursorPath}. */
  readonly cursorPath?: string
  /** Name of the query parameter for the cursor. Default `cursor`. */
  readonly cursorParam?: string
  /**
   * Dotted path in the JSON body for the cursor, in place of a query parameter. There the cursor may be a list or an object
   * too, such as the values that `search_after` of Elasticsearch takes.
   */
  readonly cursorBodyPath?: string
  /** Sent with the first request. Default: that one has no cursor. */
  readonly initialCursor?: string | number
  /** Whether a page without rows is the last one, whatever cursor it has. Default false: APIs that filter give such. */
  readonly stopAfterEmptyPage?: boolean
  /** Path of a boolean in the body that says whether more pages follow. False ends, whatever cursor there is. */
  readonly hasMorePath?: string
}

/**
 * Pages by a cursor that each answer has for the one after it: the way of paging that neither repeats nor misses rows
 * when data changes during a run.
 *
 * Ends where the cursor is missing, `null`, `false` or empty. 0 is a cursor.
 *
 * @throws {RangeError | SyntaxError} where an option makes no sense.
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where more pages were promised and there is no cursor, or where it is
 *   nothing that the request can hold.
 */
export function cursor(options: CursorOptions = {}): Paginator {
  const { cursorPath = defaultCursorPath, initialCursor, stopAfterEmptyPage = false, hasMorePath } = options
  for (const path of [cursorPath, hasMorePath]) if (path !== undefined) valueAt(undefined, path)
  const place = placeOf({
    option: 'cursor: cursorParam',
    bodyOption: 'cursorBodyPath',
    param: options.cursorParam,
    bodyPath: options.cursorBodyPath,
    fallback: 'cursor',
  })

  function next(answer: Answer): PageRequest | undefined {
    if (stopAfterEmptyPage && receivedBy(answer) === 0) return undefined
    if (hasMorePath !== undefined && !hasMoreAt(answer, hasMorePath, 'cursor')) return undefined
    const found = valueAt(answer.body, cursorPath)
    if (isMissing(found) && hasMorePath === undefined) return undefined
    const value = storable(found as JsonValue)
    if (!isMissing(found) && (typeof value === 'string' || typeof value === 'number')) return place.put(value)
    if (!isMissing(found) && typeof value === 'object' && place.putJson) return place.putJson(value)
    const what = `"${cursorPath}" (cursorPath)`
    throw unusable(answer, { paginator: 'cursor', what, expected: 'the cursor of the next page', found })
  }

  const first = (): PageRequest => (initialCursor === undefined ? {} : place.put(initialCursor))
  return Object.freeze({ name: 'cursor', first, next })
}

function isMissing(found: unknown): boolean {
  const isEmptyList = Array.isArray(found) && found.length === 0
  return found === undefined || found === null || found === '' || found === false || isEmptyList
}

/** A position is plain JSON, which has no integers beyond 2^53: they become text. */
function storable(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(storable)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, storable(each)]))
}
