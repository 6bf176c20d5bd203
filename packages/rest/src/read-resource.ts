import type { Page } from '@millrace/core'
import type { HttpClient } from '@millrace/http'
import { type Answer, detectPaginator, type PageRequest, type Paginator, paginate } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { MergedResource } from './config/merge-defaults.ts'
import { detectedEvent } from './detected-event.ts'
import { createTakeNewRows } from './incremental/take-new-rows.ts'
import { beginRead, toPosition } from './read-position.ts'
import { toHttpRetry } from './request/create-client.ts'
import type { ConfiguredPaginator } from './request/create-paginator.ts'
import { endpointRequest } from './request/endpoint-request.ts'
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
  const incremental = endpoint.incremental ?? undefined
  const begin = beginRead(context, incremental, configuration)
  let { rowsAt, watermark } = begin
  const request = endpointRequest(endpoint, {
    start_value: watermark?.start,
    initial_value: incremental?.initialValue,
  })
  const selector = typeof dataSelector === 'string' ? compileSelector(dataSelector) : undefined
  const takeNewRows =
    incremental &&
    createTakeNewRows({
      incremental,
      primaryKey: resource.primaryKey,
      dropTies: resource.disposition === 'append',
      stream: resource.name,
      emit: context.emit,
    })

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
    const forPaginator = { body, headers, url: links.removed(answered.url, request.query), meta }
    if (status === 204 || body === null) return { rows: [], ...forPaginator }
    const { path, reason, ...found } = rowsOfBody(body, { selector, foundAt: rowsAt, onMissing, url })
    if (!selector) rowsAt = path
    const answer = { ...found, ...forPaginator }
    if (page === firstPage) {
      const once = { body, rows: found.rows, headers, url }
      const detected = configured.isDetected ? detectPaginator(answer) : undefined
      if (configured.isDetected && !detected) refuseMorePages(once)
      if (configured.followsAnswers) doubt = signOfMore(once)
      const event = detectedEvent(resource.name, detected, reason === undefined ? undefined : { path, reason })
      if (event) context.emit(event)
    }
    return answer
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
  const pages = paginate(fetchPage, storable, {
    signal: context.signal,
    onOtherTotal({ received, total }) {
      const message = `the API says that there are ${total} rows in all, and ${received} came: rows were added or removed meanwhile, or its pages leave some out`
      context.emit({ type: 'warning', stream: resource.name, message })
    },
    ...(begin.paging && { position: begin.paging }),
    ...(configured.maxPages !== undefined && { maxPages: configured.maxPages }),
  })
  for await (const { rows, position, meta } of pages) {
    const taken = takeNewRows && watermark ? takeNewRows(rows, watermark, meta?.url ?? endpoint.path) : undefined
    watermark = taken?.watermark
    const isLast = taken?.hasOlder === true && incremental?.rowOrder === 'desc'
    yield {
      rows: taken?.rows ?? rows,
      position: toPosition({ paging: isLast ? finished : position, rowsAt, watermark }, configuration),
      ...(meta && { meta }),
    }
    if (isLast) return
  }
}
