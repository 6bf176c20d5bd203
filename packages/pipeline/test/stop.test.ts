import { join } from 'node:path'
import type { Page } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { type Destination, run, type Source, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { settle } from '../../../test/support/turns.ts'

const it = suite('run, stopped in order')

const reason = new Error('stopped by a person')
const pages = 4

interface Slow extends Stream {
  /** Pages in the order they were asked for. */
  readonly asked: number[]
  /** Resolves when the stream waits for a page to come. */
  readonly isWaiting: Promise<void>
  /** Resolves when the stream is closed. */
  readonly isClosed: Promise<void>
  /** Lets the page it waits for come. */
  deliver(): void
}

/** A stream that is stuck in the middle of page `slowAt`, as one that waits for an answer. */
function slow(name: string, slowAt: number): Slow {
  const asked: number[] = []
  let deliver = (): void => {}
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve
  })
  let wait = (): void => {}
  const isWaiting = new Promise<void>((resolve) => {
    wait = resolve
  })
  let close = (): void => {}
  const isClosed = new Promise<void>((resolve) => {
    close = resolve
  })
  return {
    name,
    disposition: 'append',
    asked,
    isWaiting,
    isClosed,
    deliver,
    async *read({ checkpoint, signal }): AsyncGenerator<Page> {
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      aborted.catch(() => {})
      try {
        for (let page = Number(checkpoint?.['page'] ?? 0); page < pages; page++) {
          asked.push(page)
          if (page === slowAt) {
            wait()
            await Promise.race([delivered, aborted])
          }
          yield { rows: [{ id: page }], position: { page: page + 1 } }
        }
      } finally {
        close()
      }
    },
  }
}

const sourceOf = (...streams: Stream[]): Source => ({ name: 'test', streams: () => streams })

async function idsOf(folder: string, table: string): Promise<unknown[]> {
  return (await readDelta(join(folder, table), 'id')).rows.map(({ id }) => Number(id))
}

it('takes the pages under way, asks for no others, and the next run goes on behind them', async () => {
  await withTempFolder(async (folder) => {
    const stop = new AbortController()
    const [one, two, later] = [slow('one', 1), slow('two', 2), slow('later', 0)]
    const running = rejection(
      run(sourceOf(one, two, later), lake(folder), {
        stop: stop.signal,
        streamConcurrency: 2,
        commitEvery: { rows: 2 },
      }),
    )
    await Promise.all([one.isWaiting, two.isWaiting])
    stop.abort(reason)
    one.deliver()
    // That the one has stopped is no reason to hurry the other.
    await one.isClosed
    await settle()
    two.deliver()
    assert.is(await running, reason)
    assert.equal([one.asked, two.asked, later.asked], [[0, 1], [0, 1, 2], []])
    // What was committed before stays. What is complete now is kept, and not committed.
    assert.equal(await openLake(folder).tables(), ['two'])
    const again = [slow('one', -1), slow('two', -1), slow('later', -1)]
    const report = await run(sourceOf(...again), lake(folder))
    assert.equal(
      again.map(({ asked }) => asked),
      [[2, 3], [3], [0, 1, 2, 3]],
    )
    assert.equal(
      report.streams.map(({ resumedPages }) => resumedPages),
      [2, 3, 0],
    )
    for (const name of ['one', 'two', 'later']) assert.equal(await idsOf(folder, name), [0, 1, 2, 3])
  })
})

it('gives up the page under way when `signal` fires behind `stop`', async () => {
  await withTempFolder(async (folder) => {
    const [stop, abort] = [new AbortController(), new AbortController()]
    const stream = slow('one', 2)
    const running = rejection(run(sourceOf(stream), lake(folder), { stop: stop.signal, signal: abort.signal }))
    await stream.isWaiting
    stop.abort(new Error('in order'))
    abort.abort(reason)
    assert.is(await running, reason)
    const again = slow('one', -1)
    await run(sourceOf(again), lake(folder))
    assert.equal(again.asked, [2, 3])
    assert.equal(await idsOf(folder, 'one'), [0, 1, 2, 3])
  })
})

it('ends at once where a stream only waits, whichever it is told by', async () => {
  for (const how of ['stop', 'signal'] as const) {
    await withTempFolder(async (folder) => {
      const controller = new AbortController()
      let wait = (): void => {}
      const isWaiting = new Promise<void>((resolve) => {
        wait = resolve
      })
      const stream: Stream = {
        name: 'polling',
        disposition: 'append',
        async *read({ stop }): AsyncGenerator<Page> {
          yield { rows: [{ id: 0 }], position: { page: 1 } }
          wait()
          await new Promise((_, reject) => stop?.addEventListener('abort', () => reject(stop.reason)))
        },
      }
      const running = rejection(run(sourceOf(stream), lake(folder), { [how]: controller.signal }))
      await isWaiting
      controller.abort(reason)
      assert.is(await running, reason)
    })
  }
})

it('tells of a stream that fails although it was asked to stop', async () => {
  await withTempFolder(async (folder) => {
    const stop = new AbortController()
    const stream: Stream = {
      name: 'broken',
      disposition: 'append',
      // biome-ignore lint/correctness/useYield: the stream fails before its first page
      async *read(): AsyncGenerator<Page> {
        stop.abort(reason)
        throw new Error('the rows are broken')
      },
    }
    const thrown = await rejection(run(sourceOf(stream), lake(folder), { stop: stop.signal }))
    assert.match(String(thrown), 'the rows are broken (stream "broken", page 1)')
  })
})

it('opens nothing where it was stopped before', async () => {
  const never: Destination = {
    name: 'never',
    open: () => {
      throw new Error('opened')
    },
  }
  const stop = AbortSignal.abort(reason)
  assert.is(await rejection(run(sourceOf(slow('one', -1)), never, { stop })), reason)
})

it('makes the commit that is under way', async () => {
  await withTempFolder(async (folder) => {
    const stop = new AbortController()
    const inner = lake(folder)
    const destination: Destination = {
      name: 'stopping',
      open: async (id, options) => {
        const session = await inner.open(id, options)
        return {
          state: () => session.state(),
          unfinished: () => session.unfinished(),
          discard: (stream) => session.discard(stream),
          schema: (table) => session.schema(table),
          stage: (parts, checkpoint) => session.stage(parts, checkpoint),
          commit: (plan) => {
            stop.abort(reason)
            return session.commit(plan)
          },
          abort: () => session.abort(),
          close: () => session.close(),
        }
      },
    }
    const report = await run(sourceOf(slow('one', -1)), destination, { stop: stop.signal })
    assert.equal([report.streams[0]?.complete, report.streams[0]?.tableRows], [true, pages])
  })
})

it.run()
