import type { MillraceEvent, Page, Position } from '@millrace/core'
import type { ReadContext } from '@millrace/pipeline'
import { type IncrementalConfig, type ResourceConfig, restSource } from '@millrace/rest'
import { type HttpServer, type RecordedRequest, startHttpServer } from '../../../../test/support/http-server.ts'

export type Thing = Readonly<Record<string, unknown>>

/** An API of things, paged by offset and limit, that tests change between runs. */
export interface ThingsApi {
  readonly server: HttpServer
  /** What it holds. */
  things: readonly Thing[]
  /** Which of them a request gets. Default: all. */
  filter: (thing: Thing, query: URLSearchParams) => boolean
  /** What `Date` says. */
  now: string
  /** Around the rows. Default: nothing, the body is the list. */
  envelope: ((rows: readonly Thing[], request: RecordedRequest) => unknown) | undefined
}

export async function startThingsApi(): Promise<ThingsApi> {
  const api = {
    things: [] as readonly Thing[],
    filter: () => true,
    now: '2026-01-01T00:00:00Z',
    envelope: undefined,
  } as Omit<ThingsApi, 'server'>
  const server = await startHttpServer((request) => {
    const { query } = request
    const offset = Number(query.get('offset'))
    const found = api.things.filter((thing) => api.filter(thing, query))
    const rows = found.slice(offset, offset + Number(query.get('limit') ?? 1_000_000))
    return {
      json: api.envelope ? api.envelope(rows, request) : rows,
      headers: { date: api.now === '' ? 'unknown' : new Date(api.now).toUTCString() },
    }
  })
  return Object.assign(api, { server })
}

export interface Run {
  readonly pages: readonly Page[]
  readonly ids: readonly unknown[]
  /** The position after the last page, as it is read back from where it is stored. */
  readonly position: Position
  readonly warnings: readonly string[]
  /** Queries of this run. */
  readonly queries: readonly URLSearchParams[]
}

export type RunOptions = Pick<ReadContext, 'checkpoint' | 'committed'> & {
  readonly resource?: Partial<ResourceConfig>
  readonly endpoint?: object
  /** Stop after so many pages. */
  readonly pages?: number
}

/** One run over an API, by offset and limit where `endpoint` says so. */
export async function runOnce(api: ThingsApi, incremental: IncrementalConfig, options: RunOptions = {}): Promise<Run> {
  const { resource, endpoint, pages: most = Number.POSITIVE_INFINITY, ...reading } = options
  const [stream] = restSource({
    client: { baseUrl: api.server.url, retry: { maxRetries: 0 } },
    resources: [{ name: 'things', ...resource, endpoint: { incremental, ...endpoint } }],
  }).streams()
  const before = api.server.requests.length
  const events: MillraceEvent[] = []
  const pages: Page[] = []
  const signal = new AbortController().signal
  const emit = (event: MillraceEvent) => events.push(event)
  for await (const page of stream?.read({ mode: 'incremental', signal, emit, ...reading }) ?? []) {
    pages.push({ ...page, position: JSON.parse(JSON.stringify(page.position)) as Position })
    if (pages.length === most) break
  }
  return {
    pages,
    ids: pages.flatMap(({ rows }) => rows.map((row) => row['id'])),
    position: pages.at(-1)?.position ?? reading.checkpoint ?? {},
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    queries: api.server.requests.slice(before).map(({ query }) => query),
  }
}
