import { type MillraceEvent, type Page, secret } from '@millrace/core'
import type { ReadContext, Stream } from '@millrace/pipeline'
import {
  type AuthConfig,
  type EndpointConfig,
  env,
  type ResourceConfig,
  type RestConfig,
  readRestConfig,
  restSource,
} from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, type HttpServer, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { type Reading, readPages } from '../../../test/support/read-pages.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'

const it = suite('restSource')

let server: HttpServer
async function serve(handler: Handler): Promise<string> {
  server = await startHttpServer(handler)
  return server.url
}
it.after.each(() => server.close())

const context = (reading: Reading = {}): ReadContext => ({
  mode: 'incremental',
  signal: new AbortController().signal,
  emit: () => {},
  ...reading,
})

function onlyStream(config: RestConfig): Stream {
  const [stream] = restSource(config).streams()
  if (!stream) throw new Error('no stream')
  return stream
}

const streamOf = (baseUrl: string, endpoint: EndpointConfig, more: Partial<ResourceConfig> = {}): Stream =>
  onlyStream({ client: { baseUrl, retry: { maxRetries: 0 } }, resources: [{ name: 'things', ...more, endpoint }] })

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ rows }) => rows.map((row) => row['id']))

/** The server learns of a closed connection a little later, and of one left open only after seconds. */
async function allClosed(): Promise<void> {
  for (let tries = 0; server.connections > 0; tries++) {
    if (tries > 500) throw new Error(`${server.connections} connections are still open`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** An API like most: `{ total, data }`, offset and limit. */
const eventsApi =
  (count: number): Handler =>
  ({ query }) => {
    const start = Number(query.get('offset'))
    const ids = Array.from({ length: count }, (_, index) => index + 1)
    return { json: { total: count, data: ids.slice(start, start + Number(query.get('limit'))).map((id) => ({ id })) } }
  }

it('reads an API with a key in the query, page by page, as a dlt configuration describes it', async () => {
  const url = await serve(eventsApi(250))
  const source = restSource(
    readRestConfig({
      client: {
        base_url: url,
        auth: { type: 'api_key', name: 'api_key', api_key: 's3cr3t-key', location: 'query' },
        paginator: { type: 'offset', limit: 100 },
      },
      resources: [
        {
          name: 'events',
          primary_key: 'id',
          write_disposition: 'merge',
          endpoint: { path: 'v1/events', data_selector: 'data' },
        },
      ],
    }),
    { name: 'example' },
  )
  assert.is(source.name, 'example')
  const [stream] = source.streams()
  assert.ok(stream)
  assert.is(stream.name, 'events')
  assert.equal(stream.primaryKey, ['id'])
  assert.is(stream.disposition, 'merge')
  const iterator = stream.read(context())[Symbol.asyncIterator]()
  assert.is(server.requests.length, 0)
  const sizes: number[] = []
  for (let requests = 1; requests <= 3; requests++) {
    const { value } = await iterator.next()
    sizes.push(value.rows.length)
    assert.is(value.meta.total, 250)
    assert.not.match(value.meta.url, /s3cr3t/)
    assert.not.match(JSON.stringify(value.position), /s3cr3t/)
    assert.is(server.requests.length, requests)
  }
  assert.ok((await iterator.next()).done)
  assert.equal(sizes, [100, 100, 50])
  assert.equal(
    server.requests.map((request) => [
      request.path,
      ...['api_key', 'offset', 'limit'].map((name) => request.query.get(name)),
    ]),
    ['0', '100', '200'].map((offset) => ['/v1/events', 's3cr3t-key', offset, '100']),
  )
})

it('goes on after the checkpoint of any page', async () => {
  const url = await serve(eventsApi(25))
  const stream = streamOf(url, { paginator: { type: 'offset', limit: 10 } })
  const all = await readPages(stream)
  for (const [index, { position }] of all.entries()) {
    assert.equal(idsOf(await readPages(stream, { checkpoint: position })), idsOf(all.slice(index + 1)))
  }
})

it('goes on where a limit of pages stopped the last run, and starts anew after a finished one', async () => {
  const url = await serve(eventsApi(25))
  const stream = streamOf(url, { paginator: { type: 'offset', limit: 10, maxPages: 2 } })
  const first = await readPages(stream)
  const second = await readPages(stream, { committed: first.at(-1)?.position ?? {} })
  assert.equal(
    [first, second].map((pages) => idsOf(pages).length),
    [20, 5],
  )
  assert.is(idsOf(await readPages(stream, { committed: second.at(-1)?.position ?? {} })).length, 20)
})

it('starts anew where a limit of pages stopped a run of another configuration', async () => {
  const url = await serve(eventsApi(25))
  const limited = streamOf(url, { paginator: { type: 'offset', limit: 10, maxPages: 1 } })
  const stopped = { committed: (await readPages(limited)).at(-1)?.position ?? {} }
  const other = streamOf(url, { paginator: { type: 'offset', limit: 10 }, params: { author: 'ada' } })
  assert.is(idsOf(await readPages(other, stopped)).length, 25)
  const same = streamOf(url, { paginator: { type: 'offset', limit: 10, maxPages: 9 } })
  assert.is(idsOf(await readPages(same, stopped)).length, 15)
})

it('closes its connections at the end, on break and on failure', async () => {
  const url = await serve((_, index) => (index === 2 ? { status: 400 } : { json: [{ id: index }] }))
  const stream = streamOf(url, { paginator: 'offset' })
  for await (const _ of stream.read(context())) break
  await allClosed()
  const { code } = await failureOf(readPages(stream))
  assert.is(code, 'E_HTTP_STATUS')
  await allClosed()
})

it('rejects with signal.reason on abort', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const url = await serve(() => {
    controller.abort(reason)
    return { fault: 'hang' }
  })
  try {
    await readPages(streamOf(url, {}), { signal: controller.signal })
    assert.unreachable()
  } catch (thrown) {
    assert.is(thrown, reason)
  }
})

it('retries as configured, the endpoint over the client', async () => {
  const url = await serve((_, index) => (index < 2 ? { status: 418 } : { json: [{ id: index }] }))
  const clock = recordingClock()
  const config: RestConfig = {
    client: { baseUrl: url, retry: { maxRetries: 0 } },
    resources: [{ name: 'a', endpoint: { retry: { maxRetries: 3, statuses: [418] } } }],
  }
  const [stream] = restSource(config, { clock, random: () => 0.5 }).streams()
  assert.ok(stream)
  const events: MillraceEvent[] = []
  assert.equal(idsOf(await readPages(stream, { emit: (event) => events.push(event) })), [2])
  assert.is(events.filter(({ type }) => type === 'retry').length, 2)
})

it('sends credentials where the API expects them', async () => {
  const url = await serve(() => ({ json: [] }))
  const auths: AuthConfig[] = [
    { type: 'api_key', apiKey: 'k3y' },
    { type: 'api_key', apiKey: env('THE_KEY', { THE_KEY: 'k3y' }), name: 'x-key', location: 'header' },
    { type: 'api_key', apiKey: secret('k3y'), name: 'key', location: 'query' },
    { type: 'api_key', apiKey: 'k3y', name: 'key', location: 'param' },
    { type: 'api_key', apiKey: 'k3y', name: 'key', location: 'cookie' },
    { token: 't0ken' },
    { type: 'bearer', token: 't0ken' },
    { type: 'http_basic', username: 'me', password: 'p4ss' },
  ]
  for (const auth of auths) {
    const [stream] = restSource({ client: { baseUrl: url, auth }, resources: ['a'] }).streams()
    assert.ok(stream)
    await readPages(stream)
  }
  assert.equal(
    server.requests.map(({ url, headers }) => headers['authorization'] ?? headers['x-key'] ?? headers['cookie'] ?? url),
    ['k3y', 'k3y', '/a?key=k3y', '/a?key=k3y', 'key=k3y', 'Bearer t0ken', 'Bearer t0ken', 'Basic bWU6cDRzcw=='],
  )
})

it('shows a secret header in no error, also where the API sends it back', async () => {
  const url = await serve(({ headers }) => ({ status: 400, json: { got: headers['x-token'] } }))
  const client = { baseUrl: url, headers: { 'x-token': secret('h1dden-token') } }
  const thrown = await failureOf(readPages(onlyStream({ client, resources: ['a'] })))
  assert.is(server.requests[0]?.headers['x-token'], 'h1dden-token')
  assert.not.match(JSON.stringify({ ...thrown, message: thrown.message }), /h1dden/)
})

it('sends method, parameters, headers and body, and merges defaults as dlt does', async () => {
  const url = await serve(() => ({ json: { data: [{ id: 1 }] } }))
  const stream = onlyStream({
    client: { baseUrl: `${url}/v2`, headers: { 'x-client': 'c', 'x-both': 'client' } },
    resourceDefaults: {
      endpoint: { params: { a: 1, b: 'x' }, headers: { 'x-default': 'd' }, json: { p: 1, q: { r: 1 } } },
    },
    resources: [
      {
        name: 'search',
        tableName: 'found',
        endpoint: {
          method: 'POST',
          params: { b: true, c: ['u', 'v'], d: null },
          headers: { 'X-Both': 'endpoint' },
          json: { q: { s: 2 }, query: 'query { posts { id } }' },
        },
      },
    ],
  })
  assert.is(stream.table, 'found')
  await readPages(stream)
  const [request] = server.requests
  assert.is(request?.method, 'POST')
  assert.is(request?.url, '/v2/search?a=1&b=true&c=u&c=v')
  assert.equal(JSON.parse(request?.body ?? ''), { p: 1, q: { s: 2 }, query: 'query { posts { id } }' })
  assert.is(request?.headers['x-client'], 'c')
  assert.is(request?.headers['x-both'], 'endpoint')
  assert.is(request?.headers['x-default'], 'd')
})

it('takes strings as resources and leaves out what is not selected', async () => {
  const url = await serve(() => ({ json: [] }))
  const source = restSource({
    client: { baseUrl: url },
    resources: ['a', { name: 'b', selected: false }, { name: 'c', endpoint: 'path/of/c' }],
  })
  assert.equal(
    source.streams().map(({ name }) => name),
    ['a', 'c'],
  )
  assert.is(source.name, '127.0.0.1')
  for (const stream of source.streams()) await readPages(stream)
  assert.equal(
    server.requests.map(({ path }) => path),
    ['/a', '/path/of/c'],
  )
})

it('keeps integers beyond 2^53 exactly', async () => {
  const url = await serve(() => ({
    headers: { 'content-type': 'application/json' },
    body: '{"data":[{"id":9007199254740993}]}',
  }))
  assert.equal(idsOf(await readPages(streamOf(url, {}))), [9007199254740993n])
})

it('finds rows by name, as a list, or as one object', async () => {
  const bodies: unknown[] = [
    { meta: { count: 1 }, results: [{ id: 1 }] },
    [{ id: 2 }],
    { id: 3, tags: ['x', 'y'], values: [1, 2] },
    { data: [] },
    null,
  ]
  const url = await serve(() => ({ json: bodies.shift() }))
  const found: unknown[] = []
  while (bodies.length > 0) found.push(...idsOf(await readPages(streamOf(url, {}))))
  assert.equal(found, [1, 2, 3])
})

it('fails where two lists may hold the rows, and where a later page has them elsewhere', async () => {
  const url = await serve(({ path, query }): Reply => {
    if (path === '/two') return { json: { data: [{ id: 1 }], items: [{ id: 2 }] } }
    if (path === '/gone') return { json: query.get('offset') === '0' ? { items: [{ id: 1 }] } : { message: 'no more' } }
    return { json: query.get('offset') === '0' ? { id: 1 } : { items: [{ id: 2 }] } }
  })
  const two = await failureOf(readPages(streamOf(url, { path: 'two' })))
  assert.is(two.code, 'E_SELECTOR')
  assert.match(two.message, /more than one place where the rows may be: data, items; set data_selector/)
  const gone = await failureOf(readPages(streamOf(url, { path: 'gone', paginator: 'offset' })))
  assert.match(gone.message, /"items" matches nothing.*message; an earlier page/)
  const late = await failureOf(readPages(streamOf(url, { path: 'late', paginator: 'offset' })))
  assert.match(late.message, /rows under "items", and the pages before it/)
})

it('selects by dotted path and by JSONPath', async () => {
  const body = {
    a: { list: [{ id: 1 }], one: { id: 2 }, none: null },
    groups: [{ members: [{ id: 3 }, { id: 4 }] }, { members: [{ id: 5 }] }],
    mixed: [
      { id: 6, on: true },
      { id: 7, on: false },
    ],
  }
  const url = await serve(() => ({ json: body }))
  for (const [dataSelector, ids] of [
    ['a.list', [1]],
    ['$.a.list', [1]],
    ['a.one', [2]],
    ['a.none', []],
    ['groups[*].members', [3, 4, 5]],
    ['$.groups[0].members[*]', [3, 4]],
    ['$.mixed[?@.on == true]', [6]],
    ['$.mixed[?@.id > 100]', []],
    ['$..members[*]', [3, 4, 5]],
  ] as const) {
    assert.equal(idsOf(await readPages(streamOf(url, { dataSelector, paginator: 'single_page' }))), ids, dataSelector)
  }
})

it('fails where a selector matches nothing, naming the keys that are there', async () => {
  const url = await serve(() => ({ json: { events: [], paging: {} } }))
  for (const dataSelector of ['data', '$.data[?@.x]', '$..data', '$.data[0]']) {
    const { code, message } = await failureOf(readPages(streamOf(url, { dataSelector })))
    assert.is(code, 'E_SELECTOR')
    assert.match(message, /matches nothing in the answer of http:.*has the keys events, paging; check data_selector/)
  }
  assert.equal(idsOf(await readPages(streamOf(url, { dataSelector: 'data', onMissingSelector: 'empty' }))), [])
})

it('fails where a row is no object, with its index', async () => {
  const url = await serve(() => ({ json: { data: [{ id: 1 }, 5] } }))
  const { code, message } = await failureOf(readPages(streamOf(url, { dataSelector: 'data' })))
  assert.is(code, 'E_ROW')
  assert.match(message, /row 1 .*is a number/)
})

it('refuses a filter over integers that it cannot compare', async () => {
  const url = await serve(() => ({
    headers: { 'content-type': 'application/json' },
    body: '{"data":[{"id":9007199254740993}]}',
  }))
  const { code } = await failureOf(readPages(streamOf(url, { dataSelector: '$.data[?@.id > 1]' })))
  assert.is(code, 'E_SELECTOR')
})

it('counts the items a filter dropped when it pages by offset', async () => {
  const url = await serve(({ query }) => {
    const start = Number(query.get('offset'))
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9].slice(start, start + 3)
    return { json: { data: ids.map((id) => ({ id, odd: id % 2 === 1 || id > 6 })) } }
  })
  const stream = streamOf(url, { dataSelector: '$.data[?@.odd == true]', paginator: { type: 'offset', limit: 3 } })
  assert.equal(idsOf(await readPages(stream)), [1, 3, 5, 7, 8, 9])
})

it('fails where an answer says that there is more and not how to ask for it', async () => {
  const rows = [{ id: 1 }]
  const replies: [Reply, RegExp | undefined][] = [
    [{ json: rows, headers: { 'x-total-count': '250' } }, /the X-Total-Count header is 250/],
    [{ json: { data: rows, total: 250 } }, /"total" is 250/],
    [{ json: { data: rows, page: 20, totalPages: 9 } }, /"totalPages" is 9/],
    [{ json: { data: rows, meta: { has_more: true } } }, /"meta\.has_more" is true/],
    [{ json: { data: rows, paging: { next_url: { text: 'x' } } } }, /"paging\.next_url" is set/],
    [{ json: { data: rows, total: 1, next: null, has_more: false } }, undefined],
    [{ json: rows, headers: { 'x-total-count': '1', link: '<https://x/?page=1>; rel="prev"' } }, undefined],
    [{ json: { id: 7, total: 250, next: 'step' } }, undefined],
  ]
  const url = await serve((_, index) => replies[index]?.[0] ?? { status: 500 })
  for (const [, expected] of replies) {
    const reading = readPages(streamOf(url, {}))
    if (expected === undefined) assert.is((await reading).length, 1)
    else {
      const { code, message } = await failureOf(reading)
      assert.is(code, 'E_PAGINATOR')
      assert.match(message, expected)
      assert.match(message, /paginator: single_page/)
    }
  }
})

it('takes a single page without question where somebody chose it', async () => {
  const url = await serve(() => ({ json: { data: [{ id: 1 }], total: 250 } }))
  assert.equal(idsOf(await readPages(streamOf(url, { paginator: 'single_page' }))), [1])
})

it('takes the paginator of the endpoint, then of the defaults, then of the client', async () => {
  const url = await serve(() => ({ json: [] }))
  const source = restSource({
    client: { baseUrl: url, paginator: { type: 'offset', limit: 7 } },
    resources: [
      'a',
      { name: 'b', endpoint: { paginator: 'single_page' } },
      { name: 'c', endpoint: { paginator: null } },
    ],
  })
  for (const stream of source.streams()) await readPages(stream)
  assert.equal(
    server.requests.map((request) => request.url),
    ['/a?offset=0&limit=7', '/b', '/c?offset=0&limit=7'],
  )
})

it('has a configuration digest that changes with the rows and not with credentials, pace or retries', async () => {
  const baseUrl = await serve(() => ({ json: [] }))
  const digest = (client: Partial<RestConfig['client']>, endpoint: EndpointConfig = {}) =>
    onlyStream({ client: { baseUrl, ...client }, resources: [{ name: 'a', endpoint }] }).configuration
  const base = digest({})
  assert.match(base ?? '', /^[0-9a-f]{64}$/)
  assert.is(digest({ auth: { token: 'x' }, timeout: 3, headers: { 'x-api-key': 'k' }, retry: { maxRetries: 9 } }), base)
  assert.is(digest({}, { retry: { maxRetries: 9 }, params: { api_key: 'k' } }), base)
  assert.is(digest({ paginator: { type: 'offset', maxPages: 3 } }), digest({ paginator: { type: 'offset' } }))
  assert.is(digest({}, { params: { b: 1, a: 2 } }), digest({}, { params: { a: 2, b: 1 } }))
  const others = [
    digest({}, { params: { a: 1 } }),
    digest({}, { params: { author: 'ada', sort_key: 'id' } }),
    digest({}, { params: { author: 'bob', sort_key: 'id' } }),
    digest({}, { dataSelector: 'data' }),
    digest({ paginator: 'offset' }),
    digest({ headers: { 'accept-language': 'de' } }),
    digest({}, { incremental: { cursorPath: 'at', initialValue: 1 } }),
  ]
  assert.is(new Set([base, ...others]).size, 8)
})

it('warns of an answer that says nothing, and takes null for a miss of the selector', async () => {
  for (const body of ['null', '{}']) {
    const url = await serve(() => ({ headers: { 'content-type': 'application/json' }, body }))
    const warnings: string[] = []
    const emit = (event: MillraceEvent): void => void (event.type === 'warning' && warnings.push(event.message))
    assert.equal(idsOf(await readPages(streamOf(url, {}), { emit })), [])
    assert.match(warnings.join(), `is ${body}, which is taken as no rows`)
    assert.is((await failureOf(readPages(streamOf(url, { dataSelector: 'data' })))).code, 'E_SELECTOR')
    if (body === 'null') await server.close()
  }
})

it.run()
