import type { Row } from '@millrace/core'
import { type Answer, type PageNumberOptions, type PageRequest, pageNumber, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }))

interface ApiOptions {
  readonly count: number
  readonly base: number
  readonly body?: (page: number, rows: readonly Row[]) => object
}

/** Pages of ten, counted from `base`, and nothing before it. */
function api({ count, base, body = () => ({}) }: ApiOptions): (request: PageRequest) => Answer {
  return (request) => {
    const page = Number(request.query?.['page'] ?? request.body?.['paging.page'])
    const start = (page - base) * 10
    const rows = start < 0 ? [] : rowsOf(count).slice(start, start + 10)
    return { rows, body: body(page, rows) }
  }
}

async function read(answer: (request: PageRequest) => Answer, options?: PageNumberOptions) {
  const requested: unknown[] = []
  const fetchPage = async (request: PageRequest) => {
    requested.push(request.query?.['page'])
    return answer(request)
  }
  const pages = await readAll(paginate(fetchPage, pageNumber(options)))
  return { requested, rows: pages.flatMap((page) => page.rows) }
}

testPaginator('pageNumber with a total', {
  paginator: pageNumber({ basePage: 1, totalPath: 'meta.pages' }),
  answer: api({ count: 35, base: 1, body: () => ({ meta: { pages: 4 } }) }),
  rows: rowsOf(35),
  pages: 4,
})
testPaginator('pageNumber without a total', {
  paginator: pageNumber(),
  answer: api({ count: 35, base: 0 }),
  rows: rowsOf(35),
  pages: 5,
})
testPaginator('pageNumber of an API that counts from 1, with nobody saying so', {
  paginator: pageNumber({ totalPath: 'pages' }),
  answer: api({ count: 35, base: 1, body: () => ({ pages: 4 }) }),
  rows: rowsOf(35),
  pages: 5,
})
testPaginator('pageNumber in the body', {
  paginator: pageNumber({ pageBodyPath: 'paging.page', basePage: 1, hasMorePath: 'more' }),
  answer: api({ count: 30, base: 1, body: (page) => ({ more: page < 3 }) }),
  rows: rowsOf(30),
  pages: 3,
})

const it = suite('pageNumber')

it('reads all of an API that counts from 1 or from 0, whatever its total means', async () => {
  const totals: ((page: number, rows: readonly Row[]) => object)[] = [
    () => ({}),
    () => ({ total: 4 }),
    () => ({ total: '4' }),
    () => ({ total: 35 }),
    (_, rows) => ({ total: rows.length }),
  ]
  for (const base of [0, 1]) {
    for (const body of totals) {
      const { rows } = await read(api({ count: 35, base, body }))
      assert.equal(rows, rowsOf(35), `base ${base}, ${body}`)
    }
  }
})

it('asks no further after an empty first page where the base is known, or a named total is 0', async () => {
  const empty = api({ count: 0, base: 0 })
  assert.equal((await read(empty)).requested, [0, 1])
  assert.equal((await read(empty, { basePage: 0 })).requested, [0])
  assert.equal((await read(api({ count: 0, base: 0, body: () => ({ n: 0 }) }), { totalPath: 'n' })).requested, [0])
  assert.equal(
    (await read(api({ count: 0, base: 0, body: () => ({ m: false }) }), { hasMorePath: 'm' })).requested,
    [0],
  )
})

it('counts from 1 where the first page that is asked for is 1', async () => {
  const { rows } = await read(api({ count: 35, base: 1, body: () => ({ pages: 4 }) }), { page: 1, totalPath: 'pages' })
  assert.equal(rows, rowsOf(35))
})

it('asks for no page of maximumPage or beyond, whatever has-more says', async () => {
  const answer = api({ count: 90, base: 1, body: () => ({ more: true }) })
  const { requested } = await read(answer, { basePage: 1, maximumPage: 3, hasMorePath: 'more' })
  assert.equal(requested, [1, 2])
})

it('reads on over empty pages where they are not the end', async () => {
  const answer = ({ query }: PageRequest): Answer => ({
    rows: query?.['page'] === 2 ? [] : [{ page: query?.['page'] }],
    body: { pages: 4 },
  })
  const { requested } = await read(answer, { basePage: 1, stopAfterEmptyPage: false, totalPath: 'pages' })
  assert.equal(requested, [1, 2, 3, 4])
})

it('fails where a total that was named is missing', async () => {
  const { code, message } = await failureOf(read(api({ count: 5, base: 0 }), { totalPath: 'pages' }))
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /a number of pages at "pages" \(totalPath\).*found nothing/)
})

it('refuses a position of another paginator', async () => {
  const position = { next: { query: { offset: 3 } } }
  const { code } = await failureOf(readAll(paginate(async () => ({ rows: rowsOf(1) }), pageNumber(), { position })))
  assert.is(code, 'E_POSITION')
})

it('refuses options that make no sense, quoting them', () => {
  for (const [options, said] of [
    [{ basePage: -1 }, /basePage.*-1/],
    [{ page: 1.5 }, /page.*1\.5/],
    [{ basePage: 1, page: 0 }, /page 0 lies before basePage 1/],
    [{ basePage: 1, maximumPage: 1 }, /maximumPage.*above the first page, 1, got 1/],
    [{ pageParam: '' }, /pageParam must not be empty/],
    [{ pageParam: 'p', pageBodyPath: 'p' }, /pageParam and pageBodyPath are both given/],
    [{ stopAfterEmptyPage: false }, /totalPath, maximumPage or hasMorePath/],
    [{ totalPath: 'a..b' }, /"a\.\.b" is no path/],
  ] as const) {
    assert.throws(
      () => pageNumber(options),
      (thrown: Error) => said.test(thrown.message),
    )
  }
})

it.run()
