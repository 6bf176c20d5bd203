import { isMillraceError, type PageMeta } from '@millrace/core'
import { type Answer, isFinished, offset, paginate, singlePage } from '@millrace/paginate'
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

it('finds the loop also where the rows of a page are changed by its taker', async () => {
  const fetchPage = async () => ({ rows: [{ id: 1, seen: false }] })
  const read = async () => {
    for await (const page of paginate(fetchPage, offset({ limit: 1 }))) for (const row of page.rows) row.seen = true
  }
  assert.is(await codeOf(read()), 'E_PAGE_LOOP')
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
