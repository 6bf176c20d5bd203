import { isMillraceError, type PageMeta, type Position } from '@millrace/core'
import {
  type Answer,
  cursor,
  isFinished,
  maxEmptyPages,
  type OffsetOptions,
  offset,
  type PageRequest,
  paginate,
  singlePage,
} from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAll } from '../../../test/support/test-paginator.ts'

const it = suite('paginate')

const meta: PageMeta = { url: 'http://localhost/', status: 200, ms: 1, bytes: 10, attempt: 1 }

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown.code
    throw thrown
  }
  return 'none'
}

it('ends with E_PAGE_LOOP at the second page of a server that ignores the offset', async () => {
  let requests = 0
  const fetchPage = async () => {
    requests++
    return { rows: Array.from({ length: 100 }, (_, id) => ({ id, big: 2n ** 60n })) }
  }
  assert.is(await codeOf(readAll(paginate(fetchPage, offset({ limit: 100 })))), 'E_PAGE_LOOP')
  assert.is(requests, 2)
})

it('ends with E_PAGE_LOOP after a thousand pages without rows, each with a new cursor', async () => {
  let requests = 0
  const fetchPage = async () => ({ rows: requests++ === 5_000 ? [{ id: 1 }] : [], body: { next: `c${requests}` } })
  const paginator = cursor({ cursorPath: 'next' })
  assert.is(await codeOf(readAll(paginate(fetchPage, paginator))), 'E_PAGE_LOOP')
  assert.is(requests, maxEmptyPages)
})

it('reads on over pages without rows where rows come in between', async () => {
  let requests = 0
  const fetchPage = async () => {
    requests += 1
    const rows = requests % (maxEmptyPages - 1) === 0 ? [{ id: requests }] : []
    return { rows, body: requests < 3_000 ? { next: `c${requests}` } : {} }
  }
  const read = await readAll(paginate(fetchPage, cursor({ cursorPath: 'next' })))
  assert.is(read.flatMap(({ rows }) => rows).length, 3)
})

it('finds the loop also where the rows of a page are changed by its taker', async () => {
  const fetchPage = async () => ({ rows: [{ id: 1, seen: false }] })
  const read = async () => {
    for await (const page of paginate(fetchPage, offset({ limit: 1 }))) for (const row of page.rows) row.seen = true
  }
  assert.is(await codeOf(read()), 'E_PAGE_LOOP')
})

it('finds the loop also where a run goes on from the position before it', async () => {
  const fetchPage = async () => ({ rows: [{ id: 1 }] })
  const [page] = await readAll(paginate(fetchPage, offset({ limit: 1 }), { maxPages: 1 }))
  const position = JSON.parse(JSON.stringify(page?.position))
  assert.is(await codeOf(readAll(paginate(fetchPage, offset({ limit: 1 }), { position }))), 'E_PAGE_LOOP')
})

it('takes pages that differ in one of a few rows for different', async () => {
  const pages = [[{ id: 1 }, { id: 0 }, { id: 3 }], [{ id: 1 }, { id: 2 }, { id: 3 }], []]
  const fetchPage = async () => ({ rows: pages.shift() ?? [] })
  assert.is((await readAll(paginate(fetchPage, offset({ limit: 3 })))).length, 3)
})

it('takes two empty pages for no loop', async () => {
  const paginator = offset({ limit: 10, stopAfterEmptyPage: false, maximumOffset: 30 })
  const pages = await readAll(paginate(async () => ({ rows: [] }), paginator))
  assert.is(pages.length, 3)
})

it('puts the total into the meta of the page', async () => {
  const answer: Answer = { rows: [{ id: 1 }], body: { total: 1 }, meta }
  const [page] = await readAll(paginate(async () => answer, offset()))
  assert.equal(page?.meta, { ...meta, total: 1 })
})

it('tells where the rows that came are not as many as the last total, also where a run went on', async () => {
  /** Pages of two of five rows, with a total of its own each. */
  async function toldOf(totals: readonly unknown[], options: OffsetOptions = {}, pages = 9): Promise<unknown[]> {
    const told: unknown[] = []
    const fetchPage = async ({ query }: PageRequest): Promise<Answer> => {
      const start = Number(query?.['offset'])
      const rows = [1, 2, 3, 4, 5].slice(start, start + 2).map((id) => ({ id }))
      return { rows, body: { total: totals[start / 2] ?? totals.at(-1) } }
    }
    const onOtherTotal = (counts: unknown) => told.push(counts)
    const paginator = offset({ limit: 2, ...options })
    let position: Position | undefined
    for await (const page of paginate(fetchPage, paginator, { onOtherTotal, maxPages: pages })) position = page.position
    await readAll(paginate(fetchPage, paginator, { onOtherTotal, ...(position && { position }) }))
    return told
  }
  for (const pages of [1, 2, 9]) {
    assert.equal(await toldOf([5], {}, pages), [])
    assert.equal(await toldOf([9], {}, pages), [{ received: 5, total: 9 }])
    assert.equal(await toldOf([5, 5, 4], { totalPath: 'total' }, pages), [{ received: 5, total: 4 }])
    assert.equal(await toldOf([undefined], {}, pages), [])
    // The number of rows of each page.
    assert.equal(await toldOf([2, 2, 1, 0], {}, pages), [])
    assert.equal(await toldOf([5], { offset: 2 }, pages), [])
    assert.equal(await toldOf([5], { maximumOffset: 3 }, pages), [])
  }
})

it('yields nothing from a finished position, and requests nothing', async () => {
  let requests = 0
  const fetchPage = async () => {
    requests++
    return { rows: [] }
  }
  const [page] = await readAll(paginate(fetchPage, singlePage()))
  assert.ok(page && isFinished(page.position))
  assert.equal(await readAll(paginate(fetchPage, singlePage(), { position: page.position })), [])
  assert.is(requests, 1)
})

it('starts again from the same place each time it is iterated', async () => {
  const source = paginate(async () => ({ rows: [{ id: 1 }] }), singlePage())
  assert.equal(await readAll(source), await readAll(source))
})

it('hands the signal to fetchPage', async () => {
  const { signal } = new AbortController()
  let seen: AbortSignal | undefined
  const fetchPage = async (_: unknown, given?: AbortSignal) => {
    seen = given
    return { rows: [] }
  }
  await readAll(paginate(fetchPage, singlePage(), { signal }))
  assert.is(seen, signal)
})

it('passes on what fetchPage throws, as it is', async () => {
  const problem = new Error('no route')
  const fetchPage = async (): Promise<Answer> => {
    throw problem
  }
  try {
    await readAll(paginate(fetchPage, singlePage()))
    assert.unreachable()
  } catch (thrown) {
    assert.is(thrown, problem)
  }
})

it('rejects with signal.reason also where fetchPage has an abort error of its own', async () => {
  const controller = new AbortController()
  const fetchPage = (_: unknown, signal?: AbortSignal) =>
    new Promise<Answer>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('its own'))))
  const reading = readAll(paginate(fetchPage, singlePage(), { signal: controller.signal }))
  const reason = new Error('enough')
  controller.abort(reason)
  try {
    await reading
    assert.unreachable()
  } catch (thrown) {
    assert.is(thrown, reason)
  }
})

it('refuses a position it did not make and a maxPages below 1', async () => {
  const fetchPage = async () => ({ rows: [] })
  assert.is(await codeOf(readAll(paginate(fetchPage, singlePage(), { position: { page: 3 } }))), 'E_POSITION')
  assert.throws(
    () => paginate(fetchPage, singlePage(), { maxPages: 0 }),
    /maxPages must be a whole number from 1, got 0/,
  )
})

it.run()
