import { isMillraceError, type Row } from '@millrace/core'
import {
  type Answer,
  auto,
  detectPaginator,
  type PageRequest,
  type PagingSettings,
  paginate,
  type QueryParameters,
} from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const home = 'https://api.example.com/v1/items'
const all: readonly Row[] = Array.from({ length: 45 }, (_, id) => ({ id }))

interface Shape {
  readonly name: string
  /** What an API of this shape answers to a query, ten rows at a time. */
  readonly answer: (query: QueryParameters, rowsAt: (start: number) => readonly Row[]) => Omit<Answer, 'url'>
  readonly settings: PagingSettings
  /** Requests after the first: what was asked for. */
  readonly asked: readonly unknown[]
}

const following = (start: number): number | null => (start + 10 < all.length ? start + 10 : null)
const linkAfter = (query: QueryParameters): string | null => {
  const next = following(Number(query['after'] ?? 0))
  return next === null ? null : `${home}?after=${next}`
}
const links = [10, 20, 30, 40].map((after) => `${home}?after=${after}`)

const shapes: readonly Shape[] = [
  {
    name: 'Link header',
    answer: (query, rowsAt) => ({
      rows: rowsAt(Number(query['after'] ?? 0)),
      headers: new Headers({ link: linkAfter(query) === null ? '' : `<${linkAfter(query)}>; rel="next"` }),
    }),
    settings: { type: 'header_link' },
    asked: links,
  },
  {
    name: 'link in the body',
    answer: (query, rowsAt) => {
      const results = rowsAt(Number(query['after'] ?? 0))
      return { rows: results, body: { count: all.length, next: linkAfter(query), results } }
    },
    settings: { type: 'json_link', nextUrlPath: 'next' },
    asked: links,
  },
  {
    name: 'link of OData',
    answer: (query, rowsAt) => {
      const value = rowsAt(Number(query['after'] ?? 0))
      const next = linkAfter(query)
      return { rows: value, body: { '@odata.context': `${home}#x`, value, ...(next && { '@odata.nextLink': next }) } }
    },
    settings: { type: 'json_link', nextUrlPath: "['@odata.nextLink']" },
    asked: links,
  },
  {
    name: 'pages counted from 1',
    answer: (query, rowsAt) => {
      const page = Number(query['page'] ?? 1)
      const rows = rowsAt((page - 1) * 10)
      return { rows, body: { items: rows, meta: { current_page: page, total_pages: 5, per_page: 10 } } }
    },
    settings: { type: 'page_number', basePage: 1, pageParam: 'page', totalPath: 'meta.total_pages' },
    asked: [2, 3, 4, 5].map((page) => ({ page })),
  },
  {
    name: 'pages counted from 0, as in Spring',
    answer: (query, rowsAt) => {
      const number = Number(query['page'] ?? 0)
      const content = rowsAt(number * 10)
      return { rows: content, body: { content, number, size: 10, totalElements: all.length, totalPages: 5 } }
    },
    settings: { type: 'page_number', basePage: 0, pageParam: 'page', totalPath: 'totalPages' },
    asked: [1, 2, 3, 4].map((page) => ({ page })),
  },
  {
    name: 'pages counted from 0 with no word of it',
    answer: (query, rowsAt) => {
      const rows = rowsAt(Number(query['page'] ?? 0) * 10)
      return { rows, body: { rows, pages: 5 } }
    },
    settings: { type: 'page_number', basePage: 0, pageParam: 'page', totalPath: 'pages' },
    asked: [1, 2, 3, 4].map((page) => ({ page })),
  },
  {
    name: 'pages with a flag',
    answer: (query, rowsAt) => {
      const page = Number(query['pageNo'] ?? 1)
      const rows = rowsAt((page - 1) * 10)
      return { rows, body: { rows, pageNo: page, hasMore: page < 5 } }
    },
    settings: { type: 'page_number', basePage: 1, pageParam: 'pageNo', totalPath: null, hasMorePath: 'hasMore' },
    asked: [2, 3, 4, 5].map((pageNo) => ({ pageNo })),
  },
  {
    name: 'number of the next page',
    answer: (query, rowsAt) => {
      const page = Number(query['page'] ?? 1)
      const rows = rowsAt((page - 1) * 10)
      return { rows, body: { rows, pagination: { next_page: page < 5 ? page + 1 : null } } }
    },
    settings: { type: 'cursor', cursorPath: 'pagination.next_page', cursorParam: 'page', stopAfterEmptyPage: true },
    asked: [2, 3, 4, 5].map((page) => ({ page })),
  },
  {
    name: 'cursor',
    answer: (query, rowsAt) => {
      const start = Number(String(query['cursor'] ?? 'c0').slice(1))
      const rows = rowsAt(start)
      const next = following(start)
      return { rows, body: { rows, response_metadata: { next_cursor: next === null ? '' : `c${next}` } } }
    },
    settings: { type: 'cursor', cursorPath: 'response_metadata.next_cursor', cursorParam: 'cursor' },
    asked: ['c10', 'c20', 'c30', 'c40'].map((cursor) => ({ cursor })),
  },
  {
    name: 'cursor with a flag, as in GraphQL connections',
    answer: (query, rowsAt) => {
      const start = Number(String(query['after'] ?? 'c0').slice(1))
      const nodes = rowsAt(start)
      const pageInfo = { endCursor: `c${start + 10}`, hasNextPage: following(start) !== null }
      return { rows: nodes, body: { data: { repositories: { nodes, pageInfo } } } }
    },
    settings: {
      type: 'cursor',
      cursorPath: 'data.repositories.pageInfo.endCursor',
      cursorParam: 'after',
      hasMorePath: 'data.repositories.pageInfo.hasNextPage',
    },
    asked: ['c10', 'c20', 'c30', 'c40'].map((after) => ({ after })),
  },
  {
    name: 'cursor in a header',
    answer: (query, rowsAt) => {
      const start = Number(query['cursor'] ?? 0)
      return { rows: rowsAt(start), headers: new Headers({ 'x-next-cursor': `${following(start) ?? ''}` }) }
    },
    settings: { type: 'header_cursor', cursorKey: 'x-next-cursor', cursorParam: 'cursor' },
    asked: ['10', '20', '30', '40'].map((cursor) => ({ cursor })),
  },
  {
    name: 'offset',
    answer: (query, rowsAt) => {
      const startAt = Number(query['startAt'] ?? 0)
      const issues = rowsAt(startAt)
      return { rows: issues, body: { startAt, maxResults: 10, total: all.length, issues } }
    },
    settings: { type: 'offset', limit: 10, offsetParam: 'startAt', limitParam: 'maxResults', totalPath: 'total' },
    asked: [10, 20, 30, 40].map((startAt) => ({ startAt, maxResults: 10 })),
  },
  {
    name: 'offset with a flag',
    answer: (query, rowsAt) => {
      const offset = Number(query['offset'] ?? 0)
      const rows = rowsAt(offset)
      return { rows, body: { rows, paging: { offset, limit: 10, has_more: following(offset) !== null } } }
    },
    settings: {
      type: 'offset',
      limit: 10,
      offsetParam: 'offset',
      limitParam: 'limit',
      totalPath: null,
      hasMorePath: 'paging.has_more',
    },
    asked: [10, 20, 30, 40].map((offset) => ({ offset, limit: 10 })),
  },
]

function api({ answer }: Shape): (request: PageRequest) => Answer {
  return ({ url, query }) => {
    const asked = url === undefined ? (query ?? {}) : Object.fromEntries(new URL(url).searchParams)
    return { ...answer(asked, (start) => all.slice(start, start + 10)), url: url ?? home }
  }
}

for (const shape of shapes) {
  testPaginator(`auto, ${shape.name}`, { paginator: auto(), answer: api(shape), rows: all, pages: 5 })
}
testPaginator('auto where nothing is to be found', {
  paginator: auto(),
  answer: () => ({ rows: all, body: { items: all, meta: { version: 3 } } }),
  rows: all,
  pages: 1,
})
testPaginator('auto, pages without a word of their end', {
  paginator: auto(),
  answer: ({ query }) => {
    const page = Number(query?.['page'] ?? 0)
    const rows = all.slice(page * 10, page * 10 + 10)
    return { rows, body: { rows, page, page_size: 10 } }
  },
  rows: all,
  pages: 6,
})

const it = suite('auto')

for (const shape of shapes) {
  it(`finds out and asks for every page once: ${shape.name}`, async () => {
    assert.equal(detectPaginator(api(shape)({}))?.settings, shape.settings)
    const requests: PageRequest[] = []
    const fetchPage = async (request: PageRequest) => {
      requests.push(request)
      return api(shape)(request)
    }
    await readAll(paginate(fetchPage, auto()))
    assert.equal(
      requests.map(({ url, query }) => url ?? query),
      [undefined, ...shape.asked],
    )
  })
}

const rows: readonly Row[] = all.slice(0, 3)
const detect = (body: unknown, more: Partial<Answer> = {}): PagingSettings | undefined =>
  detectPaginator({ rows, body, url: home, ...more })?.settings

it('follows links wherever APIs have them', () => {
  const link = `${home}?page=2`
  for (const [body, path] of [
    [{ next_page_url: link }, 'next_page_url'],
    [{ links: { next: link } }, 'links.next'],
    [{ links: { next: { href: link } } }, 'links.next.href'],
    [{ _links: { next: { href: '/v1/items?page=2' } } }, '_links.next.href'],
    [{ meta: { pagination: { nextLink: '/v1/items?page=2' } } }, 'meta.pagination.nextLink'],
    [{ paging: { next: { after: 'x', link } } }, 'paging.next.link'],
    [{ d: { __next: link, results: rows } }, 'd.__next'],
    [{ next: '?page=2' }, 'next'],
    [{ next: 'items?page=2' }, 'next'],
    [{ nextRecordsUrl: '/services/data/query/01g-2000' }, 'nextRecordsUrl'],
    [{ 'next.page': link }, "['next.page']"],
    [{ next_event: `${home}/5`, next: link }, 'next'],
    [{ next_event: link }, 'next_event'],
  ] as const) {
    assert.equal(detect(body), { type: 'json_link', nextUrlPath: path })
  }
})

it('sends a cursor back by the name that the API gives it', () => {
  for (const [body, path, param] of [
    [{ nextPageToken: 'x' }, 'nextPageToken', 'pageToken'],
    [{ next_page_token: 'x' }, 'next_page_token', 'page_token'],
    [{ NextToken: 'x' }, 'NextToken', 'NextToken'],
    [{ meta: { next_token: 'x' } }, 'meta.next_token', 'next_token'],
    [{ next: 'x' }, 'next', 'cursor'],
    [{ next_cursor: '/x==' }, 'next_cursor', 'cursor'],
    [{ paging: { next: { after: 'x' } } }, 'paging.next.after', 'after'],
    [{ paging: { cursors: { before: 'w', after: 'x' } } }, 'paging.cursors.after', 'after'],
    [{ cursor: 'x' }, 'cursor', 'cursor'],
    [{ _scroll_id: 'x' }, '_scroll_id', 'scroll_id'],
    [{ continuationToken: 'x' }, 'continuationToken', 'continuationToken'],
    [{ records: rows, offset: 'itr/rec' }, 'offset', 'offset'],
  ] as const) {
    assert.equal(detect(body), { type: 'cursor', cursorPath: path, cursorParam: param })
  }
  assert.equal(detect({ page: 1, next: 2 }), {
    type: 'cursor',
    cursorPath: 'next',
    cursorParam: 'page',
    stopAfterEmptyPage: true,
  })
})

it('takes names of parameters from the URL of the endpoint', () => {
  const url = `${home}?per_page=50&p=1&page[number]=1`
  assert.equal(detect({ meta: { currentPage: 1, totalPages: 9 } }, { url }), {
    type: 'page_number',
    basePage: 1,
    pageParam: 'page[number]',
    totalPath: 'meta.totalPages',
  })
  assert.equal(detect({ totalPages: 9 }, { url: `${home}?page=1` }), {
    type: 'page_number',
    basePage: 1,
    pageParam: 'page',
    totalPath: 'totalPages',
  })
  assert.equal(detect({ skip: 0, limit: 50, total: 90 }, { url }), {
    type: 'offset',
    limit: 50,
    offsetParam: 'skip',
    limitParam: 'per_page',
    totalPath: 'total',
  })
})

it('reads on where a total counts no rows, or there is a total and no limit', () => {
  assert.equal(detect({ page: 1, total: 2 }), { type: 'page_number', basePage: 1, pageParam: 'page', totalPath: null })
  assert.equal(detect({ offset: 0, total: 9 }), {
    type: 'offset',
    limit: 3,
    offsetParam: 'offset',
    limitParam: 'limit',
    totalPath: 'total',
  })
})

it('starts from the page that was asked for', () => {
  assert.equal(detect({ offset: 30, limit: 3, total: 90 }, { url: `${home}?offset=30` }), {
    type: 'offset',
    limit: 3,
    offset: 30,
    offsetParam: 'offset',
    limitParam: 'limit',
    totalPath: null,
  })
  assert.equal(detect({ page: 3, pages: 9 }, { url: `${home}?page=3` }), {
    type: 'page_number',
    basePage: 1,
    page: 3,
    pageParam: 'page',
    totalPath: 'pages',
  })
})

it('trusts no total that may be the number of rows of the page, nor one of an offset that counts from 1', () => {
  const offset = { type: 'offset', limit: 3, offsetParam: 'offset', limitParam: 'limit', totalPath: null }
  assert.equal(detect({ offset: 0, limit: 3, total: 3 }), offset)
  assert.equal(detect({ startIndex: 1, itemsPerPage: 3, totalResults: 90 }), {
    ...offset,
    offset: 1,
    offsetParam: 'startIndex',
    limitParam: 'itemsPerPage',
  })
})

it('finds nothing in rows, in lists, and where nothing speaks of pages', () => {
  const entity = { id: 1, next: `${home}/2`, total_pages: 3 }
  for (const [body, given] of [
    [entity, [entity]],
    [{ data: entity }, [entity]],
    [[{ id: 1, next_cursor: 'x' }], [{ id: 1 }]],
    [{ items: [{ next: `${home}/2` }] }, rows],
    [{ user: { next_visit: '/visits/5', pages: 9, cursor: 'x' }, items: rows }, rows],
    [{ items: rows, page: 1 }, rows],
    [{ items: rows, next: null, next_cursor: '', nextPageToken: false, has_more: false }, rows],
    [{ items: rows, next: 0 }, rows],
    [{ items: rows, page: 1, per_page: 10, total: 3 }, rows],
    [{ items: rows, page: 20, total_pages: 9 }, rows],
    [{ items: rows, start: 1_700_000_000, end: 1_700_086_400, limit: 100 }, rows],
    [{ items: rows, from: 1, to: 3, count: 3 }, rows],
    [{ items: rows, offset: 0 }, rows],
    ['text', rows],
    [null, []],
  ] as const) {
    assert.is(detectPaginator({ rows: given, body, url: home }), undefined, JSON.stringify(body))
  }
})

it('says what told it, and where the rows are counted', () => {
  const { reason, rowsPath } = detectPaginator({ rows, body: { meta: { page: 1, pages: 9, total: 26 } } }) ?? {}
  assert.is(reason, '"meta.page" is 1 and "meta.pages" is 9, and pages are asked for by "page"')
  assert.is(rowsPath, 'meta.total')
})

async function failure(answer: (request: PageRequest, index: number) => Answer): Promise<[string, string, number]> {
  let requests = 0
  try {
    await readAll(paginate(async (request) => answer(request, requests++), auto()))
  } catch (thrown) {
    if (isMillraceError(thrown)) return [thrown.code, thrown.message, requests]
    throw thrown
  }
  return ['none', '', requests]
}

it('ends in an error at the second page where the API ignores the parameter', async () => {
  for (const body of [
    { page: 1, pages: 5 },
    { pages: 5 },
    { offset: 0, limit: 3, total: 90 },
    { next_cursor: 'x' },
    { page: 0, has_more: true },
  ]) {
    const [code, message, requests] = await failure(() => ({ rows, body }))
    assert.is(code, 'E_PAGE_LOOP')
    assert.match(message, /paginator "auto": .*set the paginator, and the names of its parameters/)
    assert.is(requests, 2)
  }
})

it('ends in an error also where rows changed meanwhile, and the answer says that it is of another page', async () => {
  for (const [body, said] of [
    [{ page: 1, pages: 5 }, /asked for page=2, and the answer says "page": 1/],
    [{ offset: 0, limit: 1, total: 90 }, /asked for offset=1, and the answer says "offset": 0/],
  ] as const) {
    const [code, message, requests] = await failure((_, index) => ({ rows: [{ id: index }], body }))
    assert.is(code, 'E_PAGINATOR')
    assert.match(message, said)
    assert.is(requests, 2)
  }
})

it('ends in E_PAGE_LOOP also where the run went on from a position', async () => {
  const fetchPage = async () => ({ rows, body: { next_cursor: 'x' } })
  let position = {}
  for await (const page of paginate(fetchPage, auto())) {
    position = JSON.parse(JSON.stringify(page.position))
    break
  }
  const code = await readAll(paginate(fetchPage, auto(), { position })).catch((thrown: { code: string }) => thrown.code)
  assert.is(code, 'E_PAGE_LOOP')
})

it('keeps what the paginator that it found has to remember', async () => {
  const memo = { detected: { settings: { type: 'page_number', totalPath: 'pages' } } }
  const asked: unknown[] = []
  const fetchPage = async ({ query }: PageRequest): Promise<Answer> => {
    asked.push(query?.['page'])
    return { rows: query?.['page'] === 0 ? [] : [{ id: query?.['page'] }], body: { pages: 3 } }
  }
  await readAll(paginate(fetchPage, auto(), { position: { next: { query: { page: 0 }, memo } } }))
  // Page 0 is empty, so they count from 1: a memo of its own says so to the end.
  assert.equal(asked, [0, 1, 2, 3])
})

it('ends in E_PAGE_LOOP where a link leads back to the first page', async () => {
  const [code, , requests] = await failure((_, index) => ({
    rows: [{ id: index }],
    body: { next: index === 0 ? `${home}?page=2` : home },
    url: index === 0 ? home : `${home}?page=2`,
  }))
  assert.is(code, 'E_PAGE_LOOP')
  assert.is(requests, 2)
})

it('refuses a position of another paginator', async () => {
  const position = { next: { query: { page: 1 }, memo: { basePage: 1 } } }
  const read = readAll(paginate(async () => ({ rows }), auto(), { position }))
  assert.is(await read.catch((thrown: { code: string }) => thrown.code), 'E_POSITION')
})

it('tells the total wherever the paginator that was found knows one', async () => {
  const meta = { url: home, status: 200, ms: 1, bytes: 1, attempt: 1 }
  for (const body of [
    { offset: 0, limit: 3, total: 26 },
    { next: '?page=2', count: 26 },
  ]) {
    for await (const page of paginate(async () => ({ rows, body, meta }), auto(), { maxPages: 1 })) {
      assert.is(page.meta?.total, 26)
    }
  }
})

it.run()
