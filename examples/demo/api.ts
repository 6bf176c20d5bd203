import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the demo API sells: one event of a shop. A dozen fields, some of them null, one list, one object. */
export interface DemoEvent {
  readonly id: number
  readonly type: string
  readonly user_id: number | null
  readonly email: string | null
  readonly amount: number | null
  readonly currency: string | null
  readonly quantity: number
  readonly is_test: boolean
  readonly country: string
  readonly tags: readonly string[]
  readonly device: { readonly os: string; readonly version: number | null }
  readonly created_at: string
  readonly updated_at: string
}

export interface DemoApiOptions {
  /** Default 0: any free port. */
  readonly port?: number
  readonly apiKey: string
  /** Events at the start. Default 20 000. */
  readonly events?: number
  /** Answer 429 and 503 now and then, as APIs do. Default true. */
  readonly faults?: boolean
}

export interface DemoApi {
  readonly url: string
  readonly events: readonly DemoEvent[]
  /** Time goes on: `updated` events change, `added` events are new. */
  advance(change: { readonly updated: number; readonly added: number }): void
  close(): Promise<void>
}

/** Rows per page at most, whatever is asked for. */
const largestLimit = 100

const types = ['page_view', 'add_to_cart', 'purchase', 'refund', 'sign_up']
const countries = ['DE', 'FR', 'IN', 'JP', 'NG', 'US']
const start = Date.UTC(2026, 0, 1)

function makeEvent(id: number, updatedAt: number): DemoEvent {
  const type = types[id % types.length] ?? 'page_view'
  const paid = type === 'purchase' || type === 'refund'
  return {
    id,
    type,
    user_id: id % 7 === 0 ? null : 1000 + ((id * 7919) % 4000),
    email: id % 7 === 0 ? null : `user${(id * 7919) % 4000}@example.com`,
    amount: paid ? (((id * 31) % 20_000) + 1) / 100 : null,
    currency: paid ? 'EUR' : null,
    quantity: (id * 13) % 5,
    is_test: id % 50 === 0,
    country: countries[(id * 17) % countries.length] ?? 'DE',
    tags: id % 3 === 0 ? [] : ['web', id % 2 === 0 ? 'mobile' : 'desktop'],
    device: { os: id % 2 === 0 ? 'android' : 'linux', version: id % 11 === 0 ? null : 10 + (id % 6) },
    created_at: new Date(start + id * 60_000).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  }
}

/**
 * A small REST API on loopback: `GET /v1/events?api_key=…&offset=…&limit=…&updated_since=…` answers `{ data, total }`,
 * oldest change first.
 */
export async function startDemoApi(options: DemoApiOptions): Promise<DemoApi> {
  const { port = 0, apiKey, events: count = 20_000, faults = true } = options
  const events = Array.from({ length: count }, (_, index) => makeEvent(index + 1, start + (index + 1) * 60_000))
  let now = start + (count + 1) * 60_000
  let requests = 0

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [status, body, headers = {}] = answerTo(new URL(request.url ?? '/', 'http://localhost'))
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
  const answerTo = ({ pathname, searchParams }: URL): [number, unknown, Record<string, string>?] => {
    requests += 1
    if (faults && requests % 120 === 40) return [429, { error: 'slow down' }, { 'retry-after': '1' }]
    if (faults && requests % 120 === 90) return [503, { error: 'try again later' }]
    if (searchParams.get('api_key') !== apiKey) return [401, { error: 'unknown api_key' }]
    if (pathname !== '/v1/events') return [404, { error: `no such path: ${pathname}` }]
    // Oldest change first, so what changed since then is the rest of the list.
    const since = Date.parse(searchParams.get('updated_since') ?? '')
    const first = Number.isNaN(since) ? 0 : events.findIndex((event) => Date.parse(event.updated_at) >= since)
    const matching = first === -1 ? [] : events.slice(first)
    const offset = Number(searchParams.get('offset') ?? 0)
    const limit = Math.min(Number(searchParams.get('limit') ?? largestLimit), largestLimit)
    return [200, { data: matching.slice(offset, offset + limit), total: matching.length }]
  }

  const server = createServer(answer)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    advance: ({ updated, added }) => {
      const changed = events.splice(0, updated).map((event) => {
        now += 1000
        return { ...event, quantity: event.quantity + 100, updated_at: new Date(now).toISOString() }
      })
      const next = events.length + changed.length + 1
      const fresh = Array.from({ length: added }, (_, index) => {
        now += 1000
        return makeEvent(next + index, now)
      })
      events.push(...changed, ...fresh)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
