import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { placeOf } from './place.ts'

export interface HeaderCursorOptions {
  /** Name of the header with the next page's cursor. Default `next`, as in dlt. */
  readonly cursorKey?: string
  /** Name of the query parameter for the cursor. Default `cursor`. */
  readonly cursorParam?: string
  /** Dotted path in the JSON body for the cursor, in place of a query parameter. */
  readonly cursorBodyPath?: string
  /** Sent with the first request. Default: that one has no cursor. */
  readonly initialCursor?: string | number
}

/** Pages by a cursor that each answer has in a header. Ends where the header is missing or empty. */
export function headerCursor(options: HeaderCursorOptions = {}): Paginator {
  const { cursorKey = 'next', initialCursor } = options
  if (cursorKey === '') throw new RangeError('headerCursor: cursorKey must not be empty')
  const place = placeOf({
    option: 'headerCursor: cursorParam',
    bodyOption: 'cursorBodyPath',
    param: options.cursorParam,
    bodyPath: options.cursorBodyPath,
    fallback: 'cursor',
  })

  function next({ headers }: Answer): PageRequest | undefined {
    const value = headers?.get(cursorKey)?.trim() ?? ''
    return value === '' ? undefined : place.put(value)
  }

  const first = (): PageRequest => (initialCursor === undefined ? {} : place.put(initialCursor))
  return Object.freeze({ name: 'headerCursor', first, next })
}
