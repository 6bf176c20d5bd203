import { mostTies } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../../test/support/failure-of.ts'
import { runOnce, startThingsApi, type ThingsApi } from './things-api.ts'

const it = suite('incremental range')

let api: ThingsApi
it.before.each(async () => {
  api = await startThingsApi()
})
it.after.each(() => api.server.close())

const at = (...values: readonly unknown[]) => values.map((value, index) => ({ id: index + 1, at: value }))

it('takes no row at an open start, and remembers none', async () => {
  const incremental = { cursorPath: 'at', initialValue: 2, rangeStart: 'open' } as const
  api.things = at(1, 2, 3)
  const first = await runOnce(api, incremental)
  assert.equal(first.ids, [3])
  api.things = at(3, 4)
  const second = await runOnce(api, incremental, { committed: first.position })
  assert.equal(second.ids, [2])
  assert.not.match(JSON.stringify(second.position), /ties/)
})

it('goes down with min: rows above the start are old, and the lowest is where the next run starts', async () => {
  const incremental = { cursorPath: 'at', lastValueFunc: 'min', initialValue: 10, startParam: 'until' } as const
  api.things = at(12, 10, 7)
  const first = await runOnce(api, incremental)
  assert.equal(first.ids, [2, 3])
  api.things = at(8, 7, 3).map((thing) => ({ ...thing, id: thing.id + 10 }))
  const second = await runOnce(api, incremental, { committed: first.position })
  assert.equal(second.ids, [12, 13])
  assert.is(second.queries[0]?.get('until'), '7')
})

it('follows a function of two values, and says where it gives neither', async () => {
  const byMonth = (one: unknown, other: unknown) => (String(one).slice(2) > String(other).slice(2) ? one : other)
  const incremental = { cursorPath: 'at', initialValue: '9-01', lastValueFunc: byMonth }
  api.things = at('1-02', '5-00', '2-05', '8-03')
  const first = await runOnce(api, incremental)
  assert.equal(first.ids, [1, 3, 4])
  api.things = at('9-04', '0-06')
  assert.equal((await runOnce(api, incremental, { committed: first.position })).ids, [2])
  const wrong = await failureOf(runOnce(api, { cursorPath: 'at', initialValue: 'x', lastValueFunc: () => 'y' }))
  assert.is(wrong.code, 'E_CURSOR_FUNCTION')
  assert.match(wrong.message, /last_value_func gave string y for 9-04 and x, expected one of the two/)
  const failing = () => {
    throw new Error('no month')
  }
  const failed = await failureOf(runOnce(api, { cursorPath: 'at', initialValue: 'x', lastValueFunc: failing }))
  assert.is(failed.code, 'E_CURSOR_FUNCTION')
  assert.match(failed.message, /failed for 9-04 and x: no month/)
})

it('uses no watermark of another last_value_func, and says so', async () => {
  api.things = at(1, 5, 9)
  const first = await runOnce(api, { cursorPath: 'at' })
  const second = await runOnce(api, { cursorPath: 'at', lastValueFunc: 'min' }, { committed: first.position })
  assert.equal(second.ids, [1, 2, 3])
  assert.is(second.warnings.length, 1)
  assert.match(second.warnings[0] ?? '', /last_value_func max.*last_value_func min.*is forgotten/)
  const one = (a: unknown) => a
  const byOne = await runOnce(api, { cursorPath: 'at', lastValueFunc: one }, { committed: second.position })
  assert.is(byOne.warnings.length, 1)
  const again = await runOnce(api, { cursorPath: 'at', lastValueFunc: one }, { committed: byOne.position })
  assert.equal(again.warnings, [])
  const other = await runOnce(api, { cursorPath: 'at', lastValueFunc: (_, b) => b }, { committed: byOne.position })
  assert.is(other.warnings.length, 1)
})

it('reads a backfill from initial_value to end_value, and leaves the watermark as it is', async () => {
  const incremental = { cursorPath: 'at', startParam: 'since', endParam: 'until' }
  api.things = at(1, 5, 9)
  const first = await runOnce(api, incremental)
  const backfill = await runOnce(api, { ...incremental, initialValue: 1, endValue: 9 }, { committed: first.position })
  assert.equal(backfill.ids, [1, 2])
  assert.equal(
    [...(backfill.queries[0] ?? [])],
    [
      ['since', '1'],
      ['until', '9'],
    ],
  )
  assert.equal((backfill.position['watermark'] as { dropped: object }).dropped, {
    below: 0,
    beyond: 1,
    repeated: 0,
    withoutValue: 0,
  })
  const closed = { ...incremental, initialValue: 1, endValue: 9, rangeEnd: 'closed' } as const
  assert.equal((await runOnce(api, closed, { committed: backfill.position })).ids, [1, 2, 3])
  api.things = at(1, 5, 9, 12)
  const next = await runOnce(api, incremental, { committed: backfill.position })
  assert.equal(next.ids, [4])
  assert.is(next.queries[0]?.get('since'), '9')
})

it('does not count what a backfill that was stopped has read', async () => {
  const paged = { endpoint: { paginator: { type: 'offset', limit: 1, maxPages: 1 } } }
  api.things = at(1, 5, 9)
  const first = await runOnce(api, { cursorPath: 'at' })
  const backfill = { cursorPath: 'at', initialValue: 1, endValue: 100 }
  const stopped = await runOnce(api, backfill, { ...paged, committed: first.position })
  assert.equal(stopped.ids, [1])
  assert.equal((await runOnce(api, backfill, { ...paged, committed: stopped.position })).ids, [2])
  assert.equal((await runOnce(api, { cursorPath: 'at' }, { committed: stopped.position })).ids, [])
})

it('carries the watermark of another cursor through a backfill', async () => {
  api.things = at(1, 5).map((thing) => ({ ...thing, created: 3 }))
  const first = await runOnce(api, { cursorPath: 'at' })
  const backfill = await runOnce(
    api,
    { cursorPath: 'created', initialValue: 0, endValue: 10 },
    { committed: first.position },
  )
  assert.equal(backfill.ids, [1, 2])
  const next = await runOnce(api, { cursorPath: 'at' }, { committed: backfill.position })
  assert.equal(next.ids, [])
  assert.equal(next.warnings, [])
})

it('stops after the first page beyond the end where rows come in ascending order', async () => {
  api.things = at(1, 2, 3, 4, 5, 6)
  const incremental = { cursorPath: 'at', initialValue: 0, endValue: 4, rowOrder: 'asc' } as const
  const { ids, queries } = await runOnce(api, incremental, { endpoint: { paginator: { type: 'offset', limit: 2 } } })
  assert.equal(ids, [1, 2, 3])
  assert.is(queries.length, 2)
})

it('reads on through pages without new rows where no order is promised', async () => {
  api.things = at(1, 2, 9, 1, 8)
  const { ids } = await runOnce(
    api,
    { cursorPath: 'at', initialValue: 5 },
    { endpoint: { paginator: { type: 'offset', limit: 1 } } },
  )
  assert.equal(ids, [3, 5])
})

it('tells rows apart by the primary key of the incremental, and not at all where it is empty', async () => {
  api.things = [{ id: 1, part: 'a', at: 5 }]
  const resource = { resource: { primaryKey: 'id' } }
  const own = { cursorPath: 'at', primaryKey: ['id', 'part'] }
  const first = await runOnce(api, own, resource)
  api.things = [...api.things, { id: 1, part: 'b', at: 5 }]
  assert.equal((await runOnce(api, own, { ...resource, committed: first.position })).pages[0]?.rows, [api.things[1]])
  const none = { cursorPath: 'at', primaryKey: [] }
  const loaded = await runOnce(api, none, resource)
  assert.equal((await runOnce(api, none, { ...resource, committed: loaded.position })).ids, [1, 1])
})

it('tells rows that lack a part of the primary key apart by all they have', async () => {
  api.things = [{ name: 'a', at: 5 }]
  const first = await runOnce(api, { cursorPath: 'at' }, { resource: { primaryKey: 'key' } })
  api.things = [...api.things, { name: 'b', at: 5 }]
  const second = await runOnce(
    api,
    { cursorPath: 'at' },
    { resource: { primaryKey: 'key' }, committed: first.position },
  )
  assert.equal(second.pages[0]?.rows, [{ name: 'b', at: 5 }])
})

it('loses none of 10 000 rows with one timestamp over pages and runs, and repeats only those beyond the bound', async () => {
  const paginator = { endpoint: { paginator: { type: 'offset', limit: 500 } } }
  const thing = (_: unknown, id: number) => ({ id, at: '2026-01-01T00:00:00Z' })
  api.things = Array.from({ length: 6_000 }, thing)
  const merge = { ...paginator, resource: { primaryKey: 'id', writeDisposition: 'merge' } } as const
  const appended = await runOnce(api, { cursorPath: 'at' }, paginator)
  const merged = await runOnce(api, { cursorPath: 'at' }, merge)
  api.things = Array.from({ length: 10_000 }, thing)
  const appendedNext = await runOnce(api, { cursorPath: 'at' }, { ...paginator, committed: appended.position })
  const mergedNext = await runOnce(api, { cursorPath: 'at' }, { ...merge, committed: merged.position })
  assert.is(new Set([...merged.ids, ...mergedNext.ids]).size, 10_000)
  assert.is(new Set([...appended.ids, ...appendedNext.ids]).size, 10_000)
  assert.is(appendedNext.ids.length, 10_000 - mostTies)
  assert.equal([merged.warnings.length, appended.warnings.length, appendedNext.warnings.length], [0, 1, 1])
  assert.match(appended.warnings[0] ?? '', /more than 1000 rows have the furthest value of "at"/)
  assert.ok(JSON.stringify(appendedNext.position).length < 50_000)
})

it('keeps the watermark and warns where the API has gone back behind an earlier run', async () => {
  api.things = at(5, 9)
  const first = await runOnce(api, { cursorPath: 'at' })
  api.things = at(5)
  const second = await runOnce(api, { cursorPath: 'at' }, { committed: first.position })
  assert.is(second.warnings.length, 1)
  assert.match(second.warnings[0] ?? '', /"at" is 5 now and was 9 in an earlier run; the watermark stays/)
  api.things = at(5, 9, 10)
  const third = await runOnce(api, { cursorPath: 'at' }, { committed: second.position })
  assert.equal(third.ids, [3])
  assert.equal(third.warnings, [])
})

it('goes on from what an earlier version stored', async () => {
  const dropped = { below: 0, repeated: 0, withoutValue: 0 }
  api.things = at(7, 8, 9)
  const loaded = await runOnce(api, { cursorPath: 'at' }, { resource: { primaryKey: 'id' } })
  const { ties } = loaded.position['watermark'] as { ties: string[] }
  const old = { cursorPath: 'at', start: 7, startTies: ['x'], last: 9, ties, dropped }
  const finished = { paging: { done: true }, configuration: 'old', watermark: old }
  assert.equal(
    (await runOnce(api, { cursorPath: 'at' }, { resource: { primaryKey: 'id' }, committed: finished })).ids,
    [],
  )
  const stopped = { ...finished, paging: { next: {} } }
  assert.equal((await runOnce(api, { cursorPath: 'at' }, { committed: stopped })).ids, [1, 2, 3])
  const big = { ...old, last: { integer: '9007199254740993' }, ties: [] }
  api.things = at(7, 9007199254740996)
  assert.equal((await runOnce(api, { cursorPath: 'at' }, { committed: { ...finished, watermark: big } })).ids, [2])
})

it('fills every placeholder, converts each value but the lag, and leaves out what is missing', async () => {
  const seen: unknown[] = []
  const convert = (value: unknown) => {
    seen.push(value)
    return `<${value}>`
  }
  const params = {
    start: '{incremental.start_value}',
    initial: '{incremental.initial_value}',
    last: '{incremental.last_value}',
    end: '{incremental.end_value}',
    lag: '{incremental.lag}',
  }
  const open = { cursorPath: 'at', startParam: 'since', endParam: 'until', convert }
  assert.equal([...((await runOnce(api, open, { endpoint: { params } })).queries[0] ?? [])], [])
  assert.equal(seen, [])
  api.things = at(9)
  const first = await runOnce(api, { ...open, initialValue: 4, lag: 2 })
  const second = await runOnce(
    api,
    { ...open, initialValue: 4, lag: 2 },
    { endpoint: { params }, committed: first.position },
  )
  assert.equal(Object.fromEntries(second.queries[0] ?? []), {
    start: '<7>',
    initial: '<4>',
    last: '<9>',
    lag: '2',
    since: '<7>',
  })
  const backfill = await runOnce(api, { ...open, initialValue: 4, endValue: 8 }, { endpoint: { params } })
  assert.equal(Object.fromEntries(backfill.queries[0] ?? []), {
    start: '<4>',
    initial: '<4>',
    last: '<4>',
    end: '<8>',
    since: '<4>',
    until: '<8>',
  })
  const failing = () => {
    throw new Error('not a date')
  }
  const failed = await failureOf(runOnce(api, { ...open, initialValue: 4, convert: failing }))
  assert.is(failed.code, 'E_CURSOR_FUNCTION')
  assert.match(failed.message, /convert failed for 4: not a date/)
  const wrong = await failureOf(runOnce(api, { ...open, initialValue: 4, convert: () => ({}) as never }))
  assert.match(wrong.message, /convert gave object for 4, expected text or a number/)
})

it.run()
