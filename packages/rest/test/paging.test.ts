import { type MillraceEvent, type Page, type Position, secret } from '@millrace/core'
import { offset } from '@millrace/paginate'
import type { Stream } from '@millrace/pipeline'
import { type ClientConfig, type EndpointConfig, type PaginatorSettings, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { RecordedRequest, Reply } from '../../../test/support/http-server.ts'
import { readPages } from '../../../test/support/read-pages.ts'
import { createServe } from './configured-api.ts'

const it = suite('paging of restSource')

const serve = createServe(it)

function streamOf(baseUrl: string, endpoint: EndpointConfig, more: Partial<ClientConfig> = {}): Stream {
  const client = { baseUrl, retry: { maxRetries: 0 }, ...more }
  const [stream] = restSource({ client, resources: [{ name: 'items', endpoint }] }).streams()
  if (!stream) throw new Error('no stream')
  return stream
}

const read = (stream: Stream, checkpoint?: Position): Promise<Page[]> =>
  readPages(stream, { ...(checkpoint && { checkpoint }) })

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ rows }) => rows.map((row) => row['id']))

const ids = Array.from({ length: 25 }, (_, index) => index + 1)
const rowsFrom = (start: number) => ids.slice(start, start + 10).map((id) => ({ id }))
const more = (start: number) => start + 10 < ids.length
const jsonOf = ({ body }: RecordedRequest) => JSON.parse(body) as Record<string, Record<string, unknown>>

interface Case {
  readonly name: string
  readonly paginator: PaginatorSettings | PaginatorSettings['type']
  readonly answer: (request: RecordedRequest) => Reply
  readonly requests?: number
  readonly endpoint?: EndpointConfig
}

const cases: Case[] = [
  {
    name: 'page_number by name, of an API that counts from 0',
    paginator: 'page_number',
    answer: ({ query }) => ({ json: { data: rowsFrom(Number(query.get('page')) * 10) } }),
    requests: 4,
  },
  {
    name: 'page_number by name, of an API that counts from 1',
    paginator: 'page_number',
    answer: ({ query }) => ({
      json: { data: query.get('page') === '0' ? [] : rowsFrom(Number(query.get('page')) * 10 - 10) },
    }),
    requests: 5,
  },
  {
    name: 'page_number with base and total',
    paginator: { type: 'page_number', basePage: 1, pageParam: 'p', totalPath: 'meta.pages' },
    answer: ({ query }) => ({ json: { data: rowsFrom(Number(query.get('p')) * 10 - 10), meta: { pages: 3 } } }),
  },
  {
    name: 'page_number in the body',
    paginator: { type: 'page_number', basePage: 1, pageBodyPath: 'paging.page', hasMorePath: 'more' },
    endpoint: { method: 'POST', json: { paging: { size: 10 } } },
    answer: (request) => {
      const start = Number(jsonOf(request)['paging']?.['page']) * 10 - 10
      return { json: { data: rowsFrom(start), more: more(start) } }
    },
  },
  {
    name: 'offset in the body',
    paginator: { type: 'offset', limit: 10, offsetBodyPath: 'page.from', limitBodyPath: 'page.size' },
    endpoint: { method: 'POST' },
    answer: (request) => {
      const page = jsonOf(request)['page']
      assert.is(page?.['size'], 10)
      return { json: { data: rowsFrom(Number(page?.['from'])), total: 25 } }
    },
  },
  {
    name: 'cursor',
    paginator: { type: 'cursor', cursorPath: 'next', cursorParam: 'after' },
    answer: ({ query }) => {
      const start = Number(query.get('after'))
      return { json: { data: rowsFrom(start), next: more(start) ? start + 10 : null } }
    },
  },
  {
    name: 'cursor in the body of a POST',
    paginator: { type: 'cursor', cursorPath: 'page.end', cursorBodyPath: 'variables.after', hasMorePath: 'page.more' },
    endpoint: { method: 'POST', json: { query: '{ items { id } }', variables: { first: 10 } } },
    answer: (request) => {
      const { query, variables = {} } = jsonOf(request)
      assert.is(query, '{ items { id } }')
      assert.is(variables['first'], 10)
      const start = Number(variables['after'] ?? 0)
      return { json: { data: rowsFrom(start), page: { more: more(start), end: `${start + 10}` } } }
    },
  },
  {
    name: 'header_cursor',
    paginator: { type: 'header_cursor', cursorKey: 'x-next', cursorParam: 'c' },
    answer: ({ query }) => {
      const start = Number(query.get('c'))
      return { json: rowsFrom(start), headers: { 'x-next': more(start) ? `${start + 10}` : '' } }
    },
  },
  {
    name: 'header_link, absolute',
    paginator: 'header_link',
    answer: ({ query, headers }) => {
      const start = Number(query.get('after'))
      const at = (after: number) => `<http://${headers['host']}/v1/items?after=${after}>`
      const link = `${at(0)}; rel="first"${more(start) ? `, ${at(start + 10)}; rel="next"` : ''}`
      return { json: rowsFrom(start), headers: { link } }
    },
  },
  ...['?after=', 'items?after=', '/v1/items?after='].map(
    (prefix): Case => ({
      name: `json_link, relative as in ${prefix}`,
      paginator: prefix === '?after=' ? 'json_response' : { type: 'json_link', nextUrlPath: 'links.next' },
      endpoint: { params: { first: 1 } },
      answer: ({ query, path }) => {
        assert.is(path, '/v1/items')
        const start = Number(query.get('after'))
        // A link says all: what it leaves out is not sent.
        assert.is(query.has('first'), start === 0)
        const next = more(start) ? `${prefix}${start + 10}` : ''
        return { json: { data: rowsFrom(start), next, links: { next } } }
      },
    }),
  ),
]

for (const { name, paginator, answer, requests = 3, endpoint } of cases) {
  it(`reads every row and goes on from every position: ${name}`, async () => {
    const server = await serve((request) => answer(request))
    const stream = streamOf(`${server.url}/v1`, { paginator, ...endpoint })
    const all = await read(stream)
    assert.equal(idsOf(all), ids)
    assert.is(server.requests.length, requests)
    for (const [index, { position }] of all.entries()) {
      assert.equal(await withoutTimes(read(stream, position)), await withoutTimes(all.slice(index + 1)))
    }
  })
}

async function withoutTimes(pages: readonly Page[] | Promise<readonly Page[]>): Promise<unknown> {
  return (await pages).map(({ rows, position }) => ({ rows, position }))
}

it('stops after max_pages with a position that leads on', async () => {
  const server = await serve(({ query }) => {
    const start = Number(query.get('after'))
    return { json: { data: rowsFrom(start), next: more(start) ? `?after=${start + 10}` : null } }
  })
  const stream = streamOf(server.url, { paginator: { type: 'json_link', maxPages: 2 } })
  const first = await read(stream)
  assert.equal(idsOf(first), ids.slice(0, 20))
  assert.equal(idsOf(await read(stream, first.at(-1)?.position)), ids.slice(20))
})

it('ends in E_PAGE_LOOP where a link leads to its own page', async () => {
  const server = await serve(({ url }, index) => ({
    json: { data: [{ id: index }], next: index === 0 ? '?p=2' : url },
  }))
  const { code, message } = await failureOf(read(streamOf(server.url, { paginator: 'json_link' })))
  assert.is(code, 'E_PAGE_LOOP')
  assert.match(message, /leads to http:\/\/127\.0\.0\.1:\d+\/items\?p=2, which was read before/)
  assert.is(server.requests.length, 2)
})

it('finds the loop at the first page, also where the link repeats the key', async () => {
  const server = await serve(({ url }, index) => ({ json: { data: [{ id: index }], next: url } }))
  const auth = { type: 'api_key', apiKey: 'canary-5ecret', name: 'k', location: 'query' } as const
  const { code, message } = await failureOf(read(streamOf(server.url, { paginator: 'json_link' }, { auth })))
  assert.is(code, 'E_PAGE_LOOP')
  assert.not.match(message, /canary/)
  assert.is(server.requests.length, 1)
})

it('follows no link to another origin, and sends no credentials to one that is allowed', async () => {
  const other = await serve(() => ({ json: { data: [{ id: 2 }] } }))
  const server = await serve(({ query }) => ({
    json: { data: [{ id: 1 }], next: `${other.url}/items?p=2&k=${query.get('k')}&api_key=${query.get('api_key')}` },
  }))
  const auth = { type: 'api_key', apiKey: 'canary-5ecret', name: 'k', location: 'query' } as const
  const endpoint: EndpointConfig = { paginator: 'json_link', params: { api_key: 'canary-param' } }
  const { code } = await failureOf(read(streamOf(server.url, endpoint, { auth })))
  assert.is(code, 'E_CROSS_ORIGIN')
  assert.is(other.requests.length, 0)
  const pages = await read(streamOf(server.url, endpoint, { auth, allowedHosts: [other.host] }))
  assert.equal(idsOf(pages), [1, 2])
  assert.equal(
    other.requests.map(({ url }) => url),
    ['/items?p=2'],
  )
})

it('stores no credential that a link repeats, and sends each where it belongs', async () => {
  const auths: [ClientConfig['auth'], (request: RecordedRequest) => unknown][] = [
    [
      { type: 'api_key', apiKey: 'canary 5ecret', name: 'api key', location: 'query' },
      ({ query }) => query.getAll('api key').join(),
    ],
    [{ token: 'canary 5ecret'.replace(' ', '-') }, ({ headers }) => headers['authorization']],
    [undefined, ({ headers }) => headers['x-key']],
  ]
  for (const [auth, sent] of auths) {
    const server = await serve((request) => {
      const { url, query, headers } = request
      const start = Number(query.get('after'))
      const echoed = `access=${encodeURIComponent(String(sent(request)).replace('Bearer ', ''))}`
      const separator = url.includes('?') ? '&' : '?'
      const next = `http://user:canary@${headers['host']}${url.replace(/[?&]after=\d+/, '')}${separator}after=${start + 10}&${echoed}`
      return { json: { data: rowsFrom(start), next: more(start) ? next : null } }
    })
    const client: Partial<ClientConfig> = { ...(auth ? { auth } : { headers: { 'x-key': secret('canary-header') } }) }
    const endpoint: EndpointConfig = { paginator: 'json_link', params: { token: 'canary-param', order: 'id' } }
    const stream = streamOf(`${server.url}/?pwd=canary-base`, endpoint, client)
    const pages = await read(stream)
    assert.equal(idsOf(pages), ids)
    assert.is(server.requests.length, 3)
    for (const { position, meta } of pages) {
      assert.not.match(JSON.stringify([position, meta?.url]), /canary|access=/)
      assert.is(
        (await read(stream, position)).length,
        pages.length - 1 - pages.findIndex((p) => p.position === position),
      )
    }
    for (const request of server.requests) {
      assert.match(String(sent(request)), /^(Bearer )?canary[ -]\w+$/)
      assert.equal(
        ['token', 'pwd', 'order', 'access'].map((name) => request.query.getAll(name)),
        [['canary-param'], ['canary-base'], ['id'], []],
      )
    }
  }
})

it('stores no older value of the key either, and none that is short', async () => {
  const server = await serve((_, index) => ({
    json: { data: [{ id: index }], next: index === 0 ? '?p=2&k=canary-of-last-year' : null },
  }))
  const auth = { type: 'api_key', apiKey: 'k3y', name: 'k', location: 'query' } as const
  const pages = await read(streamOf(server.url, { paginator: 'json_link' }, { auth }))
  assert.not.match(JSON.stringify(pages), /canary/)
  assert.is(server.requests[1]?.url, '/items?p=2&k=k3y')
})

it('warns where it ends after the first page and the answer says that there is more', async () => {
  const bodies = [{ meta: { next_cursor: 'b' } }, { total: 90 }, { next: null, total: 1 }]
  const server = await serve(({ query }) => ({ json: { data: [{ id: 1 }], ...bodies[Number(query.get('n'))] } }))
  for (const [n, said] of [/first page of .*"meta\.next_cursor" is set/, /"total" is 90/, undefined].entries()) {
    const warnings: string[] = []
    const emit = (event: MillraceEvent) => event.type === 'warning' && warnings.push(event.message)
    const stream = streamOf(server.url, { paginator: 'json_link', params: { n } })
    const context = { mode: 'incremental' as const, signal: new AbortController().signal, emit }
    for await (const _ of stream.read(context)) assert.is(warnings.length, said ? 1 : 0)
    if (said) assert.match(warnings[0] ?? '', said)
  }
})

it('misses no row where rows go while offset repeats some, and warns where more went than it repeats', async () => {
  for (const [removed, warned, paginator] of [
    [2, 0, { type: 'offset', limit: 10, overlap: 3 }],
    [5, 1, { type: 'offset', limit: 10, overlap: 3 }],
    [5, 1, offset({ limit: 10, overlap: 3 })],
  ] as const) {
    let rows = ids.map((id) => ({ id }))
    const server = await serve(({ query }, index) => {
      if (index === 1) rows = rows.slice(removed)
      const start = Number(query.get('offset'))
      return { json: { data: rows.slice(start, start + 10), total: rows.length } }
    })
    const warnings: string[] = []
    const emit = (event: MillraceEvent) => event.type === 'warning' && warnings.push(event.message)
    const stream = streamOf(server.url, { paginator })
    const found = new Set(idsOf(await readPages(stream, { emit })))
    const drifts = warnings.filter((message) => message.includes('overlap'))
    assert.is(drifts.length, warned)
    if (warned === 0) assert.equal([...found], ids)
    else {
      assert.is(found.size, ids.length - 2)
      assert.match(drifts[0] ?? '', /page of http:\S+offset=7\S* holds none .*set a larger overlap/)
    }
  }
})

it('fails where a credential stands in a link in a way that cannot be taken out', async () => {
  const server = await serve(({ headers }) => ({
    json: { data: [{ id: 1 }], next: `/items/${headers['x-key']}/2` },
  }))
  const client = { headers: { 'x-key': secret('canary-header') } }
  const { code, message } = await failureOf(read(streamOf(server.url, { paginator: 'json_link' }, client)))
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /holds a credential.*\/items\/\[redacted\]\/2/)
})

it('keeps a link as the API spelled it', async () => {
  const next = '/items?sig=%2f%2F+x&&flag&q=a%20b'
  const server = await serve((_, index) => ({ json: { data: [{ id: index }], next: index === 0 ? next : null } }))
  const auth = { type: 'api_key', apiKey: 'canary-5ecret', name: 'k', location: 'query' } as const
  await read(streamOf(server.url, { paginator: 'json_link' }, { auth }))
  assert.is(server.requests[1]?.url, '/items?sig=%2f%2F+x&flag&q=a%20b&k=canary-5ecret')
})

it('takes a paginator of your own, which may end with null, and names it where it fails', async () => {
  const server = await serve(({ query }) => ({ json: { data: [{ id: query.get('page') ?? '1' }] } }))
  const own = (next: (page: number) => unknown): Stream =>
    streamOf(server.url, {
      paginator: {
        name: 'mine',
        first: () => ({}),
        next: (_, { query }) => next(Number(query?.['page'] ?? 1)) as never,
      },
    })
  assert.equal(idsOf(await read(own((page) => (page < 3 ? { query: { page: page + 1 } } : null)))), ['1', '2', '3'])
  const failing = (): never => {
    throw new TypeError('cursor is undefined')
  }
  for (const [next, message] of [
    [failing, /paginator "mine": its function next failed: cursor is undefined \(answer of http:\S+\/items\)/],
    [() => 'page=2', /paginator "mine": its function next gave string, expected a request/],
  ] as const) {
    const failure = await failureOf(read(own(next)))
    assert.is(failure.code, 'E_PAGINATOR')
    assert.match(failure.message, message)
  }
})

it('resolves a relative link against where a redirect led', async () => {
  const server = await serve(({ path, url }) => {
    if (path === '/items') return { status: 307, headers: { location: '/v2/things' } }
    return { json: { data: [{ id: url }], next: url === '/v2/things' ? 'things?p=2' : null } }
  })
  assert.equal(idsOf(await read(streamOf(server.url, { paginator: 'json_link' }))), ['/v2/things', '/v2/things?p=2'])
})

it('fails where the body of the request has no room for the cursor', async () => {
  const server = await serve(() => ({ json: { data: [{ id: 1 }], next: 'b' } }))
  for (const json of [{ variables: 'text' }, { variables: ['a'] }, ['a']]) {
    const paginator = { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'variables.after' } as const
    const { code, message } = await failureOf(read(streamOf(server.url, { method: 'POST', json, paginator })))
    assert.is(code, 'E_PAGINATOR')
    assert.match(message, /cannot set "variables\.after"/)
  }
})

it.run()
