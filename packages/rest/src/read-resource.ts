import type { Page } from '@millrace/core'
import type { HttpClient } from '@millrace/http'
import { type Answer, isFinished, type PageRequest, type Paginator, paginate } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { MergedResource } from './config/merge-defaults.ts'
import { createIncremental } from './incremental/create-incremental.ts'
import type { ReadPart } from './incremental/read-part.ts'
import type { CursorAnswer } from './incremental/take-answer-value.ts'
import { beginRead, toPosition } from './read-position.ts'
import { toHttpRetry } from './request/create-client.ts'
import type { ConfiguredPaginator } from './request/create-paginator.ts'
import { type EndpointRequest, endpointRequest } from './request/endpoint-request.ts'
import type { LinkCredentials } from './request/link-credentials.ts'
import { withValues } from './request/with-values.ts'
import { refuseMorePages, signOfMore } from './select/refuse-more-pages.ts'
import { rowsOfBody } from './select/rows-of-body.ts'
import { compileSelector } from './select/selector.ts'

/** Position of `paginate` after the last page. */
const finished = Object.freeze({ done: true })

export interface ReadTools {
  readonly client: HttpClient
  readonly links: LinkCredentials
}

/**
 * The pages of one resource, in order, each with the position a later run goes on from.
 *
 * Order:  the API's.
 * Memory: one page.
 * Pulls:  lazy; one request at a time, none before the first `next()`.
 */
export async function* readResource(
  resource: MergedResource,
  configured: ConfiguredPaginator,
  { client, links }: ReadTools,
  context: ReadContext,
  configuration: string,
): AsyncGenerator<Page, void, undefined> {
  const { endpoint } = resource
  const { dataSelector, onMissingSelector: onMissing = 'fail', retry } = endpoint
  const incremental =
    endpoint.incremental &&
    createIncremental(endpoint.incremental, {
      stream: resource.name,
      primaryKey: resource.primaryKey,
      disposition: resource.disposition,
      emit: context.emit,
    })
  const begin = beginRead(context, incremental ?? undefined, configuration)
  let { rowsAt, watermark, paging: startAt } = begin
  let part = incremental && watermark && incremental.firstPart(watermark, undefined, begin.window)
  let request = requestOf(part)
  let latest: CursorAnswer = { url: endpoint.path }
  const selector = typeof dataSelector === 'string' ? compileSelector(dataSelector) : undefined
  const { paginator } = configured
  const firstPage = paginator.first()
  /** What the first page says about more of them. */
  let doubt: string | undefined

  async function fetchPage(page: PageRequest, signal?: AbortSignal): Promise<Answer> {
    const answered = await client.request({
      ...request,
      ...(page.url !== undefined && { path: page.url }),
      // A link says all but what nobody may store.
      query: { ...(page.url === undefined ? request.query : links.ofLink(page.url, request.query)), ...page.query },
      ...(page.body && { json: withValues(request.json, page.body) }),
      // Reading the same page twice changes nothing, whatever the method.
      idempotent: true,
      ...(retry && { retry: toHttpRetry(retry) }),
      ...(signal && { signal }),
    })
    const { status, headers, body, meta } = answered
    const { url } = meta
    latest = { body, headers, url }
    const forPaginator = { body, headers, url: links.removed(answered.url, request.query), meta }
    if (status === 204 || body === null) return { rows: [], ...forPaginator }
    const { path, ...found } = rowsOfBody(body, { selector, foundAt: rowsAt, onMissing, url })
    if (!selector) rowsAt = path
    const answer = { body, rows: found.rows, headers, url }
    if (!configured.isChosen) refuseMorePages(answer)
    if (configured.followsAnswers && page === firstPage) doubt = signOfMore(answer)
    return { ...found, ...forPaginator }
  }

  const storable: Paginator = {
    ...paginator,
    first: () => firstPage,
    next(answer, asked) {
      const next = paginator.next(answer, asked)
      if (next === undefined && asked === firstPage && doubt !== undefined) {
        const message = `the ${paginator.name} paginator ends after the first page of ${answer.meta?.url}, and the answer says that there may be more (${doubt}): check where it looks for the next page`
        context.emit({ type: 'warning', stream: resource.name, message })
      }
      return next?.url === undefined ? next : { ...next, url: links.checked(next.url, request.query) }
    },
  }
  for (;;) {
    const pages = paginate(fetchPage, storable, {
      signal: context.signal,
      ...(startAt && { position: startAt }),
      ...(configured.maxPages !== undefined && { maxPages: configured.maxPages }),
    })
    let isFinishedPart = startAt !== undefined && isFinished(startAt)
    let next: ReadPart | undefined
    for await (const page of pages) {
      const { meta } = page
      const taken = part && incremental?.take(page.rows, latest, part)
      if (taken && watermark) watermark = incremental?.advance(watermark, taken.seen)
      isFinishedPart = taken?.isLast === true || isFinished(page.position)
      next = isFinishedPart && part ? incremental?.nextPart(part, latest.headers) : undefined
      // Before the position that says so: a failure must not be stored as an end.
      if (isFinishedPart && !next && watermark) incremental?.end(watermark)
      const paging = taken?.isLast ? finished : page.position
      const at = next
        ? { paging: undefined, window: next.position }
        : { paging, window: isFinishedPart ? undefined : part?.position }
      yield {
        rows: taken?.rows ?? page.rows,
        position: toPosition({ ...at, rowsAt, watermark }, configuration),
        ...(meta && { meta }),
      }
      if (isFinishedPart) break
    }
    if (!isFinishedPart || !next) return
    part = next
    request = requestOf(part)
    startAt = undefined
  }

  function requestOf(of: ReadPart | null | undefined): EndpointRequest {
    const filled = endpointRequest({ ...endpoint, incremental: null }, of?.values ?? noValues)
    return { ...filled, query: { ...filled.query, ...of?.params } }
  }
}

const noValues = { start_value: undefined, initial_value: undefined }
