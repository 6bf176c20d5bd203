import { isMillraceError, type Row } from '@millrace/core'
import { type Answer, offset, type PageRequest, paginate } from '@millrace/paginate'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: index }))

interface ApiOptions {
  readonly count: number
  /** Most rows the API gives, whatever is asked. */
  readonly cap?: number
  readonly body?: (start: number, rows: readonly Row[]) => object
}

function api({ count, cap = 1000, body = () => ({}) }: ApiOptions): (request: PageRequest) => Answer {
  const all = rowsOf(count)
  return ({ query }) => {
    const start = Number(query?.['offset'])
    const rows = all.slice(start, start + Math.min(cap, Number(query?.['limit'])))
    return { rows, body: { data: rows, ...body(start, rows) } }
  }
}

/** Offsets requested until the end. */
async function offsets(answer: (request: PageRequest) => Answer, options: Parameters<typeof offset>[0]) {
  const requested: unknown[] = []
  const fetchPage = async (request: PageRequest) => {
    requested.push(request.query?.['offset'])
    return answer(request)
  }
  const pages = await readAll(paginate(fetchPage, offset(options)))
  return { requested, ids: pages.flatMap((page) => page.rows.map((row) => row['id'])) }
}

testPaginator('offset with a total', {
  paginator: offset({ limit: 10 }),
  answer: api({ count: 35, body: () => ({ total: 35 }) }),
  rows: rowsOf(35),
  pages: 4,
})
testPaginator('offset without a total', {
  paginator: offset({ limit: 10 }),
  answer: api({ count: 35 }),
  rows: rowsOf(35),
  pages: 5,
})
testPaginator('offset with has-more', {
  paginator: offset({ limit: 10, hasMorePath: 'page.more' }),
  answer: api({ count: 20, body: (start) => ({ page: { more: start < 10 } }) }),
  rows: rowsOf(20),
  pages: 2,
})

testPaginator('offset in the body', {
  paginator: offset({ limit: 10, offsetBodyPath: 'page.from', limitBodyPath: 'page.size' }),
  answer: ({ body }) =>
    api({ count: 35 })({ query: { offset: Number(body?.['page.from']), limit: Number(body?.['page.size']) } }),
  rows: rowsOf(35),
  pages: 5,
})

const it = suite('offset')

async function codeOf(work: Promise<unknown>): Promise<[string, string]> {
  try {
    await work
  } catch (thrown) {
    if (isMillraceError(thrown)) return [thrown.code, thrown.message]
    throw thrown
  }
  return ['none', '']
}

it('asks for 100 rows from 0 by default', () => {
  assert.equal(offset().first(), { query: { offset: 0, limit: 100 } })
})

it('sends the names the API uses', () => {
  const paginator = offset({ limit: 5, offset: 2, offsetParam: 'skip', limitParam: 'take' })
  assert.equal(paginator.first(), { query: { skip: 2, take: 5 } })
  assert.equal(paginator.next({ rows: rowsOf(5) }, paginator.first()), { query: { skip: 7, take: 5 } })
})

it('advances by the rows received, so a capped limit loses none', async () => {
  const { requested, ids } = await offsets(api({ count: 10, cap: 3 }), { limit: 5 })
  assert.equal(requested, [0, 3, 6, 9, 10])
  assert.equal(
    ids,
    rowsOf(10).map((row) => row['id']),
  )
})

it('advances by the items the API sent where a filter dropped some of them', () => {
  const request = offset({ limit: 10 }).first()
  assert.equal(offset({ limit: 10 }).next({ rows: rowsOf(3), received: 10 }, request), {
    query: { offset: 10, limit: 10 },
  })
  assert.equal(offset({ limit: 10 }).next({ rows: [], received: 10 }, request), { query: { offset: 10, limit: 10 } })
})

it('reads every row once, whatever count, limit, cap and total', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(60),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('total', 'text', 'page', 'none'),
      async (count, limit, cap, kind) => {
        const body = (_: number, rows: readonly Row[]) =>
          kind === 'total'
            ? { total: count }
            : kind === 'text'
              ? { total: `${count}` }
              : kind === 'page'
                ? { total: rows.length }
                : {}
        // A total that counts the page can only be told from a real one where the page is full.
        const { ids } = await offsets(api({ count, cap: kind === 'page' ? limit : cap, body }), { limit })
        assert.equal(
          ids,
          rowsOf(count).map((row) => row['id']),
        )
      },
    ),
  ))

it('asks once more where a full first page is all there seems to be', async () => {
  const { requested } = await offsets(api({ count: 10, body: () => ({ total: 10 }) }), { limit: 10 })
  assert.equal(requested, [0, 10])
  const named = await offsets(api({ count: 10, body: () => ({ total: 10 }) }), { limit: 10, totalPath: 'total' })
  assert.equal(named.requested, [0])
})

it('takes a total from a nested path', async () => {
  const body = () => ({ meta: { total: 20 } })
  const { requested } = await offsets(api({ count: 20, body }), { limit: 10, totalPath: 'meta.total' })
  assert.equal(requested, [0, 10])
})

it('fails where a total that was named is missing, and says what is there', async () => {
  const [code, message] = await codeOf(offsets(api({ count: 5 }), { limit: 10, totalPath: 'count' }))
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /"count" \(totalPath\).*found nothing.*data/)
})

it('ignores the total with totalPath null', async () => {
  const { requested } = await offsets(api({ count: 12, body: () => ({ total: 1 }) }), { limit: 5, totalPath: null })
  assert.equal(requested, [0, 5, 10, 12])
})

it('starts no request at maximumOffset or beyond, whatever has-more says', async () => {
  const body = () => ({ more: true })
  const { requested } = await offsets(api({ count: 90, body }), { limit: 10, maximumOffset: 30, hasMorePath: 'more' })
  assert.equal(requested, [0, 10, 20])
})

it('fails where has-more is neither true nor false', async () => {
  const [code, message] = await codeOf(
    offsets(api({ count: 5, body: () => ({ more: 'maybe' }) }), { hasMorePath: 'more' }),
  )
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /expected true or false at "more" \(hasMorePath\).*found maybe/)
})

it('skips empty pages by the limit where they are not the end', async () => {
  const answer = ({ query }: PageRequest): Answer => ({
    rows: query?.['offset'] === 10 ? [] : rowsOf(10).map((row) => ({ ...row, page: query?.['offset'] })),
    body: { total: 30 },
  })
  const { requested } = await offsets(answer, { limit: 10, stopAfterEmptyPage: false, totalPath: 'total' })
  assert.equal(requested, [0, 10, 20])
})

it('fails where more rows came than were asked for, and not all', async () => {
  const answer = (): Answer => ({ rows: rowsOf(30), body: { total: 90 } })
  const [code, message] = await codeOf(offsets(answer, { limit: 10 }))
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /limit=10 and received 30 rows/)
})

it('is content with everything at once where the total says that it is all', async () => {
  const { ids } = await offsets(() => ({ rows: rowsOf(30), body: { total: 30 } }), { limit: 10 })
  assert.is(ids.length, 30)
})

it('refuses a position of another paginator', async () => {
  const position = { next: { query: { cursor: 'x' } } }
  const [code] = await codeOf(readAll(paginate(async () => ({ rows: rowsOf(1) }), offset(), { position })))
  assert.is(code, 'E_POSITION')
})

it('refuses options out of range, quoting them', () => {
  for (const [options, said] of [
    [{ limit: 0 }, /limit.*got 0 \(number\)/],
    [{ limit: 1.5 }, /limit.*1\.5/],
    [{ limit: '9' as unknown as number }, /limit.*got 9 \(string\)/],
    [{ offset: -1 }, /offset.*-1/],
    [{ maximumOffset: 0 }, /maximumOffset.*0/],
    [{ limitParam: 'offset' }, /two different names/],
    [{ offsetBodyPath: 'a', offsetParam: 'b' }, /offsetParam and offsetBodyPath are both given/],
    [{ limitParam: '' }, /limitParam must not be empty/],
    [{ stopAfterEmptyPage: false }, /totalPath, maximumOffset or hasMorePath/],
  ] as const) {
    assert.throws(
      () => offset(options),
      (thrown: Error) => thrown instanceof RangeError && said.test(thrown.message),
    )
  }
})

it.run()
