import { isMillraceError, type Position, type Row } from '@millrace/core'
import { type Answer, type FetchPage, offset, type PageRequest, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRandom } from '../../../test/support/random.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const rowsFrom = (first: number, end: number): Row[] =>
  Array.from({ length: end - first }, (_, index) => ({ id: first + index }))

/** Answers from a list that may change between two requests. */
function answerFrom(rows: readonly Row[], { query }: PageRequest, body?: object): Answer {
  const start = Number(query?.['offset'])
  return { rows: rows.slice(start, start + Number(query?.['limit'])), ...(body && { body }) }
}

const withOverlap = [...rowsFrom(0, 10), ...rowsFrom(7, 17), ...rowsFrom(14, 24), ...rowsFrom(21, 25)]

testPaginator('offset with overlap and a total', {
  paginator: offset({ limit: 10, overlap: 3 }),
  answer: (request) => answerFrom(rowsFrom(0, 25), request, { total: 25 }),
  rows: withOverlap,
  pages: 4,
})
testPaginator('offset with overlap and has-more', {
  paginator: offset({ limit: 10, overlap: 3, hasMorePath: 'more' }),
  answer: (request) => answerFrom(rowsFrom(0, 25), request, { more: Number(request.query?.['offset']) < 21 }),
  rows: withOverlap,
  pages: 4,
})
testPaginator('offset with overlap alone', {
  paginator: offset({ limit: 10, overlap: 3 }),
  // The page that ends it has nothing but the one row that was asked for again.
  answer: (request) => answerFrom(rowsFrom(0, 25), request),
  rows: [...withOverlap, { id: 24 }],
  pages: 5,
})
testPaginator('offset with overlap, of an API whose total counts the page', {
  paginator: offset({ limit: 10, overlap: 3 }),
  answer(request) {
    const answer = answerFrom(rowsFrom(0, 25), request)
    return { ...answer, body: { total: answer.rows.length } }
  },
  rows: [...withOverlap, { id: 24 }],
  pages: 5,
})
testPaginator('offset with overlap, of an API that gives fewer rows', {
  paginator: offset({ limit: 10, overlap: 3 }),
  answer: (request) => answerFrom(rowsFrom(0, 6), { query: { ...request.query, limit: 4 } }),
  rows: [...rowsFrom(0, 4), ...rowsFrom(3, 6), { id: 5 }],
  pages: 3,
})

const it = suite('overlap of offset')

interface History {
  readonly seed: number
  readonly overlap: number
  /** Rows added or removed at once, before the window of every third request. */
  readonly shift: number
  /** Whether answers say how many rows there are. Without, another request follows a last page that is short. */
  readonly hasTotal?: boolean
}

/** Reads a list of 60 rows that changes meanwhile, and compares. */
async function readChanging({ seed, overlap, shift, hasTotal = true }: History) {
  const random = createRandom(seed)
  let rows = rowsFrom(0, 60)
  let nextId = 1000
  let requests = 0
  let removedTooMany = 0
  const fetchPage: FetchPage = async (request) => {
    const start = Number(request.query?.['offset'])
    requests += 1
    if (requests % 3 === 0 && random.chance(0.5)) {
      const removed = Math.min(shift, start)
      if (removed > overlap) removedTooMany += 1
      for (let i = 0; i < removed; i++) rows = rows.toSpliced(random.int(0, start - removed), 1)
    } else if (requests % 3 === 0) {
      for (let i = 0; i < shift; i++) rows = rows.toSpliced(random.int(0, start), 0, { id: nextId++ })
    }
    return answerFrom(rows, request, hasTotal ? { total: rows.length } : {})
  }
  const seen = new Set<unknown>()
  let told = 0
  const onDrift = () => {
    told += 1
  }
  for await (const page of paginate(fetchPage, offset({ limit: 9, overlap }), { onDrift })) {
    for (const { id } of page.rows) seen.add(id)
  }
  const missed = rows.filter(({ id }) => Number(id) < 1000 && !seen.has(id)).length
  return { missed, told, removedTooMany }
}

async function totals(histories: number, history: Omit<History, 'seed'>) {
  const sum = { missed: 0, told: 0, removedTooMany: 0, missedUntold: 0 }
  for (let seed = 1; seed <= histories; seed++) {
    const { missed, told, removedTooMany } = await readChanging({ seed, ...history })
    sum.missed += missed
    sum.told += told
    sum.removedTooMany += removedTooMany
    if (missed > 0 && told === 0) sum.missedUntold += 1
    if (history.overlap > 0) assert.ok(told >= removedTooMany, `seed ${seed}: ${removedTooMany} shifts, ${told} told`)
  }
  return sum
}

it('misses no row in 1,000 histories where one row comes or goes, and without it rows are missed', async () => {
  for (const hasTotal of [true, false]) {
    assert.ok((await totals(1000, { overlap: 0, shift: 1, hasTotal })).missed > 1000)
    for (const overlap of [1, 4]) {
      assert.is((await totals(1000, { overlap, shift: 1, hasTotal })).missed, 0)
    }
  }
})

it('misses no row where as many as the overlap come or go, and is silent where it is one fewer', async () => {
  for (const overlap of [1, 2, 3, 4]) {
    assert.is((await totals(250, { overlap, shift: overlap })).missed, 0)
    const fewer = await totals(250, { overlap, shift: overlap - 1 })
    assert.equal(fewer, { missed: 0, told: 0, removedTooMany: 0, missedUntold: 0 })
  }
})

it('tells every larger shift that can hide rows', async () => {
  for (const [overlap, shift] of [
    [1, 2],
    [2, 3],
    [3, 5],
    [4, 7],
  ] as const) {
    const { missed, missedUntold, removedTooMany } = await totals(250, { overlap, shift })
    assert.ok(missed > 100 && removedTooMany > 100)
    assert.is(missedUntold, 0)
  }
})

/** Reads `before` in the first request and `after` in those that follow. */
function changing(before: readonly Row[], after: readonly Row[], body?: object): FetchPage {
  return async (request) => answerFrom(request.query?.['offset'] === 0 ? before : after, request, body)
}

const paginator = offset({ limit: 10, overlap: 3 })

async function failure(fetchPage: FetchPage, position?: Position): Promise<readonly [string, string]> {
  const thrown = await rejection(readAll(paginate(fetchPage, paginator, position && { position })))
  if (isMillraceError(thrown)) return [thrown.code, thrown.message]
  throw thrown
}

it('ends with E_PAGE_DRIFT where nobody is to be told, also after a resume', async () => {
  const [code, message] = await failure(changing(rowsFrom(0, 40), rowsFrom(4, 40)))
  assert.is(code, 'E_PAGE_DRIFT')
  assert.match(message, /holds none of the rows that it should repeat.*set a larger overlap/)

  const [first] = await readAll(
    paginate(async (request) => answerFrom(rowsFrom(0, 40), request), paginator, { maxPages: 1 }),
  )
  const position = JSON.parse(JSON.stringify(first?.position))
  const fetchPage: FetchPage = async (request) => answerFrom(rowsFrom(4, 40), request)
  assert.is((await failure(fetchPage, position))[0], 'E_PAGE_DRIFT')
})

it('tells with the URL of the page, also where all rows that were to come again are gone', async () => {
  const url = 'http://localhost/items?offset=7'
  for (const after of [rowsFrom(4, 40), rowsFrom(20, 27), []]) {
    const told: unknown[] = []
    const fetchPage: FetchPage = async (request) => {
      const answer = await changing(rowsFrom(0, 40), after)(request)
      return { ...answer, meta: { url, status: 200, ms: 1, bytes: 1, attempt: 1 } }
    }
    await readAll(paginate(fetchPage, paginator, { onDrift: (page) => told.push(page) }))
    assert.equal(told, [{ url }])
  }
})

it('knows a page by any of the rows that come again, whatever became of the others', async () => {
  const after = rowsFrom(0, 20).map((row) => (Number(row['id']) > 7 ? { ...row, edited: true } : row))
  const pages = await readAll(paginate(changing(rowsFrom(0, 20), after), paginator))
  assert.equal(pages[1]?.rows, after.slice(7, 17))
})

it('goes on where a page has nothing new and the total says that there is more', async () => {
  const short: FetchPage = async (request) => {
    const limit = request.query?.['offset'] === 7 ? 3 : 10
    return answerFrom(rowsFrom(0, 20), { query: { ...request.query, limit } }, { total: 20 })
  }
  const pages = await readAll(paginate(short, paginator, { onDrift: () => {} }))
  assert.is(pages.at(-1)?.rows.at(-1)?.['id'], 19)
})

it('counts no row twice where the number of rows is compared with the total', async () => {
  const told: unknown[] = []
  const onOtherTotal = (counts: unknown) => told.push(counts)
  await readAll(paginate(changing(rowsFrom(0, 25), rowsFrom(0, 25), { total: 25 }), paginator, { onOtherTotal }))
  await readAll(paginate(changing(rowsFrom(0, 25), rowsFrom(-2, 25), { total: 27 }), paginator, { onOtherTotal }))
  assert.equal(told, [{ received: 25, total: 27 }])
})

it('ends with E_PAGE_LOOP at the second page of a server that ignores the offset', async () => {
  let requests = 0
  const fetchPage: FetchPage = async () => {
    requests += 1
    return { rows: rowsFrom(0, 10) }
  }
  for (const overlap of [1, 4]) {
    const thrown = await rejection(readAll(paginate(fetchPage, offset({ limit: 10, overlap }))))
    assert.is((thrown as { code?: string }).code, 'E_PAGE_LOOP')
  }
  assert.is(requests, 4)
})

it('tells where an API gives too few rows at once to repeat any', async () => {
  const fetchPage: FetchPage = async ({ query }) => answerFrom(rowsFrom(0, 6), { query: { ...query, limit: 2 } })
  const told: unknown[] = []
  const pages = await readAll(paginate(fetchPage, paginator, { onDrift: (page) => told.push(page) }))
  assert.equal(
    pages.flatMap(({ rows }) => rows),
    rowsFrom(0, 6),
  )
  assert.is(told.length, 2)
})

it('fails where the rows are not the items that the API sent', async () => {
  const [code, message] = await failure(async () => ({ rows: rowsFrom(0, 8), received: 10 }))
  assert.is(code, 'E_PAGINATOR')
  assert.match(message, /sent 10 items, and 8 rows/)
})

it('refuses an overlap out of range, quoting it', () => {
  for (const [options, said] of [
    [{ overlap: -1 }, /overlap.*-1/],
    [{ overlap: 1.5 }, /overlap.*1\.5/],
    [{ overlap: 50 }, /overlap must be less than half of limit 100, got 50/],
    [{ overlap: 1, stopAfterEmptyPage: false, hasMorePath: 'more' }, /overlap needs stopAfterEmptyPage/],
  ] as const) {
    assert.throws(
      () => offset(options),
      (thrown: Error) => thrown instanceof RangeError && said.test(thrown.message),
    )
  }
})

it.run()
