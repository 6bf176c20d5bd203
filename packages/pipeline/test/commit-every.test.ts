import { join } from 'node:path'
import type { MillraceEvent, Page, Row } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { type Destination, type RunOptions, run, type Source, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock } from '../../../test/support/fake-clock.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('run, committing while it reads')

/** Pages of two rows; goes on behind where it was committed, as after `maxPages`. `before` is called ahead of each page. */
function pagesOf(
  pages: number,
  options: Partial<Stream> & { before?: (page: number) => unknown; rows?: (page: number) => Row[] } = {},
): Stream {
  const { before, rows = (page) => [0, 1].map((index) => ({ id: page * 2 + index })), ...rest } = options
  return {
    name: 'numbers',
    disposition: 'append',
    ...rest,
    async *read({ checkpoint, committed }): AsyncGenerator<Page> {
      for (let page = Number((checkpoint ?? committed)?.['page'] ?? 0); page < pages; page++) {
        await before?.(page)
        yield { rows: rows(page), position: { page: page + 1 } }
      }
    },
  }
}

const sourceOf = (...streams: Stream[]): Source => ({ name: 'test', streams: () => streams })

async function idsOf(folder: string, table = 'numbers'): Promise<readonly number[]> {
  const { rows } = await readDelta(join(folder, table), 'id')
  return rows.map(({ id }) => Number(id))
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

it('shows rows and checkpoint each time so many rows were read, and adds up what the commits came to', async () => {
  await withTempFolder(async (folder) => {
    const seen: string[] = []
    const before = async (page: number): Promise<void> => {
      const tables = await openLake(folder).tables()
      const table = tables.includes('numbers') ? await openLake(folder).table('numbers') : undefined
      const [state] = tables.length > 0 ? await openLake(folder).state() : []
      seen.push(`${page}: ${table?.rowCount ?? 0} ${JSON.stringify(state?.position ?? null)}`)
    }
    const events: MillraceEvent[] = []
    const options = { commitEvery: { rows: 3 }, emit: (event: MillraceEvent) => void events.push(event) }
    const report = await run(sourceOf(pagesOf(5, { before })), lake(folder), options)
    assert.equal(seen, ['0: 0 null', '1: 0 null', '2: 4 {"page":2}', '3: 4 {"page":2}', '4: 8 {"page":4}'])
    const commits = events.flatMap((event) => (event.type === 'commit' ? [[event.version, event.rows]] : []))
    assert.equal(commits, [
      [0, 4],
      [1, 4],
      [2, 2],
    ])
    const [stream] = report.streams
    assert.equal(
      [stream?.pages, stream?.read, stream?.inserted, stream?.tableRows, stream?.version, stream?.filesAdded],
      [5, 10, 10, 10, 2, 3],
    )
    assert.is(stream?.complete, true)
    assert.equal(await idsOf(folder), upTo(10))
  })
})

it('does not commit again at the end what is committed, and never for pages without rows', async () => {
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => (page % 2 === 0 ? [{ id: page }] : [])
    const report = await run(sourceOf(pagesOf(4, { rows })), lake(folder), { commitEvery: { rows: 1 } })
    // Page 0, page 2, and at the end the position behind the empty page 3.
    assert.equal([report.streams[0]?.version, report.streams[0]?.inserted], [2, 2])
    const whole = await run(sourceOf(pagesOf(5, { rows })), lake(folder), { commitEvery: { rows: 1 } })
    assert.equal([whole.streams[0]?.version, whole.streams[0]?.inserted, whole.streams[0]?.pages], [3, 1, 1])
  })
})

it('merges each part: an update of a row that an earlier part brought is an update', async () => {
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => [0, 1, 2].map((index) => ({ id: page + index, page }))
    const stream = pagesOf(6, { rows, disposition: 'merge', primaryKey: ['id'] })
    const report = await run(sourceOf(stream), lake(folder), { commitEvery: { rows: 6 } })
    const [numbers] = report.streams
    assert.equal([numbers?.inserted, numbers?.updated, numbers?.tableRows, numbers?.version], [8, 4, 8, 2])
    const table = await readDelta(join(folder, 'numbers'), 'id')
    assert.equal(
      table.rows.map(({ id, page }) => [Number(id), Number(page)]),
      upTo(8).map((id) => [id, Math.min(5, id)]),
    )
  })
})

it('commits what has waited long enough, also while the stream has nothing new', async () => {
  await withTempFolder(async (folder) => {
    const clock = createFakeClock()
    let release = (): void => {}
    const last = new Promise<void>((resolve) => {
      release = resolve
    })
    const before = async (page: number): Promise<void> => {
      if (page === 3) await clock.sleep(30_000)
      if (page === 4) await last
    }
    const versions: number[] = []
    let committed = (): void => {}
    const running = run(sourceOf(pagesOf(5, { before })), lake(folder), {
      commitEvery: { seconds: 60 },
      clock,
      emit: (event) => {
        if (event.type !== 'commit') return
        versions.push(event.rows)
        committed()
      },
    })
    const isCommitted = new Promise<void>((resolve) => {
      committed = resolve
    })
    // Three pages, half a minute, one page, and then nothing comes: after a minute the four are there.
    await untilAsleep(clock, 2)
    await clock.advance(30_000)
    await untilAsleep(clock, 1)
    assert.equal(versions, [])
    await clock.advance(29_999)
    assert.equal(versions, [])
    await clock.advance(1)
    await isCommitted
    assert.equal(versions, [8])
    assert.equal(await idsOf(folder), upTo(8))
    release()
    assert.is((await running).streams[0]?.inserted, 10)
    assert.is(clock.sleeping, 0)
  })
})

/** Sleeping is what a stream does last; what it does before that takes the disk's time. */
async function untilAsleep(clock: { readonly sleeping: number }, count: number): Promise<void> {
  while (clock.sleeping < count) await new Promise((resolve) => setImmediate(resolve))
}

it('makes the commits of several streams one after the other', async () => {
  await withTempFolder(async (folder) => {
    let underWay = 0
    let most = 0
    let commits = 0
    const inner = lake(folder)
    const destination: Destination = {
      name: 'counting',
      open: async (id, options) => {
        const session = await inner.open(id, options)
        const commit: typeof session.commit = async (plan) => {
          underWay += 1
          commits += 1
          most = Math.max(most, underWay)
          const result = await session.commit(plan)
          underWay -= 1
          return result
        }
        return new Proxy(session, {
          get: (target, name) => {
            if (name === 'commit') return commit
            const value: unknown = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
      },
    }
    const names = ['a', 'b', 'c']
    const streams = names.map((name) =>
      pagesOf(20, { name, disposition: name === 'b' ? 'merge' : 'append', primaryKey: ['id'] }),
    )
    const report = await run(sourceOf(...streams), destination, { commitEvery: { rows: 8 } })
    assert.equal([most, commits], [1, 16])
    assert.equal(
      report.streams.map(({ stream, inserted, version }) => [stream, inserted, version]),
      names.map((name) => [name, 40, 4]),
    )
    for (const name of names) assert.equal(await idsOf(folder, name), upTo(40))
  })
})

it('takes the tables of nested rows along', async () => {
  await withTempFolder(async (folder) => {
    const rows = (page: number): Row[] => [{ id: page, items: page % 3 === 1 ? [] : [{ sku: `${page}` }] }]
    const stream = pagesOf(6, { rows, schema: { nested: 'tables' } })
    const seen: string[] = []
    const report = await run(sourceOf(stream), lake(folder), {
      commitEvery: { rows: 2 },
      emit: (event) => void (event.type === 'commit' && seen.push(`${event.table} ${event.version} ${event.rows}`)),
    })
    assert.equal(seen.sort(), [
      'numbers 0 2',
      'numbers 1 2',
      'numbers 2 2',
      'numbers__items 0 1',
      'numbers__items 1 2',
      'numbers__items 2 1',
    ])
    assert.equal(
      report.streams.map(({ inserted, nested }) => [inserted, nested?.map((each) => [each.table, each.inserted])]),
      [[6, [['numbers__items', 4]]]],
    )
    const { rows: items } = await readDelta(join(folder, 'numbers__items'), 'sku')
    assert.equal(
      items.map(({ sku }) => sku),
      ['0', '2', '3', '5'],
    )
  })
})

it('keeps what was committed when the run fails, and goes on behind it', async () => {
  for (const failAt of [3, 4]) {
    await withTempFolder(async (folder) => {
      const before = (page: number): void => {
        if (page === failAt) throw new Error('the network is gone')
      }
      const options: RunOptions = { commitEvery: { rows: 4 } }
      assert.match(String(await rejection(run(sourceOf(pagesOf(6, { before })), lake(folder), options))), 'is gone')
      assert.equal(await idsOf(folder), upTo(failAt === 3 ? 4 : 8))
      const made: number[] = []
      const report = await run(sourceOf(pagesOf(6, { before: (page) => made.push(page) })), lake(folder), options)
      assert.equal(made, failAt === 3 ? [3, 4, 5] : [4, 5])
      assert.equal(await idsOf(folder), upTo(12))
      assert.is(report.streams[0]?.resumedPages, failAt === 3 ? 3 : 0)
    })
  }
})

it('does not divide what replaces a table, and says where that leaves nothing to do', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(pagesOf(3)), lake(folder))
    const counts: unknown[] = []
    const before = async (): Promise<void> => {
      counts.push((await openLake(folder).table('numbers')).rowCount)
    }
    const options: RunOptions = { commitEvery: { rows: 1 }, mode: 'full-refresh' }
    const report = await run(sourceOf(pagesOf(4, { before })), lake(folder), options)
    assert.equal(counts, [6, 6, 6, 6])
    assert.equal([report.streams[0]?.deleted, report.streams[0]?.tableRows, report.streams[0]?.version], [6, 8, 1])
    assert.match(report.warnings[0] ?? '', 'commitEvery changes nothing')
    const both = [pagesOf(2, { name: 'a' }), pagesOf(2, { name: 'b', disposition: 'replace' as const })]
    const mixed = await run(sourceOf(...both), lake(folder), { commitEvery: { rows: 1 } })
    assert.equal(
      mixed.streams.map(({ version }) => version),
      [1, 0],
    )
    assert.equal(mixed.warnings, [])
  })
})

it('does not divide what merges by the rows that are missing', async () => {
  for (const merge of [{ strategy: 'scd2' }, { deletedRows: 'mark' }, { mergeKey: ['day'] }] as const) {
    await withTempFolder(async (folder) => {
      const stream = pagesOf(3, {
        disposition: 'merge',
        primaryKey: ['id'],
        merge,
        rows: (page) => [{ id: page, day: 'one' }],
      })
      const plain = pagesOf(3, { name: 'plain', disposition: 'merge', primaryKey: ['id'] })
      const report = await run(sourceOf(stream, plain), lake(folder), { commitEvery: { rows: 1 } })
      assert.equal(
        report.streams.map(({ version, inserted }) => [version, inserted]),
        [
          [0, 3],
          [2, 6],
        ],
        JSON.stringify(merge),
      )
    })
  }
})

it('refuses what says nothing', async () => {
  const source = sourceOf(pagesOf(1))
  for (const commitEvery of [{}, { rows: 0 }, { rows: 1.5 }, { seconds: 0 }, { seconds: Number.NaN }]) {
    const error = await rejection(run(source, lake('never-made'), { commitEvery }))
    assert.match(String(error), 'RangeError: run: commitEvery')
  }
})

it.run()
