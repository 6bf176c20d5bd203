import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemsOf } from '../../../test/support/config-problems.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler } from '../../../test/support/http-server.ts'
import { readPages } from '../../../test/support/read-pages.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { configuredSource, createServe, load, read } from './configured-api.ts'

// What dlt's REST source does to configurations and requests, measured with version 1.26.0, and what happens here.
const it = suite('requests where dlt goes wrong')
const serve = createServe(it)

const oneRow: Handler = () => ({ json: [{ id: 1 }] })

/** Parents with these values as `id`, and children that repeat the path they were asked for. */
const family =
  (...values: readonly unknown[]): Handler =>
  ({ path, url }) => ({ json: path === '/parents' ? values.map((id) => ({ id })) : [{ id: url }] })

const parents = { name: 'parents', selected: false, endpoint: { data_selector: '$', paginator: 'single_page' } }
const child = (endpoint: object) => ({ name: 'children', endpoint: { paginator: 'single_page', ...endpoint } })

const base_url = 'https://api.example.com'

it('a base URL with a query string keeps both its path and its parameters', async () => {
  const server = await serve(oneRow)
  const client = { base_url: `${server.url}/api?key=1` }
  await read(server, { client, resources: [{ name: 'items', endpoint: { params: { a: 'b' } } }] })
  await read(server, { client, resources: [{ name: 'items', endpoint: 'items?c=d' }] })
  assert.equal(
    server.requests.map(({ url }) => url),
    ['/api/items?key=1&a=b', '/api/items?key=1&c=d'],
  )
})

it('an absolute path to another host is refused, and gets no credentials where it is allowed', async () => {
  const home = await serve(oneRow)
  const other = await serve(() => ({ json: [{ id: 2 }] }))
  const config = (client: object) => ({
    client: { auth: { token: 'canary' }, headers: { 'x-plain': 'yes' }, ...client },
    resources: [{ name: 'items', endpoint: `${other.url}/items` }],
  })
  assert.is((await failureOf(read(home, config({})))).code, 'E_CROSS_ORIGIN')
  assert.is(other.requests.length, 0)
  assert.equal((await read(home, config({ allowed_hosts: [other.host] }))).ids, [2])
  assert.is(other.requests[0]?.headers['authorization'], undefined)
  assert.is(home.requests.length, 0)
})

it('an absolute path to the same host gets the credentials', async () => {
  const server = await serve(oneRow)
  const resources = [{ name: 'items', endpoint: `${server.url}/elsewhere` }]
  await read(server, { client: { base_url: `${server.url}/v1`, auth: { token: 'abcd' } }, resources })
  assert.equal(
    server.requests.map(({ path, headers }) => [path, headers['authorization']]),
    [['/elsewhere', 'Bearer abcd']],
  )
})

it('a resource with headers of its own keeps those of the defaults and of the client', async () => {
  const server = await serve(oneRow)
  await read(server, {
    client: { headers: { 'x-client': '1', 'x-all': 'client' } },
    resource_defaults: { endpoint: { headers: { 'x-default': '2', 'X-All': 'default' } } },
    resources: [{ name: 'items', endpoint: { headers: { 'x-own': '3', 'x-ALL': 'own' } } }],
  })
  const headers = server.requests[0]?.headers
  assert.equal(
    ['x-client', 'x-default', 'x-own', 'x-all'].map((name) => headers?.[name]),
    ['1', '2', '3', 'own'],
  )
})

it('null takes away what the defaults say: the body, the selector, the paginator, the incremental', async () => {
  const server = await serve(({ body }) => ({ json: { data: [{ id: body }], next: '/x' } }))
  const { ids } = await read(server, {
    client: { paginator: 'single_page' },
    resource_defaults: {
      endpoint: {
        method: 'POST',
        json: { a: 1 },
        data_selector: 'nothing',
        paginator: 'json_link',
        incremental: { cursor_path: 'nothing' },
      },
    },
    resources: [{ name: 'items', endpoint: { json: null, data_selector: null, paginator: null, incremental: null } }],
  })
  assert.equal(ids, [''])
  assert.is(server.requests.length, 1)
})

it('a body of a resource may take the place of another kind of body in the defaults', async () => {
  const server = await serve(({ body }) => ({ json: [{ id: body }] }))
  const cases: [defaults: object, own: object, sent: string][] = [
    [{ data: { a: 1 } }, { data: null, json: { b: 2 } }, '{"b":2}'],
    [{ json: { a: 1 } }, { json: null, data: { b: 2 } }, 'b=2'],
    [{ data: { a: 1 } }, { data: null }, ''],
    [{ data: { a: 1 } }, { data: 'text' }, 'text'],
  ]
  for (const [defaults, own, sent] of cases) {
    const resource_defaults = { endpoint: { method: 'POST', ...defaults } }
    assert.equal((await read(server, { resource_defaults, resources: [{ name: 'a', endpoint: own }] })).ids, [sent])
  }
})

it('params and json are merged key by key, and the rest is replaced whole', async () => {
  const server = await serve(oneRow)
  await read(server, {
    resource_defaults: {
      endpoint: { method: 'POST', params: { a: 1, b: 2 }, json: { deep: { a: 1 }, b: 2 }, path: 'default' },
    },
    resources: [{ name: 'items', endpoint: { params: { b: 3, c: 4 }, json: { deep: { c: 3 } }, path: 'own' } }],
  })
  assert.is(server.requests[0]?.url, '/own?a=1&b=3&c=4')
  assert.is(server.requests[0]?.body, '{"deep":{"c":3},"b":2}')
})

it('a resource without a name is a problem with a path', () => {
  const [problem, ...others] = problemsOf({ client: { base_url }, resources: ['a', { endpoint: 'b' }] })
  assert.equal([problem?.path, others.length], ['resources[1].name', 0])
})

it('a method that is not taken, and a key in the wrong place, are problems with what is right', () => {
  for (const method of ['PUT', 'post']) {
    const [problem] = problemsOf({ client: { base_url }, resources: [{ name: 'a', endpoint: { method } }] })
    assert.equal(problem, { path: 'resources[0].endpoint.method', message: 'expected "GET" or "POST"' })
  }
  const [misplaced] = problemsOf({ client: { base_url, data_selector: 'data' }, resources: ['a'] })
  assert.is(misplaced?.path, 'client.data_selector')
})

it('two bodies are a problem before any request', () => {
  const endpoint = { method: 'POST', json: {}, data: {} }
  assert.equal(problemsOf({ client: { base_url }, resources: [{ name: 'a', endpoint }] }), [
    {
      path: 'resources[0].endpoint.data',
      message: 'a request has one body: json or data; null takes away what the defaults say',
    },
  ])
})

it('an object given in code is not changed', async () => {
  const server = await serve(oneRow)
  const config = {
    client: { base_url: server.url, headers: { a: 'b' } },
    resource_defaults: { endpoint: { params: { a: 1 } } },
    resources: [{ name: 'items', endpoint: { params: { b: 2 } } }],
  }
  const before = structuredClone(config)
  await read(server, config)
  assert.equal(config, before)
})

it('braces of a GraphQL query need no doubling, and doubled ones mean the same', async () => {
  const server = await serve(({ path, body }) => ({ json: path === '/parents' ? [{ id: 7 }] : [{ id: body }] }))
  for (const query of ['query { post(id: {resources.parents.id}) { title } }', 'query {{ post {{ title }} }}']) {
    const endpoint = { path: 'graphql', method: 'POST', json: { query, id: '{resources.parents.id}' } }
    const { ids } = await read(server, { resources: [parents, child(endpoint)] }, { stream: 'children' })
    const sent = JSON.parse(String(ids[0])) as { query: string; id: unknown }
    assert.match(sent.query, /^query \{ post(\(id: 7\))? \{ title \} \}$/)
    assert.is(sent.id, 7)
  }
})

it('values are written as JSON writes them, lists repeat a parameter, and null leaves it out', async () => {
  const server = await serve(({ path, url }) =>
    path === '/parents' ? { json: [{ id: 1, no: null, yes: true, list: [1, 2] }] } : { json: [{ id: url }] },
  )
  const params = {
    no: '{resources.parents.no}',
    yes: '{resources.parents.yes}',
    list: '{resources.parents.list}',
    text: 'is {resources.parents.yes}',
  }
  const { ids } = await read(server, { resources: [parents, child({ path: 'c', params })] }, { stream: 'children' })
  assert.equal(ids, ['/c?yes=true&list=1&list=2&text=is%20true'])
})

it('a value in a path adds no segment and starts no query, and one that climbs is refused', async () => {
  const config = { resources: [parents, child({ path: 'c/{resources.parents.id}/z' })] }
  const server = await serve(family('a/b', 'e?x=1', 'f#g', '%2e%2e'))
  assert.equal((await read(server, config, { stream: 'children' })).ids, [
    '/c/a%2Fb/z',
    '/c/e%3Fx%3D1/z',
    '/c/f%23g/z',
    '/c/%252e%252e/z',
  ])
  const climbing = await serve(family('..'))
  assert.is((await failureOf(read(climbing, config, { stream: 'children' }))).code, 'E_PATH')
  assert.is(climbing.requests.length, 1)
  for (const path of ['c/{resources.parents.id}?token=canary', 'c/{resources.parents.no}?token=canary']) {
    const server = await serve(({ path: asked }) => ({ json: asked === '/parents' ? [{ id: '..', no: null }] : [] }))
    const { code, message } = await failureOf(
      read(server, { resources: [parents, child({ path })] }, { stream: 'children' }),
    )
    assert.is(code, 'E_PATH')
    assert.not.match(message, /canary/)
  }
})

it('equal values of parents are asked for once on request: 1, 1, 2 are 2 requests', async () => {
  for (const [unique_parents, requests] of [
    [true, 2],
    [false, 3],
  ] as const) {
    const server = await serve(family(1, 1, 2))
    const config = { resources: [parents, { ...child({ path: 'c/{resources.parents.id}/z' }), unique_parents }] }
    await read(server, config, { stream: 'children' })
    assert.is(server.requests.length - 1, requests)
  }
})

it('a field that a parent lacks, or a child is to take over from it, is named with the keys there are', async () => {
  const server = await serve(({ path }) => ({ json: path === '/parents' ? [{ id: 1 }, { key: 2, b: 3 }] : [] }))
  const byPath = await failureOf(
    read(server, { resources: [parents, child({ path: 'c/{resources.parents.id}/z' })] }, { stream: 'children' }),
  )
  assert.match(byPath.message, /row 1 \(counted from 0\) of "parents" .* has no "id", .* its keys: key, b/)
  const including = { ...child({ path: 'c/{resources.parents.id}/z' }), include_from_parent: ['title'] }
  const byInclude = await failureOf(read(server, { resources: [parents, including] }, { stream: 'children' }))
  assert.is(byInclude.code, 'E_PARENT_FIELD')
  assert.match(byInclude.message, /has no "title"/)
})

it('a missing first value sends no parameter, by placeholder and by name', async () => {
  const server = await serve(() => ({ json: [{ id: 1, at: 5 }] }))
  for (const endpoint of [
    { params: { since: '{incremental.start_value}' }, incremental: { cursor_path: 'at' } },
    { incremental: { cursor_path: 'at', start_param: 'since' } },
  ]) {
    const first = await read(server, { resources: [{ name: 'items', endpoint }] })
    const committed = first.pages.at(-1)?.position ?? {}
    await read(server, { resources: [{ name: 'items', endpoint }] }, { committed })
  }
  assert.equal(
    server.requests.map(({ url }) => url),
    ['/items', '/items?since=5', '/items', '/items?since=5'],
  )
})

it('an api key in a cookie is sent, and one in the query stands once in a link that repeats it', async () => {
  const server = await serve(
    ({ query, headers, host = headers['host'] }: Parameters<Handler>[0] & { host?: unknown }) => {
      const page = Number(query.get('page') ?? 1)
      const next = `http://${String(host)}/items?k=a%26b&page=${page + 1}`
      return { json: { data: [{ id: page }], next: page < 3 && query.has('k') ? next : null } }
    },
  )
  const paginator = 'json_link'
  const inCookie = { type: 'api_key', name: 'sid', api_key: 'abcd', location: 'cookie' }
  await read(server, { client: { auth: inCookie, paginator }, resources: ['items'] })
  assert.is(server.requests[0]?.headers['cookie'], 'sid=abcd')
  const inQuery = { type: 'api_key', name: 'k', api_key: 'a&b', location: 'query' }
  const { ids } = await read(server, { client: { auth: inQuery, paginator }, resources: ['items'] })
  assert.equal(ids, [1, 2, 3])
  for (const { query } of server.requests.slice(1)) assert.equal(query.getAll('k'), ['a&b'])
})

it('a link to another host gets no credentials', async () => {
  const other = await serve(() => ({ json: { data: [{ id: 2 }], next: null } }))
  const home = await serve(() => ({ json: { data: [{ id: 1 }], next: `${other.url}/items?page=2` } }))
  const client = { auth: { token: 'canary' }, paginator: 'json_link' }
  assert.is((await failureOf(read(home, { client, resources: ['items'] }))).code, 'E_CROSS_ORIGIN')
  const allowed = { ...client, allowed_hosts: [other.host] }
  assert.equal((await read(home, { client: allowed, resources: ['items'] })).ids, [1, 2])
  assert.equal(
    other.requests.map(({ headers }) => headers['authorization']),
    [undefined],
  )
})

it('resources at the top are read four at a time', async () => {
  const waiting: (() => void)[] = []
  const server = await serve(async () => {
    // Nobody is answered before four have asked.
    if (waiting.length === 3) for (const go of waiting) go()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return { json: [{ id: 1 }] }
  })
  await withTempFolder(async (folder) => {
    const report = await load(server, { resources: ['a', 'b', 'c', 'd'] }, folder)
    assert.equal(
      report.streams.map(({ read: rows }) => rows),
      [1, 1, 1, 1],
    )
  })
})

const secretNames = [
  ...['api_key', 'token', 'key', 'access_token', 'apikey', 'api-key', 'access-token', 'secret', 'password', 'pwd'],
  'client_secret',
  'API_KEY',
]

it('an error and every event say which URL it was, without what has the name of a credential', async () => {
  for (const name of secretNames) {
    const server = await serve(({ url }) => ({ status: 404, json: { error: `no such thing: ${url}` } }))
    const events: unknown[] = []
    const source = configuredSource(server, {
      client: { base_url: `${server.url}/?${name}=canary-1` },
      resources: [{ name: 'items', endpoint: { params: { [`${name}`]: 'canary-2', q: 'open' } } }],
    })
    const [stream] = source.streams()
    if (!stream) throw new Error('no stream')
    const failure = await failureOf(readPages(stream, { emit: (event) => events.push(event) }))
    assert.is(failure.code, 'E_HTTP_STATUS')
    assert.match(failure.message, /q=open.* answered 404.*no such thing/)
    assert.is(events.length, 2)
    assert.not.match(JSON.stringify([failure.message, failure.context, String(failure.stack), events]), /canary/, name)
  }
})

it.run()
