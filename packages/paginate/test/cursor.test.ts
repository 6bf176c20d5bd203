import { isMillraceError, type Row } from '@millrace/core'
import { type Answer, type CursorOptions, cursor, headerCursor, type PageRequest, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }))

/** Pages of ten of 35 rows; the cursor is the id of the next row. */
function api(
  body: (following: number | null, rows: readonly Row[]) => object,
  sent: (request: PageRequest) => unknown,
) {
  return (request: PageRequest): Answer => {
    const start = Number(sent(request) ?? 0)
    const rows = rowsOf(35).slice(start, start + 10)
    return { rows, body: body(start + 10 < 35 ? start + 10 : null, rows) }
  }
}

const all = { rows: rowsOf(35), pages: 4 }

testPaginator('cursor in the query', {
  paginator: cursor(),
  answer: api(
    (next) => ({ cursors: { next } }),
    ({ query }) => query?.['cursor'],
  ),
  ...all,
})
testPaginator('cursor in the body', {
  paginator: cursor({ cursorPath: 'page.after', cursorBodyPath: 'variables.after' }),
  answer: api(
    (next) => ({ page: { after: next === null ? '' : `${next}` } }),
    ({ body }) => body?.['variables.after'],
  ),
  ...all,
})
testPaginator('cursor with has-more', {
  paginator: cursor({ cursorPath: 'data[-1].id', cursorParam: 'after', hasMorePath: 'has_more', initialCursor: -1 }),
  answer: api(
    (next, data) => ({ data, has_more: next !== null }),
    ({ query }) => Number(query?.['after']) + 1,
  ),
  ...all,
})
testPaginator('cursor that is a list, as search_after', {
  paginator: cursor({ cursorPath: 'hits.hits[-1].sort', cursorBodyPath: 'search_after' }),
  answer: ({ body }) => {
    const [, after] = (body?.['search_after'] ?? [0n, -1]) as readonly [unknown, number]
    const rows = rowsOf(35).slice(after + 1, after + 11)
    return { rows, body: { hits: { hits: rows.map(({ id }) => ({ id, sort: [9007199254740993n, id] })) } } }
  },
  rows: rowsOf(35),
  pages: 5,
})
testPaginator('headerCursor', {
  paginator: headerCursor({ cursorKey: 'X-Next' }),
  answer: ({ query }) => {
    const start = Number(query?.['cursor'] ?? 0)
    const headers = new Headers({ 'x-next': start === 30 ? ' ' : `${start + 10}` })
    return { rows: rowsOf(35).slice(start, start + 10), headers }
  },
  ...all,
})

const it = suite('cursor')

const next = (options: CursorOptions, body: unknown, rows: readonly Row[] = [{ id: 1 }]) =>
  cursor({ cursorPath: 'next', ...options }).next({ rows, body }, {})

function codeOf(work: () => unknown): [string, string] {
  try {
    work()
  } catch (thrown) {
    if (isMillraceError(thrown)) return [thrown.code, thrown.message]
    throw thrown
  }
  return ['none', '']
}

it('takes 0 and what JSON numbers cannot hold for a cursor', () => {
  assert.equal(next({}, { next: 0 }), { query: { cursor: 0 } })
  assert.equal(next({}, { next: '0' }), { query: { cursor: '0' } })
  assert.equal(next({}, { next: 9007199254740993n }), { query: { cursor: '9007199254740993' } })
})

it('ends where the cursor is missing, null, false or empty', () => {
  for (const body of [{}, { next: null }, { next: '' }, { next: false }, null, [], 'text']) {
    assert.is(next({}, body), undefined)
  }
})

it('reads on after an empty page, unless told to stop there', () => {
  assert.equal(next({}, { next: 'b' }, []), { query: { cursor: 'b' } })
  assert.is(next({ stopAfterEmptyPage: true }, { next: 'b' }, []), undefined)
})

it('ends where has-more is false, and fails where it is true and there is no cursor', () => {
  assert.is(next({ hasMorePath: 'more' }, { more: false, next: 'b' }), undefined)
  for (const missing of [{}, { next: null }, { next: '' }]) {
    const [code, message] = codeOf(() => next({ hasMorePath: 'more' }, { more: true, ...missing }))
    assert.is(code, 'E_PAGINATOR')
    assert.match(message, /the cursor of the next page at "next" \(cursorPath\).*the answer has: more/)
  }
})

it('fails where the cursor is neither text nor a number, and a list or an object has to go into the query', () => {
  for (const found of [{ a: 1 }, [1], true]) {
    assert.is(codeOf(() => next({}, { next: found }))[0], 'E_PAGINATOR')
  }
})

it('puts lists and objects into the body, with what JSON numbers cannot hold as text', () => {
  const cursorBodyPath = 'search.after'
  for (const [found, put] of [
    [
      ['a', 9007199254740993n],
      ['a', '9007199254740993'],
    ],
    [{ at: { id: 5n, of: null } }, { at: { id: '5', of: null } }],
  ]) {
    assert.equal(next({ cursorBodyPath }, { next: found }), { body: { 'search.after': put } })
  }
  assert.is(next({ cursorBodyPath }, { next: [] }), undefined)
  assert.is(codeOf(() => next({ cursorBodyPath }, { next: true }))[0], 'E_PAGINATOR')
})

it('sends an initial cursor with the first request', () => {
  assert.equal(cursor().first(), {})
  assert.equal(cursor({ initialCursor: '*', cursorParam: 'c' }).first(), { query: { c: '*' } })
  assert.equal(cursor({ initialCursor: 0, cursorBodyPath: 'a.b' }).first(), { body: { 'a.b': 0 } })
})

it('finds it by names in quotes and places in a list', () => {
  const body = { '@odata.next': 'x', a: { 'b.c': ['y', 'z'] } }
  assert.equal(next({ cursorPath: "['@odata.next']" }, body), { query: { cursor: 'x' } })
  assert.equal(next({ cursorPath: '$.a["b.c"][0]' }, body), { query: { cursor: 'y' } })
  assert.equal(next({ cursorPath: "a['b.c'][-1]" }, body), { query: { cursor: 'z' } })
  assert.is(next({ cursorPath: "a['b.c'][5]" }, body), undefined)
})

it('refuses options that make no sense', () => {
  for (const [options, said] of [
    [{ cursorPath: '' }, /"" is no path/],
    [{ cursorPath: 'a[*]' }, /"a\[\*\]" is no path/],
    [{ cursorParam: '' }, /cursorParam must not be empty/],
    [{ cursorParam: 'a', cursorBodyPath: 'b' }, /both given/],
    [{ cursorBodyPath: 'a[0]' }, /must be a dotted path/],
    [{ cursorBodyPath: 'a..b' }, /must be a dotted path/],
  ] as const) {
    assert.throws(
      () => cursor(options),
      (thrown: Error) => said.test(thrown.message),
    )
  }
  assert.throws(() => headerCursor({ cursorKey: '' }), /cursorKey must not be empty/)
})

it('ends a header cursor where the header is missing or empty', () => {
  const { next } = headerCursor()
  const headers = (value?: string) => ({ rows: [], headers: new Headers(value === undefined ? {} : { next: value }) })
  assert.is(next(headers(), {}), undefined)
  assert.is(next(headers(''), {}), undefined)
  assert.is(next({ rows: [] }, {}), undefined)
  assert.equal(next(headers('0'), {}), { query: { cursor: '0' } })
})

it('ends in E_PAGE_LOOP where a cursor comes up again, naming it, before its page is read', async () => {
  for (const [cycle, requests] of [
    [['a', 'a'], 2],
    [['a', 'b', 'a'], 3],
    [['a', 'b', 'c', 'd', 'b'], 5],
  ] as const) {
    let asked = 0
    const fetchPage = async () => ({ rows: [{ id: asked }], body: { next: cycle[asked++] } })
    const [code, message] = await readAll(paginate(fetchPage, cursor({ cursorPath: 'next' }))).then(
      () => ['none', ''],
      (thrown: { code: string; message: string }) => [thrown.code, thrown.message],
    )
    assert.is(code, 'E_PAGE_LOOP')
    assert.match(message ?? '', new RegExp(`leads to \\{"cursor":"${cycle.at(-1)}"\\}, which was read before`))
    assert.is(asked, requests)
  }
})

it('finds a circle of more pages than it remembers one by one', async () => {
  let asked = 0
  const fetchPage = async ({ query }: PageRequest) => {
    asked++
    const at = Number(query?.['cursor'] ?? 0)
    return { rows: [{ id: asked }], body: { next: at === 2500 ? 1 : at + 1 } }
  }
  const read = readAll(paginate(fetchPage, cursor({ cursorPath: 'next' })))
  assert.is(await read.catch((thrown: { code: string }) => thrown.code), 'E_PAGE_LOOP')
  assert.ok(asked < 10_000, `${asked} requests`)
})

it.run()
