import { type IncrementalConfig, mostTies } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../../test/support/failure-of.ts'
import { runOnce, startThingsApi, type ThingsApi } from './things-api.ts'

const it = suite('incremental lag')

let api: ThingsApi
it.before.each(async () => {
  api = await startThingsApi()
})
it.after.each(() => api.server.close())

/** What the second run asks for, where the first has seen `last`. */
async function startAfter(last: unknown, incremental: Omit<IncrementalConfig, 'cursorPath'>): Promise<unknown> {
  api.things = [{ id: 1, at: last }]
  const config = { cursorPath: 'at', startParam: 'since', ...incremental }
  const first = await runOnce(api, config)
  const second = await runOnce(api, config, { committed: first.position })
  return second.queries[0]?.get('since')
}

const cases: readonly (readonly [last: unknown, lag: number, start: string])[] = [
  // Seconds for timestamps, in the notation they came in.
  ['2026-01-31T12:00:00Z', 90, '2026-01-31T11:58:30Z'],
  ['2026-01-01T00:00:30.250Z', 60, '2025-12-31T23:59:30.250Z'],
  ['2026-01-31 12:00:00.123456+02:00', 1, '2026-01-31 11:59:59.123456+02:00'],
  ['2026-03-01T00:30:00-05:30', 3600, '2026-02-28T23:30:00-05:30'],
  ['2026-01-31T12:00:00,5+0200', 1, '2026-01-31T11:59:59,5+0200'],
  ['2026-01-31T12:00 +02', 60, '2026-01-31T11:59 +02'],
  ['2026-01-31T12:00', 30, '2026-01-31T11:59:30'],
  ['2026-01-31T12:00:00Z', 0.25, '2026-01-31T11:59:59.75Z'],
  ['2026-01-31T12:00:00.000000001Z', 1, '2026-01-31T11:59:59.000000001Z'],
  ['1969-12-31T23:59:59.5Z', 0.75, '1969-12-31T23:59:58.75Z'],
  // Days for dates.
  ['2026-03-01', 1, '2026-02-28'],
  ['2024-03-01', 1.5, '2024-02-28'],
  // Units for numbers.
  [1_767_225_600, 60, '1767225540'],
  [10, 2.5, '7.5'],
]
for (const [last, lag, start] of cases) {
  it(`goes back from ${last} by ${lag} to ${start}`, async () => {
    assert.is(await startAfter(last, { lag }), start)
  })
}

it('goes back from an integer beyond 2^53 without rounding it', async () => {
  const watermark = { cursorPath: 'at', last: { integer: '9007199254740993' } }
  const committed = { paging: { done: true }, configuration: '', watermark }
  const { queries } = await runOnce(api, { cursorPath: 'at', startParam: 'since', lag: 2 }, { committed })
  assert.is(queries[0]?.get('since'), '9007199254740991')
})

it('goes forward with min', async () => {
  assert.is(await startAfter(10, { lag: 3, lastValueFunc: 'min' }), '13')
  assert.is(await startAfter(10, { lag: 3, lastValueFunc: 'min', initialValue: 12 }), '12')
  assert.is(await startAfter(Number.MAX_SAFE_INTEGER, { lag: 2, lastValueFunc: 'min' }), '9007199254740993')
})

it('goes back to initial_value at most', async () => {
  assert.is(await startAfter('2026-01-02', { lag: 5, initialValue: '2026-01-01' }), '2026-01-01')
})

it('starts where the last run came to, not at an initial_value that has been raised since', async () => {
  api.things = [{ id: 1, at: 10 }]
  const first = await runOnce(api, { cursorPath: 'at', lag: 2 })
  const raised = { cursorPath: 'at', lag: 2, initialValue: 50, startParam: 'since' }
  assert.is((await runOnce(api, raised, { committed: first.position })).queries[0]?.get('since'), '10')
})

it('keeps the last value itself, so that runs with nothing new do not creep back', async () => {
  api.things = [{ id: 1, at: 100 }]
  let position = (await runOnce(api, { cursorPath: 'at', lag: 10 })).position
  for (let run = 0; run < 3; run++) {
    api.things = [{ id: 2, at: 95 }]
    position = (await runOnce(api, { cursorPath: 'at', lag: 10 }, { committed: position })).position
  }
  assert.is((position['watermark'] as { last: number }).last, 100)
})

it('appends rows that arrive late within the lag, and none of the others a second time', async () => {
  const config = { cursorPath: 'at', lag: 10 }
  api.things = [89, 90, 95, 100].map((at, id) => ({ id, at }))
  const first = await runOnce(api, config)
  api.things = [...api.things, { id: 4, at: 93 }, { id: 5, at: 85 }]
  const second = await runOnce(api, config, { committed: first.position })
  assert.equal(second.ids, [4])
  api.things = [...api.things, { id: 6, at: 105 }]
  const third = await runOnce(api, config, { committed: second.position })
  assert.equal(third.ids, [6])
  const { ties } = third.position['watermark'] as { ties: unknown[] }
  assert.is(ties.length, 3, 'only 95, 100 and 105 may come again')
})

it('appends a row again that has moved on within the lag', async () => {
  const config = { cursorPath: 'at', lag: 10 }
  api.things = [
    { id: 1, at: 95 },
    { id: 2, at: 100 },
  ]
  const resource = { primaryKey: 'id' }
  const first = await runOnce(api, config, { resource })
  api.things = [
    { id: 1, at: 98 },
    { id: 2, at: 100 },
  ]
  const second = await runOnce(api, config, { resource, committed: first.position })
  assert.equal(second.ids, [1])
  assert.equal((await runOnce(api, config, { resource, committed: second.position })).ids, [])
})

it('merges all rows within the lag again', async () => {
  const resource = { primaryKey: 'id', writeDisposition: 'merge' } as const
  api.things = [89, 90, 100].map((at, id) => ({ id, at }))
  const first = await runOnce(api, { cursorPath: 'at', lag: 10 }, { resource })
  const second = await runOnce(api, { cursorPath: 'at', lag: 10 }, { resource, committed: first.position })
  assert.equal(second.ids, [1, 2])
  assert.not.match(JSON.stringify(second.position), /ties/)
})

it('remembers the furthest rows where more lie within the lag than there is room for, and warns', async () => {
  const config = { cursorPath: 'at', lag: 5_000 }
  api.things = Array.from({ length: mostTies + 200 }, (_, id) => ({ id, at: id }))
  const first = await runOnce(api, config)
  assert.is(first.warnings.length, 1)
  assert.match(first.warnings[0] ?? '', /more than 1000 rows lie within the lag of 5000 \(1199\)/)
  const second = await runOnce(api, config, { committed: first.position })
  assert.equal(
    second.ids,
    Array.from({ length: 200 }, (_, id) => id),
  )
})

it('fails in the first run where the values are text that is no time', async () => {
  api.things = [{ id: 1, at: 'v10' }]
  const resource = { primaryKey: 'id', writeDisposition: 'merge' } as const
  const { code, message } = await failureOf(runOnce(api, { cursorPath: 'at', lag: 1 }, { resource }))
  assert.is(code, 'E_CURSOR_TYPE')
  assert.match(message, /lag needs numbers, dates such as 2026-01-31, or timestamps .*text "v10"/)
})

it.run()
