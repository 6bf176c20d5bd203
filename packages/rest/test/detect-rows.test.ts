import type { MillraceEvent, Page, Position } from '@millrace/core'
import { type EndpointConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readPages } from '../../../test/support/read-pages.ts'
import { createServe } from './configured-api.ts'

const it = suite('rows that nobody selected')

const serve = createServe(it)

interface Read {
  readonly pages: readonly Page[]
  readonly rows: readonly unknown[]
  readonly events: readonly Extract<MillraceEvent, { type: 'detected' }>[]
}

async function read(url: string, endpoint: EndpointConfig = {}, checkpoint?: Position): Promise<Read> {
  const [stream] = restSource({ client: { baseUrl: url }, resources: [{ name: 'items', endpoint }] }).streams()
  const events: Extract<MillraceEvent, { type: 'detected' }>[] = []
  if (!stream) throw new Error('no stream')
  const emit = (event: MillraceEvent): void => void (event.type === 'detected' && events.push(event))
  const pages = await readPages(stream, { emit, ...(checkpoint && { checkpoint }) })
  return { pages, rows: pages.flatMap((page) => page.rows), events }
}

const rows = [{ id: 1 }, { id: 2 }]

const places: readonly [body: unknown, dataSelector: string][] = [
  [rows, '$'],
  [{ data: rows }, 'data'],
  [{ Data: rows, Page: { Size: 2 } }, 'Data'],
  [{ RESULTS: rows }, 'RESULTS'],
  [{ '@odata.context': 'https://x/$metadata', value: rows }, 'value'],
  [{ response: { data: { items: rows } } }, 'response.data.items'],
  [{ _embedded: { orders: rows }, _links: { self: { href: '/orders' } } }, '_embedded.orders'],
  [{ data: { repositories: { nodes: rows, edges: rows.map((node) => ({ node })) } } }, 'data.repositories.nodes'],
  [
    { data: { repositories: { edges: rows.map((node) => ({ node, cursor: 'x' })) } } },
    'data.repositories.edges[*].node',
  ],
  [{ data: { organization: { repositories: { nodes: rows } } } }, 'data.organization.repositories.nodes'],
  [{ took: 3, timed_out: false, hits: { total: { value: 2 }, hits: rows } }, 'hits.hits'],
  [{ d: { results: rows } }, 'd.results'],
  [{ posts: rows, meta: {} }, 'posts'],
  [{ errors: [], posts: rows }, 'posts'],
  [
    { errors: [{ code: 1 }], warnings: [{ code: 2 }], links: [{ rel: 'x' }], included: [{ id: 9 }], posts: rows },
    'posts',
  ],
  [{ data: rows, included: [{ id: 9 }] }, 'data'],
  [{ messages: rows, resultSizeEstimate: 2 }, 'messages'],
  [{ messages: [{ text: 'old version' }], posts: rows }, 'posts'],
  [{ result: rows, success: true, errors: [], messages: [] }, 'result'],
  [{ status: 'ok', result: { widgets: rows } }, 'result.widgets'],
  [{ jsonrpc: '2.0', result: { items: rows } }, 'result.items'],
  [{ 'list of rows': rows }, "['list of rows']"],
  [{ data: rows, things: [{ x: 1 }] }, 'data'],
  [{ things: { items: rows }, data: rows }, 'data'],
  [{ id: 'request-1', object: 'list', data: rows }, 'data'],
  [{ generated: 'today', by: 'me', pagination: {}, posts: rows }, 'posts'],
]

for (const [body, dataSelector] of places) {
  it(`finds them at ${dataSelector} of ${JSON.stringify(body).slice(0, 90)}`, async () => {
    const server = await serve(() => ({ json: body }))
    const { rows: found, events } = await read(server.url)
    assert.equal(found, rows)
    assert.equal(
      events.map((event) => event.dataSelector),
      [dataSelector],
    )
    // What was found is what can be configured.
    assert.equal((await read(server.url, { dataSelector, paginator: 'single_page' })).rows, rows)
  })
}

it('takes a body for one row where it is an entity, whatever lists it holds', async () => {
  for (const body of [
    { id: 1, tags: ['x', 'y'] },
    { id: 1, lines: [{ sku: 'a' }], total: 99.5, currency: 'EUR' },
    { uuid: 'a', comments: [{ text: 'x' }] },
    { name: 'ada', email: 'a@x', addresses: [{ city: 'x' }], phones: [{ number: '1' }] },
    { base: 'EUR', date: '2026-01-01', rates: [{ usd: 1.1 }] },
    { id: 1, name: 'x', address: { values: [{ a: 1 }] } },
    { data: { id: 1, parts: [{ a: 1 }] } },
    { name: 'ada', next_of_kin: 'bob', children: [{ name: 'eve' }] },
    { count: 5 },
    { data: null, ok: true },
  ]) {
    const server = await serve(() => ({ json: body }))
    const { rows: found, events } = await read(server.url)
    assert.equal(found, [body])
    assert.is(events[0]?.dataSelector, '$')
  }
})

it('fails where two places are equally good, naming both', async () => {
  for (const [body, named] of [
    [{ data: rows, items: rows }, 'data, items'],
    [{ items: [], data: [] }, 'items, data'],
    [{ items: [], data: rows }, 'items, data'],
    [{ items: [], posts: rows }, 'items, posts'],
    [{ posts: rows, users: rows }, 'posts, users'],
    [{ data: { posts: rows, users: rows } }, 'data.posts, data.users'],
    [{ id: 1, next: 'x', posts: rows }, 'posts, $ (the whole answer as one row)'],
    [{ id: 7, status: 'paid', buyer: 'ada', items: rows }, 'items, $ (the whole answer as one row)'],
    [{ theme: 'dark', plugins: rows }, 'plugins, $ (the whole answer as one row)'],
    [{ data: { title: 'x', posts: rows } }, 'data.posts, data'],
    [{ id: 1, name: 'x', result: { items: rows } }, 'result.items, $ (the whole answer as one row)'],
  ] as const) {
    const server = await serve(() => ({ json: body }))
    const { code, message } = await failureOf(read(server.url))
    assert.is(code, 'E_SELECTOR')
    assert.ok(
      message.includes(`where the rows may be: ${named}; set data_selector`),
      `${JSON.stringify(body)}: ${message}`,
    )
  }
})

it('fails where nothing but errors came', async () => {
  const server = await serve(() => ({ json: { errors: [{ message: 'no such field' }], data: null } }))
  const { code, message } = await failureOf(read(server.url))
  assert.is(code, 'E_SELECTOR')
  assert.match(message, /no rows but a list "errors"/)
})

it('has no rows where there is nothing to see, and says nothing of it', async () => {
  for (const body of [{}, { resultSizeEstimate: 0 }, { total: 0, page: 1, next: null }]) {
    const server = await serve(() => ({ json: body }))
    const { rows: found, events, pages } = await read(server.url)
    assert.equal(found, [])
    assert.equal(events, [])
    assert.is(pages.length, 1)
  }
})

it('reads on over a first page that leaves out its list', async () => {
  const server = await serve((_, index) => ({ json: index === 0 ? { nextPageToken: 'b' } : { files: rows } }))
  assert.equal((await read(server.url)).rows, rows)
  assert.is(server.requests[1]?.url, '/items?pageToken=b')
})

it('finds an empty list under a usual name', async () => {
  for (const [body, dataSelector] of [
    [{ data: [] }, 'data'],
    [{ total: 0, results: [] }, 'results'],
    [{ data: { repositories: { edges: [] } } }, 'data.repositories.edges[*].node'],
  ] as const) {
    const server = await serve(() => ({ json: body }))
    const { rows: found, events } = await read(server.url)
    assert.equal(found, [])
    assert.is(events[0]?.dataSelector, dataSelector)
  }
})

it('takes a later page without the list for an empty one where nothing else is in it', async () => {
  for (const last of [{}, { next: null, total: 2 }, { data: [] }, { data: null }, { paging: { offset: 2 } }]) {
    const server = await serve((_, index) => ({ json: index === 0 ? { data: rows } : last }))
    const { rows: found } = await read(server.url, { paginator: { type: 'offset', limit: 2 } })
    assert.equal(found, rows)
    assert.is(server.requests.length, 2)
  }
})

it('fails where a later page has something else in place of the list', async () => {
  const server = await serve((_, index) => ({ json: index === 0 ? { items: rows } : { message: 'gone' } }))
  const { code, message } = await failureOf(read(server.url, { paginator: { type: 'offset', limit: 2 } }))
  assert.is(code, 'E_SELECTOR')
  assert.match(message, /"items" matches nothing .*an earlier page had its rows there/)
})

it('tells what was found once in a read, ready to paste, and nothing where a run goes on', async () => {
  const server = await serve(({ query }) => {
    const page = Number(query.get('page') ?? 1)
    return { json: { posts: [{ id: page }], meta: { page, total_pages: 3 } } }
  })
  const { rows: found, events, pages } = await read(server.url)
  assert.equal(found, [{ id: 1 }, { id: 2 }, { id: 3 }])
  assert.equal(events, [
    {
      type: 'detected',
      stream: 'items',
      paginator: { type: 'page_number', basePage: 1, pageParam: 'page', totalPath: 'meta.total_pages' },
      dataSelector: 'posts',
      reason:
        '"posts" is the only list of objects; "meta.page" is 1 and "meta.total_pages" is 3, and pages are asked for by "page"',
    },
  ])
  const { paginator, dataSelector = '' } = events[0] ?? {}
  const configured = await read(server.url, { paginator: paginator as never, dataSelector })
  assert.equal(configured.rows, found)
  assert.equal(configured.events, [])
  const rest = await read(server.url, {}, JSON.parse(JSON.stringify(pages[0]?.position)))
  assert.equal([rest.rows, rest.events], [[{ id: 2 }, { id: 3 }], []])
})

it('selects by the spellings in common use, and refuses the others with a word about it', async () => {
  const body = {
    '@odata.value': rows,
    data: { items: [{ attributes: { id: 1 } }, { attributes: { id: 2 } }], pages: [[{ id: 9 }], rows] },
  }
  const server = await serve(() => ({ json: body }))
  for (const dataSelector of [
    "['@odata.value']",
    '["@odata.value"]',
    "$['@odata.value']",
    'data.items[*].attributes',
    '$.data.items[*].attributes',
    'data.items.[*].attributes',
    'data.pages[-1]',
    "data['pages'][1]",
    '$.data.pages.[1]',
  ]) {
    assert.equal((await read(server.url, { dataSelector, paginator: 'single_page' })).rows, rows, dataSelector)
  }
  for (const dataSelector of ['@odata.value', 'data.`this`', 'data where items', 'data.items[']) {
    const failure = await failureOf(read(server.url, { dataSelector }))
    assert.match(
      failure.message,
      /in brackets and quotes, such as \['@odata\.nextLink'\]|matches nothing/,
      dataSelector,
    )
  }
})

it.run()
