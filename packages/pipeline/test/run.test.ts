import { join } from 'node:path'
import type { MillraceEvent, Page, Row } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { type Destination, type ReadContext, run, type Source, type Stream, StreamError } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('run')

const rowsOfPage = (page: number): Row[] => [0, 1].map((i) => ({ id: page * 2 + i, text: `${page}.${i}` }))

interface Counted extends Stream {
  readonly contexts: ReadContext[]
  readonly pagesMade: number[]
}

/** A stream of `pages` pages of two rows; `fail` may throw before a page is made. */
function counted(
  pages: number,
  options: Partial<Stream> & { fail?: (page: number) => void; rows?: (page: number) => Row[] } = {},
): Counted {
  const { fail, rows = rowsOfPage, ...rest } = options
  const contexts: ReadContext[] = []
  const pagesMade: number[] = []
  return {
    name: 'numbers',
    primaryKey: ['id'],
    disposition: 'merge',
    ...rest,
    contexts,
    pagesMade,
    async *read(context): AsyncGenerator<Page> {
      contexts.push(context)
      for (let page = Number(context.checkpoint?.['page'] ?? 0); page < pages; page++) {
        fail?.(page)
        pagesMade.push(page)
        yield { rows: rows(page), position: { page: page + 1 } }
      }
    },
  }
}

const sourceOf = (...streams: Stream[]): Source => ({ name: 'test', streams: () => streams })

async function rejected(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise
  } catch (thrown) {
    assert.instance(thrown, Error)
    return thrown as Error
  }
  throw new Error('expected a rejection')
}

it('loads every page, reports what it did, and stores the last position', async () => {
  await withTempFolder(async (folder) => {
    const report = await run(sourceOf(counted(3)), lake(folder))
    const [stream] = report.streams
    assert.equal(
      [stream?.pages, stream?.read, stream?.inserted, stream?.updated, stream?.tableRows, stream?.complete],
      [3, 6, 6, 0, 6, true],
    )
    assert.is((await readDelta(join(folder, 'numbers'))).rows.length, 6)
    const again = counted(3)
    await run(sourceOf(again), lake(folder))
    assert.equal(again.contexts[0]?.committed, { page: 3 })
    assert.is(again.contexts[0]?.checkpoint, undefined)
  })
})

it('asks for the next page only when the last one is staged', async () => {
  await withTempFolder(async (folder) => {
    const order: string[] = []
    const inner = lake(folder)
    const destination: Destination = {
      name: 'recording',
      open: async (id, options) => {
        const session = await inner.open(id, options)
        return {
          state: () => session.state(),
          unfinished: () => session.unfinished(),
          discard: (stream) => session.discard(stream),
          schema: (table) => session.schema(table),
          stage: async (parts, checkpoint) => {
            await session.stage(parts, checkpoint)
            order.push(`staged ${checkpoint.pages}`)
          },
          commit: (plan) => session.commit(plan),
          abort: () => session.abort(),
          close: () => session.close(),
        }
      },
    }
    await run(sourceOf(counted(2, { fail: (page) => void order.push(`asked ${page + 1}`) })), destination)
    assert.equal(order, ['asked 1', 'staged 1', 'asked 2', 'staged 2'])
  })
})

it('commits nothing when a page fails, and goes on from the checkpoint in the next run', async () => {
  await withTempFolder(async (folder) => {
    const failing = counted(5, {
      fail: (page) => {
        if (page === 3) throw new Error('the network is gone')
      },
    })
    const error = await rejected(run(sourceOf(failing), lake(folder)))
    assert.instance(error, StreamError)
    assert.match(error.message, 'the network is gone (stream "numbers", page 4); checkpoint kept at page 3')
    assert.equal(await openLake(folder).tables(), [])

    const events: MillraceEvent[] = []
    const second = counted(5)
    const report = await run(sourceOf(second), lake(folder), { emit: (event) => void events.push(event) })
    assert.equal(second.pagesMade, [3, 4])
    assert.equal([report.streams[0]?.pages, report.streams[0]?.resumedPages, report.streams[0]?.tableRows], [5, 3, 10])
    assert.ok(events.some((event) => event.type === 'resume' && event.pages === 3))
  })
})

it('drops a stage whose configuration has changed, and says so', async () => {
  await withTempFolder(async (folder) => {
    const fail = (page: number): void => {
      if (page === 2) throw new Error('gone')
    }
    await rejected(run(sourceOf(counted(3, { configuration: 'a', fail })), lake(folder)))
    const second = counted(1, { configuration: 'b', rows: () => [{ id: 77, other: true }] })
    const report = await run(sourceOf(second), lake(folder))
    assert.is(second.contexts[0]?.checkpoint, undefined)
    assert.is(report.streams[0]?.tableRows, 1)
    assert.match(report.warnings[0] ?? '', 'configuration')
  })
})

it('names the page and the row of a missing key, and of a key of another type', async () => {
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => (page === 0 ? [{ id: 1 }] : [{ id: 2 }, { id: null }])
    const missing = await rejected(run(sourceOf(counted(2, { rows })), lake(folder)))
    assert.is(missing.code, 'E_KEY_MISSING')
    assert.match(missing.message, /row 1 \(counted from 0\) of the page has null.*"id".*page 2/)
  })
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => (page === 0 ? [{ id: 1 }] : [{ id: 'two' }])
    const other = await rejected(run(sourceOf(counted(2, { rows })), lake(folder)))
    assert.is(other.code, 'E_KEY_MISSING')
    assert.match(other.message, /row 0 \(counted from 0\) of the page has "two" \(string\)/)
  })
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => (page === 0 ? [{ id: 1 }] : [{ id: 12345678901234567890n }])
    const large = await rejected(run(sourceOf(counted(2, { rows })), lake(folder)))
    assert.match(large.message, 'row 0 (counted from 0) of the page has 12345678901234567890 (bigint)')
  })
})

it('refuses a merge without a key, two streams for one table, and unknown names, before it opens anything', async () => {
  const never: Destination = {
    name: 'never',
    open: () => {
      throw new Error('opened')
    },
  }
  const keyless = await rejected(run(sourceOf(counted(1, { primaryKey: [] })), never))
  assert.is(keyless.code, 'E_STREAM_INVALID')
  const twice = await rejected(run(sourceOf(counted(1), counted(1, { name: 'b', table: 'numbers' })), never))
  assert.match(twice.message, 'both write table "numbers"')
  const unknown = await rejected(run(sourceOf(counted(1)), never, { only: ['nombers'] }))
  assert.is(unknown.code, 'E_STREAM_UNKNOWN')
  assert.match(unknown.message, 'numbers')
})

it('starts from the beginning where a stream goes to another table than before', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(counted(2)), lake(folder))
    const moved = counted(2, { table: 'elsewhere' })
    const report = await run(sourceOf(moved), lake(folder))
    assert.is(moved.contexts[0]?.committed, undefined)
    assert.is(report.streams[0]?.tableRows, 4)
  })
})

it('replaces the table in a full refresh, and appends where the disposition says so', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(counted(3, { disposition: 'append' })), lake(folder))
    await run(sourceOf(counted(1, { disposition: 'append' })), lake(folder))
    assert.is((await readDelta(join(folder, 'numbers'))).rows.length, 8)
    const fresh = counted(2, { disposition: 'append' })
    const report = await run(sourceOf(fresh), lake(folder), { mode: 'full-refresh' })
    assert.is(fresh.contexts[0]?.committed, undefined)
    assert.equal([report.streams[0]?.deleted, report.streams[0]?.tableRows], [8, 4])
  })
})

it('empties a table that is replaced by nothing', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(counted(2)), lake(folder))
    const report = await run(sourceOf(counted(0)), lake(folder), { mode: 'full-refresh' })
    assert.is(report.streams[0]?.tableRows, 0)
    assert.is((await readDelta(join(folder, 'numbers'))).rows.length, 0)
  })
})

it('refuses to read nothing, or half a page', async () => {
  await withTempFolder(async (folder) => {
    for (const value of [0, -1, 0.5, Number.NaN]) {
      for (const name of ['streamConcurrency', 'maxPages']) {
        const stream = counted(1)
        const error = await rejected(run(sourceOf(stream), lake(folder), { [name]: value }))
        assert.match(error.message, `run: ${name} must be a whole number from 1, got ${value} (number)`)
        assert.equal(stream.contexts, [])
      }
    }
  })
})

it('refuses a source without streams', async () => {
  await withTempFolder(async (folder) => {
    assert.is((await rejected(run(sourceOf(), lake(folder)))).code, 'E_STREAM_INVALID')
  })
})

it('stops after maxPages and commits what it has', async () => {
  await withTempFolder(async (folder) => {
    const report = await run(sourceOf(counted(5)), lake(folder), { maxPages: 2 })
    assert.equal([report.streams[0]?.complete, report.streams[0]?.tableRows], [false, 4])
  })
})

it('is complete where a limit of pages falls on the last page, and is not where a stream ends before its data', async () => {
  await withTempFolder(async (folder) => {
    const completeAfter = async (pages: number, maxPages?: number): Promise<boolean | undefined> => {
      const stream = counted(pages, { isFinished: (position) => position['page'] === 4 })
      const options = { mode: 'full-refresh', ...(maxPages && { maxPages }) } as const
      const report = await run(sourceOf(stream), lake(folder), options)
      return report.streams[0]?.complete
    }
    assert.is(await completeAfter(4, 3), false)
    assert.is(await completeAfter(4, 4), true)
    assert.is(await completeAfter(4), true)
    assert.is(await completeAfter(2), false)
  })
})

it('rejects with the reason of an abort, and keeps the stage', async () => {
  await withTempFolder(async (folder) => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const fail = (page: number): void => {
      if (page === 2) stop.abort(reason)
    }
    assert.is(await rejected(run(sourceOf(counted(9, { fail })), lake(folder), { signal: stop.signal })), reason)
    const second = counted(9)
    const report = await run(sourceOf(second), lake(folder))
    assert.equal([second.pagesMade[0], report.streams[0]?.tableRows], [2, 18])
  })
})

it('stops the other streams when one fails, and commits none', async () => {
  await withTempFolder(async (folder) => {
    const good = counted(10_000, { name: 'good' })
    const bad = counted(3, {
      name: 'bad',
      fail: (page) => {
        if (page === 1) throw new Error('broken')
      },
    })
    const error = await rejected(run(sourceOf(good, bad), lake(folder)))
    assert.match(error.message, 'broken (stream "bad", page 2)')
    assert.ok(good.pagesMade.length < 10_000)
    assert.equal(await openLake(folder).tables(), [])
  })
})

it('reads the streams of a group at the same time, and tells each of them who they are', async () => {
  await withTempFolder(async (folder) => {
    const begun: string[] = []
    let all = (): void => {}
    const together = new Promise<void>((resolve) => {
      all = resolve
    })
    const member = (name: string): Counted => {
      const stream = counted(1, { name, group: 'family' })
      return {
        ...stream,
        async *read(context) {
          begun.push(name)
          if (begun.length === 3) all()
          // Goes on only when the others have begun too, whatever the concurrency.
          await together
          yield* stream.read(context)
        },
      }
    }
    const [one, two, three, alone] = [member('one'), member('two'), member('three'), counted(1, { name: 'alone' })]
    const report = await run(sourceOf(one, alone, two, three), lake(folder), { streamConcurrency: 1 })
    assert.equal(
      report.streams.map(({ stream, tableRows }) => [stream, tableRows]),
      [
        ['one', 2],
        ['alone', 2],
        ['two', 2],
        ['three', 2],
      ],
    )
    const [group] = one.contexts.map((context) => context.group)
    assert.equal(group?.names, ['one', 'two', 'three'])
    assert.ok([two, three].every(({ contexts }) => contexts[0]?.group === group))
    assert.equal(alone.contexts[0]?.group?.names, ['alone'])
  })
})

it('stops a group when one of its streams fails, also those that wait for it', async () => {
  await withTempFolder(async (folder) => {
    const failing = counted(1, {
      name: 'failing',
      group: 'family',
      fail: () => {
        throw new Error('broken')
      },
    })
    const waiting: Stream = {
      name: 'waiting',
      group: 'family',
      disposition: 'append',
      async *read({ signal }): AsyncGenerator<Page> {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        yield { rows: [], position: {} }
      },
    }
    const error = await rejected(run(sourceOf(waiting, failing), lake(folder)))
    assert.match(error.message, 'broken (stream "failing", page 1)')
  })
})

it('reports a stream that ended before its end as incomplete, with the reason, and commits what it has', async () => {
  await withTempFolder(async (folder) => {
    const cut: Stream = {
      name: 'cut',
      disposition: 'append',
      async *read({ emit }): AsyncGenerator<Page> {
        yield { rows: [{ id: 1 }], position: { page: 1 } }
        emit({ type: 'incomplete', stream: 'cut', reason: 'the rest was refused' })
      },
    }
    const report = await run(sourceOf(cut, counted(1)), lake(folder))
    const [first, second] = report.streams
    assert.equal([first?.complete, first?.incomplete, first?.tableRows], [false, 'the rest was refused', 1])
    assert.equal([second?.complete, second?.incomplete], [true, undefined])
    assert.equal(report.warnings, ['"cut" is incomplete: the rest was refused'])
  })
})

it('does not replace a table by a part of the rows: it stays, and the next run goes on', async () => {
  await withTempFolder(async (folder) => {
    let isCut = true
    const stream: Stream = {
      name: 'things',
      disposition: 'replace',
      async *read({ checkpoint, emit }): AsyncGenerator<Page> {
        for (let page = Number(checkpoint?.['page'] ?? 0); page < 3; page++) {
          if (page === 2 && isCut) return emit({ type: 'incomplete', stream: 'things', reason: 'page 2 was refused' })
          yield { rows: [{ id: page, isCut }], position: { page: page + 1 } }
        }
      },
    }
    isCut = false
    await run(sourceOf(stream), lake(folder))
    isCut = true
    const error = await rejected(run(sourceOf(stream), lake(folder)))
    assert.is(error.code, 'E_INCOMPLETE')
    assert.match(error.message, /table "things" was not replaced.*page 2 was refused/)
    const before = await readDelta(join(folder, 'things'), 'id')
    assert.equal(
      before.rows.map((row) => [row['id'], row['isCut']]),
      [
        ['0', false],
        ['1', false],
        ['2', false],
      ],
    )
    isCut = false
    const report = await run(sourceOf(stream), lake(folder))
    assert.equal([report.streams[0]?.complete, report.streams[0]?.resumedPages], [true, 2])
    const after = await readDelta(join(folder, 'things'), 'id')
    assert.equal(
      after.rows.map((row) => [row['id'], row['isCut']]),
      [
        ['0', true],
        ['1', true],
        ['2', false],
      ],
    )
  })
})

it('adds columns that appear later, with nulls before them', async () => {
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => [page === 0 ? { id: 0 } : { id: page, late: `x${page}` }]
    await run(sourceOf(counted(2, { rows })), lake(folder))
    await run(sourceOf(counted(4, { rows })), lake(folder))
    assert.equal((await readDelta(join(folder, 'numbers'), 'id')).rows, [
      { id: '0', late: null },
      { id: '1', late: 'x1' },
      { id: '2', late: 'x2' },
      { id: '3', late: 'x3' },
    ])
  })
})

it.run()
