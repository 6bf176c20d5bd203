import type { Row } from '@millrace/core'
import { type Answer, isFinished, type PageRequest, type Paginator, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejection } from './rejection.ts'

export interface PaginatorSubject {
  readonly paginator: Paginator
  /** An API in memory that this paginator fits. The same answer for the same request, always. */
  readonly answer: (request: PageRequest) => Answer
  /** Every row of that API, in order. */
  readonly rows: readonly Row[]
  /** Pages it comes in, the empty one at the end included where the paginator asks for it. */
  readonly pages: number
}

/** What every paginator has to do, together with `paginate`. Registers a suite named after it and starts it. */
export function testPaginator(name: string, { paginator, answer, rows, pages }: PaginatorSubject): void {
  const it = suite(`paginator ${name}`)

  function api(): { requests: PageRequest[]; fetchPage: (request: PageRequest) => Promise<Answer> } {
    const requests: PageRequest[] = []
    return {
      requests,
      fetchPage: async (request) => {
        requests.push(request)
        return answer(request)
      },
    }
  }

  it('reads every row once, in order', async () => {
    const { fetchPage, requests } = api()
    const read = await readAll(paginate(fetchPage, paginator))
    assert.equal(
      read.flatMap((page) => page.rows),
      rows,
    )
    assert.is(requests.length, pages)
    assert.is(read.length, pages)
  })

  it('ends with a finished position, and has none before', async () => {
    const read = await readAll(paginate(api().fetchPage, paginator))
    assert.equal(
      read.map((page) => isFinished(page.position)),
      read.map((_, index) => index === pages - 1),
    )
  })

  it('goes on from the position of every page, read back from JSON', async () => {
    const all = await readAll(paginate(api().fetchPage, paginator))
    for (const [index, page] of all.entries()) {
      const position = JSON.parse(JSON.stringify(page.position))
      const { fetchPage, requests } = api()
      const rest = await readAll(paginate(fetchPage, paginator, { position }))
      assert.equal(rest, all.slice(index + 1))
      assert.is(requests.length, pages - index - 1)
    }
  })

  it('keeps no state: two runs at once read the same', async () => {
    const expected = await readAll(paginate(api().fetchPage, paginator))
    const one = paginate(api().fetchPage, paginator)[Symbol.asyncIterator]()
    const other = paginate(api().fetchPage, paginator)[Symbol.asyncIterator]()
    for (const page of expected) {
      assert.equal((await one.next()).value, page)
      assert.equal((await other.next()).value, page)
    }
    assert.ok((await one.next()).done && (await other.next()).done)
  })

  it('is frozen, and changes neither its requests nor its answers', () => {
    assert.ok(Object.isFrozen(paginator))
    const request = deepFreeze(paginator.first())
    const next = paginator.next(deepFreeze(answer(request)), request)
    assert.equal(paginator.next(answer(request), request), next)
    assert.equal(paginator.first(), request)
  })

  it('fetches nothing before the first next(), and one page per next()', async () => {
    const { fetchPage, requests } = api()
    const iterator = paginate(fetchPage, paginator)[Symbol.asyncIterator]()
    assert.is(requests.length, 0)
    for (let taken = 1; taken <= pages; taken++) {
      await iterator.next()
      assert.is(requests.length, taken)
    }
  })

  it('stops on break without a further request', async () => {
    const { fetchPage, requests } = api()
    for await (const _ of paginate(fetchPage, paginator)) break
    assert.is(requests.length, 1)
  })

  it('rejects with signal.reason on abort, before and during a request', async () => {
    const reason = new Error('enough')
    const { fetchPage, requests } = api()
    const before = paginate(fetchPage, paginator, { signal: AbortSignal.abort(reason) })[Symbol.asyncIterator]()
    assert.is(await rejection(before.next()), reason)
    assert.is(requests.length, 0)

    const controller = new AbortController()
    const never = () => new Promise<Answer>(() => {})
    const during = paginate(never, paginator, { signal: controller.signal })[Symbol.asyncIterator]()
    const pending = rejection(during.next())
    controller.abort(reason)
    assert.is(await pending, reason)
  })

  it('stops after maxPages with a position that leads on', async () => {
    const all = await readAll(paginate(api().fetchPage, paginator))
    for (let maxPages = 1; maxPages <= pages; maxPages++) {
      const { fetchPage, requests } = api()
      const read = await readAll(paginate(fetchPage, paginator, { maxPages }))
      assert.equal(read, all.slice(0, maxPages))
      assert.is(requests.length, maxPages)
    }
  })

  it.run()
}

/** Everything an async iterable yields. */
export async function readAll<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) deepFreeze(each)
    Object.freeze(value)
  }
  return value
}
