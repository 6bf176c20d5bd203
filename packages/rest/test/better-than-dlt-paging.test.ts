import type { MillraceEvent, Page, Position } from '@millrace/core'
import type { Paginator } from '@millrace/paginate'
import { type RestConfig, readRestConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler, HttpServer, RecordedRequest } from '../../../test/support/http-server.ts'
import { columnOf, readPages } from '../../../test/support/read-pages.ts'
import { createServe } from './configured-api.ts'

// What dlt's REST source loses, repeats or fails on, measured with version 1.26.0. Configurations are in its spelling.
const it = suite('paging and selection where dlt goes wrong')

const serve = createServe(it)

interface Read {
  readonly ids: readonly unknown[]
  readonly pages: readonly Page[]
  readonly warnings: readonly string[]
}

async function read(server: HttpServer, endpoint: object, client: object = {}, checkpoint?: Position): Promise<Read> {
  const config = { client: { base_url: server.url, ...client }, resources: [{ name: 'items', endpoint }] }
  const [stream] = restSource(readRestConfig(config)).streams()
  if (!stream) throw new Error('no stream')
  const warnings: string[] = []
  const emit = (event: MillraceEvent): void => void (event.type === 'warning' && warnings.push(event.message))
  const pages = await readPages(stream, { emit, ...(checkpoint && { checkpoint }) })
  return { ids: columnOf(pages, 'id'), pages, warnings }
}

const ids = Array.from({ length: 10 }, (_, index) => index + 1)
const rowsFrom = (start: number, limit = 2) => ids.slice(start, start + limit).map((id) => ({ id }))
/** Pages of two of ten rows, counted from `base`; no rows before it. */
const pageFrom = ({ query }: RecordedRequest, base: number) => {
  const page = Number(query.get('page') ?? base)
  return { page, rows: page < base ? [] : rowsFrom((page - base) * 2) }
}
const askedFor = (server: HttpServer, name: string) => server.requests.map(({ query }) => query.get(name))

it('an API found to count pages from 1 is read once from the first page to the last', async () => {
  const server = await serve((request) => {
    const { page, rows } = pageFrom(request, 1)
    return { json: { data: rows, page, total_pages: 5 } }
  })
  for (const paginator of [undefined, 'auto']) {
    const before = server.requests.length
    assert.equal((await read(server, { ...(paginator && { paginator }) })).ids, ids)
    assert.equal(askedFor(server, 'page').slice(before), [null, '2', '3', '4', '5'])
  }
})

it('an API found to count pages from 0 is read once from the first page to the last', async () => {
  const server = await serve((request) => {
    const { page, rows } = pageFrom(request, 0)
    return { json: { data: rows, page, total_pages: 5 } }
  })
  assert.equal((await read(server, {})).ids, ids)
  assert.equal(askedFor(server, 'page'), [null, '1', '2', '3', '4'])
})

it('an API that counts pages and does not say from where loses nothing: it is read, or the run fails', async () => {
  for (const base of [0, 1]) {
    const server = await serve((request) => ({ json: { data: pageFrom(request, base).rows, total_pages: 5 } }))
    if (base === 0) assert.equal((await read(server, {})).ids, ids)
    else {
      const { code, message } = await failureOf(read(server, {}))
      assert.is(code, 'E_PAGE_LOOP')
      assert.match(message, /set the paginator/)
    }
  }
})

it('offset is found out', async () => {
  const server = await serve(({ query }) => {
    const skip = Number(query.get('skip'))
    return { json: { data: rowsFrom(skip), skip, limit: 2, total: 10 } }
  })
  const { ids: found, warnings } = await read(server, {})
  assert.equal(found, ids)
  assert.equal(warnings, [])
  assert.equal(askedFor(server, 'skip'), [null, '2', '4', '6', '8'])
})

it('a cursor in a header is found out', async () => {
  const server = await serve(({ query }) => {
    const start = Number(query.get('cursor'))
    return { json: rowsFrom(start), headers: { 'x-next-cursor': start < 8 ? `${start + 2}` : '' } }
  })
  assert.equal((await read(server, {})).ids, ids)
})

it('auto at an endpoint finds out, whatever the client has', async () => {
  const server = await serve(({ query }) => {
    const start = Number(query.get('after'))
    return { json: { data: rowsFrom(start), next: start < 8 ? `?after=${start + 2}` : null } }
  })
  const client = { paginator: 'single_page' }
  assert.equal((await read(server, { paginator: 'auto' }, client)).ids, ids)
  assert.equal((await read(server, { paginator: null }, client)).ids, [1, 2])
})

it('every shape that is found out goes on from every page after a crash', async () => {
  const answers: Handler[] = [
    (request) => ({
      json: { items: pageFrom(request, 1).rows, current_page: pageFrom(request, 1).page, last_page: 5 },
    }),
    ({ query }) => {
      const start = Number(query.get('cursor'))
      return { json: { data: rowsFrom(start), meta: { next_cursor: start < 8 ? start + 2 : null } } }
    },
    ({ query, headers }) => {
      const start = Number(query.get('after'))
      const link = start < 8 ? `<http://${headers['host']}/items?after=${start + 2}>; rel="next"` : ''
      return { json: rowsFrom(start), headers: { link } }
    },
  ]
  for (const answer of answers) {
    const server = await serve(answer)
    const all = await read(server, {})
    assert.equal(all.ids, ids)
    for (const [index, { position }] of all.pages.entries()) {
      const checkpoint = JSON.parse(JSON.stringify(position)) as Position
      assert.equal((await read(server, {}, {}, checkpoint)).ids, ids.slice((index + 1) * 2))
    }
  }
})

it('page_number by name reads an API that counts from 1', async () => {
  const server = await serve((request) => ({ json: { data: pageFrom(request, 1).rows } }))
  assert.equal((await read(server, { paginator: 'page_number' })).ids, ids)
})

it('offset reads an API that says no total', async () => {
  const server = await serve(({ query }) => ({ json: { data: rowsFrom(Number(query.get('offset'))) } }))
  assert.equal((await read(server, { paginator: { type: 'offset', limit: 2 } })).ids, ids)
})

it('offset loses no row of a server that gives fewer than it was asked for', async () => {
  const server = await serve(({ query }) => ({ json: { data: rowsFrom(Number(query.get('offset')), 3), total: 10 } }))
  assert.equal((await read(server, { paginator: { type: 'offset', limit: 5 } })).ids, ids)
  assert.equal(askedFor(server, 'offset'), ['0', '3', '6', '9'])
})

it('has_more asks for nothing at the maximum or beyond', async () => {
  const server = await serve((request) => ({ json: { data: pageFrom(request, 1).rows, more: true } }))
  const paginator = { type: 'page_number', base_page: 1, maximum_page: 3, has_more_path: 'more' }
  assert.equal((await read(server, { paginator })).ids, [1, 2, 3, 4])
})

it('a cursor of 0 is a cursor', async () => {
  const server = await serve(({ query }) => {
    const cursor = query.get('cursor')
    return { json: { data: [{ id: cursor ?? 'first' }], next: cursor === null ? 0 : null } }
  })
  const paginator = { type: 'cursor', cursor_path: 'next' }
  assert.equal((await read(server, { paginator })).ids, ['first', '0'])
})

it('has_more without a cursor is an error', async () => {
  const server = await serve(() => ({ json: { data: [{ id: 1 }], next: null, has_more: true } }))
  const paginator = { type: 'cursor', cursor_path: 'next', has_more_path: 'has_more' }
  const { code } = await failureOf(read(server, { paginator }))
  assert.is(code, 'E_PAGINATOR')
  assert.is(server.requests.length, 1)
})

it('an initial cursor is sent with the first request', async () => {
  const server = await serve(({ query }) => ({ json: { data: [{ id: query.get('cursor') }] } }))
  assert.equal((await read(server, { paginator: { type: 'cursor', initial_cursor: '*' } })).ids, ['*'])
})

it('an empty cursor in a header is the end', async () => {
  const server = await serve(() => ({ json: [{ id: 1 }], headers: { next: '' } }))
  await read(server, { paginator: 'header_cursor' })
  assert.is(server.requests.length, 1)
})

it('an empty link is the end, and a link to its own page an error', async () => {
  const server = await serve(({ url }, index) => ({ json: { data: [{ id: index }], next: index === 0 ? '' : url } }))
  await read(server, { paginator: 'json_link' })
  assert.is(server.requests.length, 1)
  const { code } = await failureOf(read(server, { paginator: 'json_link' }))
  assert.is(code, 'E_PAGE_LOOP')
  assert.is(server.requests.length, 2)
})

it('a selector over lists in a list gives their items, however many there are', async () => {
  for (const data of [[rowsFrom(0, 4)], [rowsFrom(0, 1), rowsFrom(1, 3)]]) {
    const server = await serve(() => ({ json: { data } }))
    assert.equal((await read(server, { data_selector: 'data[*]', paginator: 'single_page' })).ids, [1, 2, 3, 4])
  }
})

it('a selector that matches nothing is an error that lists the keys', async () => {
  const server = await serve(() => ({ json: { posts: [{ id: 1 }] } }))
  const { code, message } = await failureOf(read(server, { data_selector: 'items' }))
  assert.is(code, 'E_SELECTOR')
  assert.match(message, /has the keys posts/)
})

it('a list of errors is never taken for the rows', async () => {
  const server = await serve(() => ({ json: { errors: [], posts: [{ id: 1 }] } }))
  assert.equal((await read(server, {})).ids, [1])
})

it('one thing with a list inside is one row', async () => {
  const server = await serve(() => ({ json: { id: 1, tags: ['x', 'y'] } }))
  const { pages } = await read(server, { path: 'items/1' })
  assert.equal(
    pages.flatMap(({ rows }) => rows),
    [{ id: 1, tags: ['x', 'y'] }],
  )
})

it('a name with capital letters is the same name', async () => {
  const server = await serve(() => ({ json: { Data: [{ id: 1 }], Status: 'ok' } }))
  assert.equal((await read(server, {})).ids, [1])
})

it('a list that first appears in a later page is an error', async () => {
  const server = await serve((_, index) => ({ json: index === 0 ? { note: 'a', by: 'b' } : { data: [{ id: 1 }] } }))
  const { code, message } = await failureOf(read(server, { paginator: { type: 'offset', limit: 1 } }))
  assert.is(code, 'E_SELECTOR')
  assert.match(message, /rows under "data", and the pages before it had no such list/)
})

it('a start value at the end of a path does not make it the path of one thing', async () => {
  const server = await serve((request) => {
    const { page, rows } = pageFrom(request, 1)
    return { json: { data: rows, page, total_pages: 5 } }
  })
  for (const path of ['since/{incremental.start_value}', 'items?since={incremental.start_value}']) {
    const endpoint = { path, incremental: { cursor_path: 'id', initial_value: 0 } }
    assert.equal((await read(server, endpoint)).ids, ids)
  }
})

it('an answer without a body has no rows', async () => {
  const server = await serve(() => ({ status: 204 }))
  assert.equal((await read(server, {})).ids, [])
})

it('rows that differ from the total of the API are told', async () => {
  const server = await serve((request) => {
    const { page, rows } = pageFrom(request, 1)
    return { json: { data: rows, page, total_pages: 4, total: 10 } }
  })
  const { ids: found, warnings } = await read(server, {})
  assert.is(found.length, 8)
  assert.equal(warnings, [
    'the API says that there are 10 rows in all, and 8 came: rows were added or removed meanwhile, or its pages leave some out',
  ])
})

it('a paginator of your own works, and goes on from every page', async () => {
  /** Letters in place of numbers, and a memo of how many pages there were. */
  const byLetter: Paginator = {
    name: 'letters',
    first: () => ({ query: { letter: 'a' }, memo: { pages: 1 } }),
    next({ rows }, { query, memo }) {
      if (rows.length === 0) return undefined
      const letter = String.fromCharCode(String(query?.['letter']).charCodeAt(0) + 1)
      return { query: { letter }, memo: { pages: Number(memo?.['pages']) + 1 } }
    },
  }
  const server = await serve(({ query }) => ({
    json: { data: rowsFrom(((query.get('letter') ?? '').charCodeAt(0) - 97) * 2) },
  }))
  const all = await read(server, { paginator: byLetter })
  assert.equal(all.ids, ids)
  assert.equal(askedFor(server, 'letter'), ['a', 'b', 'c', 'd', 'e', 'f'])
  for (const [index, { position }] of all.pages.entries()) {
    const checkpoint = JSON.parse(JSON.stringify(position)) as Position
    assert.equal((await read(server, { paginator: byLetter }, {}, checkpoint)).ids, ids.slice((index + 1) * 2))
  }
  const config: RestConfig = {
    client: { baseUrl: server.url, paginator: byLetter },
    resources: [{ name: 'items', endpoint: 'items' }],
  }
  assert.is(restSource(config).streams().length, 1)
})

it('a cursor that is a list goes into the body', async () => {
  const server = await serve(({ body }) => {
    const [after = 0] = (JSON.parse(body) as { search_after?: number[] }).search_after ?? []
    return { json: { hits: { hits: rowsFrom(after).map(({ id }) => ({ id, sort: [id] })) } } }
  })
  const { ids: found } = await read(server, {
    method: 'POST',
    json: { size: 2, sort: ['id'] },
    paginator: { type: 'cursor', cursor_path: 'hits.hits[-1].sort', cursor_body_path: 'search_after' },
  })
  assert.equal(found, ids)
  assert.equal(JSON.parse(server.requests[1]?.body ?? ''), { size: 2, sort: ['id'], search_after: [2] })
})

it('relative links count from the page they came with, and the body of a POST goes with them', async () => {
  for (const link of ['/v1/items?start=2', '?start=2', 'items?start=2', '//HOST/v1/items?start=2']) {
    const server = await serve(({ query, headers, body }) => {
      const start = Number(query.get('start'))
      const next = start === 0 ? link.replace('HOST', String(headers['host'])) : null
      return { json: { data: [{ id: `${start} ${body}` }], next } }
    })
    const endpoint = { method: 'POST', json: { q: 1 }, params: { first: 'only' }, paginator: 'json_link' }
    const { ids: found } = await read(server, endpoint, { base_url: `${server.url}/v1` })
    assert.equal(found, ['0 {"q":1}', '2 {"q":1}'])
    assert.equal(
      server.requests.map(({ url }) => url),
      ['/v1/items?first=only', '/v1/items?start=2'],
    )
  }
})

it('a Link header with letters beyond ASCII is followed as it was sent', async () => {
  const server = await serve(({ query, headers }) => {
    if (query.get('q') === 'größe') return { json: [{ id: 2 }] }
    const body = '[{"id":1}]'
    const link = `Link: <http://${headers['host']}/items?q=größe>; rel="next"`
    const head = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${body.length}`, link]
    return { fault: 'raw', bytes: `${head.join('\r\n')}\r\n\r\n${body}` }
  })
  assert.equal((await read(server, {})).ids, [1, 2])
})

it.run()
