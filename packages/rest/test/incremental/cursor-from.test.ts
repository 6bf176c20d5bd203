import type { IncrementalConfig } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../../test/support/failure-of.ts'
import { runOnce, startThingsApi, type ThingsApi } from './things-api.ts'

const it = suite('incremental cursorFrom')

let api: ThingsApi
it.before.each(async () => {
  api = await startThingsApi()
})
it.after.each(() => api.server.close())

const paged = { endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 1 } } }
const body: IncrementalConfig = { cursorPath: 'meta.synced', cursorFrom: 'body', startParam: 'since' }
const clock = (initialValue?: string | number): IncrementalConfig => ({
  cursorPath: 'date',
  cursorFrom: 'server_clock',
  startParam: 'since',
  ...(initialValue !== undefined && { initialValue }),
})

/** An envelope whose value is that of the page, of `values`, or missing. */
function say(...values: unknown[]): void {
  const first = api.server.requests.length
  api.envelope = (rows) => ({ data: rows, meta: { synced: values[api.server.requests.length - 1 - first] } })
}

it('starts the next run at the value in the body, and leaves out no row', async () => {
  api.things = [{ id: 1 }, { id: 2 }]
  say('2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z')
  const first = await runOnce(api, { ...body, initialValue: '2026-01-01T00:00:00Z' }, paged)
  assert.equal(first.ids, [1, 2])
  assert.equal(
    first.queries.map((query) => query.get('since')),
    Array(3).fill('2026-01-01T00:00:00Z'),
  )
  say('2026-01-03T00:00:00Z')
  const second = await runOnce(api, body, { ...paged, committed: first.position })
  assert.is(second.queries[0]?.get('since'), '2026-01-03T00:00:00Z')
  assert.equal(second.ids, [1, 2])
})

it('takes the latest of tokens, which have no order, from whichever page has one', async () => {
  say('zz')
  const first = await runOnce(api, body, paged)
  say('aa')
  const second = await runOnce(api, body, { ...paged, committed: first.position })
  assert.is(second.queries[0]?.get('since'), 'zz')
  assert.equal(second.warnings, [])
  say('bb')
  const third = await runOnce(api, body, { ...paged, committed: second.position })
  assert.is(third.queries[0]?.get('since'), 'aa')
})

it('never moves back to an earlier time in the body, and warns', async () => {
  say('2026-01-05')
  const first = await runOnce(api, body, paged)
  say('2026-01-04')
  const second = await runOnce(api, body, { ...paged, committed: first.position })
  assert.match(second.warnings[0] ?? '', /is 2026-01-04 now and was 2026-01-05/)
  say('2026-01-06')
  const third = await runOnce(api, body, { ...paged, committed: second.position })
  assert.is(third.queries[0]?.get('since'), '2026-01-05')
})

it('fails where no body has the value, also when it is run again, unless that is allowed', async () => {
  api.things = [{ id: 1 }]
  say()
  const failed = await failureOf(runOnce(api, body, paged))
  assert.is(failed.code, 'E_CURSOR_MISSING')
  assert.match(failed.message, /none of the answers of "things" has a value at cursor_path "meta.synced" of its body/)
  const begun = await runOnce(api, body, { ...paged, pages: 1 })
  const again = await failureOf(runOnce(api, body, { ...paged, checkpoint: begun.position }))
  assert.is(again.code, 'E_CURSOR_MISSING')
  const allowed = await runOnce(api, { ...body, onCursorValueMissing: 'include' }, paged)
  assert.equal(allowed.ids, [1])
  say({ at: 1 }, { at: 1 })
  assert.is((await failureOf(runOnce(api, body, paged))).code, 'E_CURSOR_TYPE')
})

it('needs no value of answers without a body', async () => {
  api.envelope = () => null
  assert.equal(
    (await runOnce(api, body, { endpoint: { dataSelector: 'data', onMissingSelector: 'empty' } })).warnings,
    [],
  )
})

it('takes the clock of the first answer, less the lag', async () => {
  api.things = [{ id: 1 }, { id: 2 }]
  api.now = '2026-01-02T10:00:00Z'
  api.envelope = (rows) => {
    api.now = new Date(Date.parse(api.now) + 60_000).toISOString()
    return { data: rows }
  }
  const config = { ...clock(), lag: 90 }
  const first = await runOnce(api, config, paged)
  assert.equal(first.ids, [1, 2])
  assert.is(first.queries[0]?.get('since'), null)
  const second = await runOnce(api, config, { ...paged, committed: first.position })
  assert.is(second.queries[0]?.get('since'), '2026-01-02T09:59:30Z')
})

it('keeps the clock of the first answer over a crash', async () => {
  api.things = [{ id: 1 }, { id: 2 }]
  api.envelope = (rows) => ({ data: rows })
  api.now = '2026-01-02T10:00:00Z'
  const begun = await runOnce(api, clock(), { ...paged, pages: 1 })
  api.now = '2026-01-02T12:00:00Z'
  const rest = await runOnce(api, clock(), { ...paged, checkpoint: begun.position })
  const next = await runOnce(api, clock(), { ...paged, committed: rest.position })
  assert.is(next.queries[0]?.get('since'), '2026-01-02T10:00:00Z')
})

for (const [initialValue, written] of [
  ['2026-01-01T00:00:00.000+02:00', '2026-01-02T12:00:05.000+02:00'],
  ['2026-01-01 00:00:00', '2026-01-02 10:00:05'],
  ['2026-01-01', '2026-01-02'],
  [1_767_225_600, '1767348005'],
  [1_767_225_600_000, '1767348005000'],
  [0, '1767348005'],
] as const) {
  it(`writes the clock like the initial value ${initialValue}`, async () => {
    api.now = '2026-01-02T10:00:05Z'
    const first = await runOnce(api, clock(initialValue))
    const second = await runOnce(api, clock(initialValue), { committed: first.position })
    assert.is(second.queries[0]?.get('since'), written)
  })
}

it('keeps the later clock where the server goes back, and warns', async () => {
  api.now = '2026-01-02T10:00:00Z'
  const first = await runOnce(api, clock())
  api.now = '2026-01-01T10:00:00Z'
  const second = await runOnce(api, clock(), { committed: first.position })
  assert.is(second.warnings.length, 1)
  const third = await runOnce(api, clock(), { committed: second.position })
  assert.is(third.queries[0]?.get('since'), '2026-01-02T10:00:00Z')
})

it('fails where the server tells no time, unless that is allowed', async () => {
  api.now = ''
  api.things = [{ id: 1 }]
  const { code, message } = await failureOf(runOnce(api, clock()))
  assert.is(code, 'E_CURSOR_MISSING')
  assert.match(message, /no Date header, which cursor_from server_clock reads/)
  const allowed = await runOnce(api, { ...clock('2026-01-01'), onCursorValueMissing: 'include' })
  assert.equal(allowed.ids, [1])
  const next = await runOnce(api, clock('2026-01-01'), { committed: allowed.position }).catch(() => undefined)
  assert.is(next, undefined)
  assert.is(api.server.requests.at(-1)?.query.get('since'), '2026-01-01')
})

it('needs no clock for a backfill', async () => {
  api.now = ''
  api.things = [{ id: 1 }]
  assert.equal((await runOnce(api, { ...clock('2026-01-01'), endValue: '2026-02-01' })).ids, [1])
})

it('reads a backfill without moving the watermark of the body', async () => {
  say('2026-01-05')
  const first = await runOnce(api, body, paged)
  say('2026-02-01')
  const backfill = { ...body, initialValue: '2025-01-01', endValue: '2025-02-01' }
  const second = await runOnce(api, backfill, { ...paged, committed: first.position })
  assert.is(second.queries[0]?.get('since'), '2025-01-01')
  const third = await runOnce(
    api,
    { ...body, onCursorValueMissing: 'include' },
    { ...paged, committed: second.position },
  )
  assert.is(third.queries[0]?.get('since'), '2026-01-05')
})

it.run()
