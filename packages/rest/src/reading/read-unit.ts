import { type Emit, MillraceError, type PageMeta, type Position, type Row } from '@millrace/core'
import type { HttpClient, HttpRetryOptions, JudgedAnswer, Verdict } from '@millrace/http'
import { type Answer, detectPaginator, type PageRequest, type Paginator, paginate } from '@millrace/paginate'
import type { ConfiguredPaginator } from '../request/create-paginator.ts'
import type { EndpointRequest } from '../request/endpoint-request.ts'
import type { LinkCredentials } from '../request/link-credentials.ts'
import { withValues } from '../request/with-values.ts'
import { refuseMorePages, signOfMore } from '../select/refuse-more-pages.ts'
import { rowsOfBody } from '../select/rows-of-body.ts'
import type { Selector } from '../select/selector.ts'
import { detectedEvent } from './detected-event.ts'
import type { Judge } from './response-rules.ts'

/** What all requests of a resource have in common. */
export interface UnitTools {
  readonly stream: string
  readonly client: HttpClient
  readonly links: LinkCredentials
  readonly configured: ConfiguredPaginator
  /** Default: the rows are found by name. */
  readonly selector: Selector | undefined
  readonly onMissing: 'fail' | 'empty'
  readonly format: 'json' | 'ndjson' | 'csv' | undefined
  readonly isIdempotent: boolean
  readonly retry: HttpRetryOptions | undefined
  readonly judge: Judge | undefined
  /** Ends waiting, and no request that is under way. */
  readonly stop: AbortSignal | undefined
  /** What was found out from earlier answers, for all units of the resource: where the rows are. */
  readonly found: { rowsAt: string | undefined; isTold: boolean }
  readonly emit: Emit
}

/** One page of a unit. */
export interface UnitPage {
  readonly rows: readonly Row[]
  /** Of `paginate`. */
  readonly paging: Position
  readonly meta: PageMeta | undefined
  /** The decoded body and the headers, for what is to be found outside of the rows. */
  readonly answer: Pick<Answer, 'body' | 'headers'>
  /** A rule ignored it: what it says is not about the rows. */
  readonly isIgnored: boolean
}

/** A rule ignored an answer in the middle of the pages. */
export class IgnoredAnswer extends Error {}

/**
 * The pages of one endpoint whose placeholders are all filled in.
 *
 * An answer that a rule ignores ends the pages: at the first request of this read it means that there is nothing, or
 * nothing more; later on it may hide the rest, unless the rule says that this is the end.
 *
 * Memory: one page.
 * Pulls:  lazy; one request at a time.
 *
 * @param position - Goes on after the page that carried it.
 * @throws {IgnoredAnswer} where a rule ignores an answer that is not the first.
 */
export async function* readUnit(
  request: EndpointRequest,
  position: Position | undefined,
  tools: UnitTools,
  signal: AbortSignal,
): AsyncGenerator<UnitPage, void, undefined> {
  const { client, configured, found, links, selector, onMissing, emit } = tools
  const { paginator } = configured
  const firstPage = paginator.first()
  let isFirstRequest = true
  let hasEnded = false
  let latest: Pick<Answer, 'body' | 'headers'> = {}
  /** What the first page says about more of them. */
  let doubt: string | undefined

  const warn = (message: string): void => emit({ type: 'warning', stream: tools.stream, message })

  async function fetchPage(page: PageRequest, pageSignal?: AbortSignal): Promise<Answer> {
    if (page.url !== undefined && links.leadsAway(page.url) && hasBody(request)) throw awayWithBody(page.url)
    // To the client the end of the pages is one more answer to ignore.
    let isEnd = false
    const judge = (answer: JudgedAnswer): Verdict | undefined => {
      const ruling = tools.judge?.(answer)
      isEnd = ruling === 'end'
      return ruling === 'end' ? 'ignore' : ruling
    }
    const answered = await client.request({
      ...request,
      ...(page.url !== undefined && { path: page.url }),
      // A link says all but what nobody may store.
      query: { ...(page.url === undefined ? request.query : links.ofLink(page.url, request.query)), ...page.query },
      ...(page.body && { json: withValues(request.json, page.body) }),
      idempotent: tools.isIdempotent,
      ...(tools.format && { format: tools.format }),
      ...(tools.retry && { retry: tools.retry }),
      ...(tools.judge && { judge }),
      ...(pageSignal && { signal: pageSignal }),
      ...(tools.stop && { waitSignal: tools.stop }),
    })
    const { status, headers, body, meta } = answered
    const { url } = meta
    if (answered.ignored && !isEnd && !isFirstRequest) {
      throw new IgnoredAnswer(
        `${request.method} ${url} answered ${status}, which a response action ignores (use the action end if this is how the API says that there are no more pages)`,
      )
    }
    hasEnded = answered.ignored === true
    isFirstRequest = false
    latest = { body, headers }
    const forPaginator = { body, headers, url: links.removed(answered.url, request.query), meta }
    if (hasEnded || status === 204 || status === 205) return { rows: [], ...forPaginator }
    const { path, reason, ...rows } = rowsOfBody(body, { selector, foundAt: found.rowsAt, onMissing, url })
    if (!selector) found.rowsAt = path
    const answer = { ...rows, ...forPaginator }
    if (page === firstPage) {
      if (!selector && isHollow(body))
        warn(`the answer of ${url} is ${JSON.stringify(body)}, which is taken as no rows`)
      const once = { body, rows: rows.rows, headers, url }
      const detected = configured.isDetected ? detectPaginator(answer) : undefined
      if (configured.isDetected && !detected) refuseMorePages(once)
      if (configured.followsAnswers) doubt = signOfMore(once)
      const event = detectedEvent(tools.stream, detected, reason === undefined ? undefined : { path, reason })
      if (event && !found.isTold) emit(event)
      found.isTold ||= event !== undefined
    }
    return answer
  }

  const storable: Paginator = {
    ...paginator,
    first: () => firstPage,
    next(answer, asked) {
      if (hasEnded) return undefined
      const next = paginator.next(answer, asked)
      if (next === undefined && asked === firstPage && doubt !== undefined) {
        const message = `the ${paginator.name} paginator ends after the first page of ${answer.meta?.url}, and the answer says that there may be more (${doubt}): check where it looks for the next page`
        warn(message)
      }
      return next?.url === undefined ? next : { ...next, url: links.checked(next.url, request.query) }
    },
  }
  const pages = paginate(fetchPage, storable, {
    signal,
    onOtherTotal({ received, total }) {
      const message = `the API says that there are ${total} rows in all, and ${received} came: rows were added or removed meanwhile, or its pages leave some out`
      warn(message)
    },
    onDrift({ url }) {
      const message = `the page of ${url} holds none of the rows that it should repeat: more rows were added or removed before it than overlap covers, and some may be missing; set a larger overlap, or use a cursor where the API has one`
      warn(message)
    },
    ...(position && { position }),
    ...(configured.maxPages !== undefined && { maxPages: configured.maxPages }),
  })
  for await (const { rows, position: paging, meta } of pages) {
    yield { rows, paging, meta, answer: latest, isIgnored: hasEnded }
  }
}

function hasBody({ json, form, text }: EndpointRequest): boolean {
  return json !== undefined || form !== undefined || text !== undefined
}

function awayWithBody(url: string): MillraceError {
  return new MillraceError(
    'E_CROSS_ORIGIN',
    `the next page was not asked for, because its link leads to ${new URL(url).origin}, and the request has a body, which may hold what that host must not see; use another paginator`,
  )
}

/** `null` and `{}` say neither that there are rows nor that there are none. */
function isHollow(body: unknown): boolean {
  return body === null || (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0)
}
