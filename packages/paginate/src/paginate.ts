import {
  MillraceError,
  type Page,
  type PageMeta,
  type Position,
  type Row,
  untilAbort,
  wholeNumber,
} from '@millrace/core'
import { pageSignature } from './page-signature.ts'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { type Before, positionBefore, requestAt } from './position.ts'
import { receivedBy } from './read-answer.ts'
import { createRepeatGuard } from './repeat-guard.ts'

/**
 * Pages without any row, one after the other. APIs that search as they go give some; more than these say that the API leads
 * on for ever.
 */
export const maxEmptyPages = 1_000

/** Fetches one page with whatever client there is. */
export type FetchPage<R = Row> = (request: PageRequest, signal?: AbortSignal) => Promise<Answer<R>>

export interface PaginateOptions {
  /** Go on after the page that carried this position. Default: from the first page. */
  readonly position?: Position
  /** Stop after this many pages, at least 1; the last one's position leads to the next. Default: no limit. */
  readonly maxPages?: number
  readonly signal?: AbortSignal
  /**
   * Told before the last page is handed over, where the total in it is not the number of rows that came: rows were added or
   * removed during the run, or the pages left some out. For people: nothing is decided by it.
   */
  readonly onOtherTotal?: (counts: { readonly received: number; readonly total: number }) => void
  /**
   * Told before a page is handed over that holds none of the rows that the paginator asked for again: more rows were added or
   * removed before it than the paginator can follow, and some may be missing. Default: the iteration ends with an error.
   */
  readonly onDrift?: (page: { readonly url: string | undefined }) => void
}

/**
 * The pages of an API, one request at a time, each with the position a later run goes on from.
 *
 * The next page is requested only when it is asked for: a run that dies fetches at most one page again. A page with the
 * same rows as the page before it means that the API does not understand the paginator, and a request that was made
 * before means that its pages go round in a circle. Both end in an error, because the alternative is to read for ever; so
 * do {@link maxEmptyPages} pages without rows.
 *
 * Shape:  an `AsyncIterable<Page>`; each iteration of it starts again from `position`.
 * Order:  the API's.
 * Memory: one page.
 * Pulls:  lazy; nothing is fetched before the first `next()` nor ahead of it. `break` ends it without a further request.
 *
 * @throws {MillraceError} `E_PAGE_LOOP` where a page repeats the one before, or a request any before; `E_PAGE_DRIFT` where
 *   a page does not join the one before and there is no `onDrift`; `E_POSITION` where `position` is not one of `paginate`;
 *   whatever `fetchPage` or the paginator throws; `signal.reason` on abort.
 * @example
 * for await (const page of paginate(fetchPage, offset({ limit: 100 }))) console.log(page.rows.length) // => 100
 */
export function paginate<R = Row>(
  fetchPage: FetchPage<R>,
  paginator: Paginator,
  options: PaginateOptions = {},
): AsyncIterable<Page<R>> {
  const { maxPages = Number.POSITIVE_INFINITY } = options
  if (maxPages !== Number.POSITIVE_INFINITY) wholeNumber('paginate: maxPages', maxPages, 1)
  return { [Symbol.asyncIterator]: () => pages(fetchPage, paginator, maxPages, options) }
}

async function* pages<R>(
  fetchPage: FetchPage<R>,
  paginator: Paginator,
  maxPages: number,
  { position, signal, onOtherTotal, onDrift }: PaginateOptions,
): AsyncGenerator<Page<R>, void, undefined> {
  const begin = position && requestAt(position)
  let before: Before = begin ?? { received: 0, signature: undefined }
  let request = begin ? begin.request : paginator.first()
  const guard = createRepeatGuard()
  let emptyPages = 0
  for (let page = 1; request !== undefined && page <= maxPages; page++) {
    signal?.throwIfAborted()
    const answer: Answer<R> = await untilAbort(fetchPage(request, signal), signal)
    let { signature } = before
    if (answer.rows.length > 0) {
      signature = pageSignature(answer.rows)
      if (signature === before.signature) throw pageLoop(paginator, request, answer)
    }
    const forPaginator = answer as Answer
    const next = paginator.next(forPaginator, request)
    guard.made(request, answer.url)
    if (next && guard.isRepeated(next)) throw circle(paginator, next, answer)
    emptyPages = receivedBy(forPaginator) === 0 ? emptyPages + 1 : 0
    if (next && emptyPages >= maxEmptyPages) throw emptyLoop(paginator, answer)
    const repeated = paginator.repeated?.(forPaginator, request)
    if (repeated === 0) {
      if (!onDrift) throw drift(paginator, answer)
      onDrift({ url: answer.meta?.url })
    }
    const received =
      before.received === undefined ? undefined : before.received + receivedBy(forPaginator) - (repeated ?? 0)
    before = { received, signature }
    const total = paginator.total?.(forPaginator, request)
    const isOther = total !== undefined && received !== undefined && total !== received
    if (next === undefined && isOther) onOtherTotal?.({ received, total })
    const meta = metaWithTotal(answer.meta, total)
    yield { rows: answer.rows, position: positionBefore(next, before), ...(meta && { meta }) }
    request = next
  }
}

function metaWithTotal(meta: PageMeta | undefined, total: number | undefined): PageMeta | undefined {
  return meta === undefined || total === undefined ? meta : { ...meta, total }
}

function circle(paginator: Paginator, { url, query, body }: PageRequest, answer: Answer<unknown>): MillraceError {
  const again = url ?? JSON.stringify(query ?? body ?? {})
  return new MillraceError(
    'E_PAGE_LOOP',
    `paginator "${paginator.name}": the answer leads to ${again}, which was read before: the pages go round in a circle; if this is how the API says that it is at its end, set has_more_path or stop_after_empty_page where the paginator has them, else check its settings against the API's documentation`,
    { context: { paginator: paginator.name, rows: answer.rows.length, url: answer.meta?.url } },
  )
}

function emptyLoop(paginator: Paginator, answer: Answer<unknown>): MillraceError {
  return new MillraceError(
    'E_PAGE_LOOP',
    `paginator "${paginator.name}": ${maxEmptyPages} pages in a row had no rows, the last one ${answer.meta?.url ?? ''}, and the API still leads on; set has_more_path or stop_after_empty_page where the paginator has them; if there is more behind them, a run that goes on from here finds it`,
    { context: { paginator: paginator.name, rows: 0, url: answer.meta?.url } },
  )
}

function drift(paginator: Paginator, answer: Answer<unknown>): MillraceError {
  return new MillraceError(
    'E_PAGE_DRIFT',
    `paginator "${paginator.name}": the page of ${answer.meta?.url ?? 'the API'} holds none of the rows that it should repeat: more rows were added or removed before it than overlap covers, and some may be missing; set a larger overlap, use a cursor where the API has one, or take it as it is with onDrift`,
    { context: { paginator: paginator.name, rows: answer.rows.length, url: answer.meta?.url } },
  )
}

function pageLoop(paginator: Paginator, request: PageRequest, answer: Answer<unknown>): MillraceError {
  const asked = JSON.stringify(request.query ?? request.body ?? request.url ?? {})
  return new MillraceError(
    'E_PAGE_LOOP',
    `paginator "${paginator.name}": the page for ${asked} has the same ${answer.rows.length} rows as the page before it: the API seems to ignore these parameters; set the paginator, and the names of its parameters, as the API's documentation has them`,
    { context: { paginator: paginator.name, rows: answer.rows.length, url: answer.meta?.url } },
  )
}
