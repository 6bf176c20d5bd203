import { createIncremental, type IncrementalConfig } from '@millrace/rest'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../../test/support/failure-of.ts'
import { runOnce, startThingsApi, type Thing, type ThingsApi } from './things-api.ts'

const it = suite('incremental windows')

let api: ThingsApi
it.before.each(async () => {
  api = await startThingsApi()
  // As an API would that counts both ends in.
  api.filter = ({ at }, query) => {
    const [since, until] = [query.get('since'), query.get('until')]
    const isAfter = since === null || (typeof at === 'number' ? at >= Number(since) : String(at) >= since)
    return isAfter && (until === null || (typeof at === 'number' ? at <= Number(until) : String(at) <= until))
  }
})
it.after.each(() => api.server.close())

const windowed = (config: Omit<IncrementalConfig, 'cursorPath'>): IncrementalConfig => ({
  cursorPath: 'at',
  startParam: 'since',
  endParam: 'until',
  ...config,
})
const ranges = (queries: readonly URLSearchParams[]) =>
  queries.map((query) => `${query.get('since')} ${query.get('until')}`)
const at = (...values: readonly unknown[]): Thing[] => values.map((value, index) => ({ id: index + 1, at: value }))

it('asks for one window after the other, the last cut at end_value, and delivers a row on a border once', async () => {
  api.things = at(0, 9, 10, 11, 20, 24, 25)
  const run = await runOnce(api, windowed({ initialValue: 0, endValue: 25, step: 10 }))
  assert.equal(ranges(run.queries), ['0 10', '10 20', '20 25'])
  assert.equal(run.ids, [1, 2, 3, 4, 5, 6])
  const closed = await runOnce(api, windowed({ initialValue: 0, endValue: 25, step: 10, rangeEnd: 'closed' }))
  assert.equal(closed.ids, [1, 2, 3, 4, 5, 6, 7])
})

it('gives a row on a border to the earlier window where the start is open', async () => {
  api.things = at(0, 9, 10, 11, 20, 24, 25)
  api.filter = ({ at }, query) => Number(at) > Number(query.get('since')) && Number(at) <= Number(query.get('until'))
  const open = { initialValue: 0, endValue: 25, step: 10, rangeStart: 'open' } as const
  assert.equal((await runOnce(api, windowed(open))).ids, [2, 3, 4, 5, 6])
  assert.equal((await runOnce(api, windowed({ ...open, rangeEnd: 'closed' }))).ids, [2, 3, 4, 5, 6, 7])
})

it('goes on until a window covers the clock of the server, in the notation of the values', async () => {
  api.now = '2026-01-03T10:00:00Z'
  api.things = at('2026-01-01T00:00:00.000Z', '2026-01-03T09:00:00.000Z')
  const daily = windowed({ initialValue: '2026-01-01T00:00:00.000Z', step: 86_400 })
  const first = await runOnce(api, daily)
  assert.equal(ranges(first.queries), [
    '2026-01-01T00:00:00.000Z 2026-01-02T00:00:00.000Z',
    '2026-01-02T00:00:00.000Z 2026-01-03T00:00:00.000Z',
    '2026-01-03T00:00:00.000Z 2026-01-04T00:00:00.000Z',
  ])
  assert.equal(first.ids, [1, 2])
  api.now = '2026-01-04T09:00:00Z'
  api.things = [...api.things, { id: 3, at: '2026-01-03T23:00:00.000Z' }]
  const second = await runOnce(api, daily, { committed: first.position })
  assert.equal(ranges(second.queries), [
    '2026-01-03T09:00:00.000Z 2026-01-04T09:00:00.000Z',
    '2026-01-04T09:00:00.000Z 2026-01-05T09:00:00.000Z',
  ])
  assert.equal(second.ids, [3])
})

it('reads one window more where the clock stands on its border', async () => {
  api.now = '2026-01-02T00:00:00Z'
  const { queries } = await runOnce(api, windowed({ initialValue: '2026-01-01', step: 1 }))
  assert.equal(ranges(queries), ['2026-01-01 2026-01-02', '2026-01-02 2026-01-03'])
})

it('goes down with min, to end_value', async () => {
  api.things = at(25, 20, 15, 10, 5)
  api.filter = () => true
  const run = await runOnce(api, windowed({ initialValue: 20, endValue: 5, step: 10, lastValueFunc: 'min' }))
  assert.equal(ranges(run.queries), ['20 10', '10 5'])
  assert.equal(run.ids, [2, 3, 4])
})

it('goes on in the window and page where it was stopped, after every page', async () => {
  api.things = at(0, 1, 2, 11, 12, 13, 21)
  const config = windowed({ initialValue: 0, endValue: 40, step: 10 })
  const endpoint = { paginator: { type: 'offset', limit: 2 } }
  const whole = await runOnce(api, config, { endpoint })
  assert.equal(whole.ids, [1, 2, 3, 4, 5, 6, 7])
  for (let pages = 1; pages <= whole.pages.length; pages++) {
    const begun = await runOnce(api, config, { endpoint, pages })
    const rest = await runOnce(api, config, { endpoint, checkpoint: begun.position })
    assert.equal([...begun.ids, ...rest.ids], whole.ids)
    assert.is(begun.queries.length + rest.queries.length, whole.queries.length)
    assert.equal(rest.position, whole.position)
  }
})

it('does not take the start of the next window from what this one has seen', async () => {
  api.things = at(3, 12)
  api.filter = () => true
  const { queries, ids } = await runOnce(api, windowed({ initialValue: 0, endValue: 20, step: 10 }))
  assert.equal(ranges(queries), ['0 10', '10 20'])
  assert.equal(ids, [1, 2])
})

it('appends no row of the lag again, in whichever window it lies', async () => {
  api.now = '2026-01-10T12:00:00Z'
  const config = windowed({ initialValue: '2026-01-08', step: 1, lag: 2 })
  api.things = at('2026-01-08', '2026-01-09', '2026-01-10')
  const first = await runOnce(api, config)
  assert.equal(first.ids, [1, 2, 3])
  api.things = [...api.things, { id: 4, at: '2026-01-09' }]
  const second = await runOnce(api, config, { committed: first.position })
  assert.equal(second.ids, [4])
  assert.is(second.queries.length, 3)
})

it('fails where neither end_value nor the server says which window is the last', async () => {
  api.now = ''
  const { code, message } = await failureOf(runOnce(api, windowed({ initialValue: '2026-01-01', step: 1 })))
  assert.is(code, 'E_CURSOR_MISSING')
  assert.match(message, /no Date header.*set end_value/)
})

const amounts = fc.constantFrom(1, 2, 3, 7, 10)
const kinds = fc.constantFrom('number', 'date', 'timestamp')

function valueAt(kind: string, units: number): string | number {
  if (kind === 'number') return units
  const ms = Date.UTC(2026, 0, 1) + units * (kind === 'date' ? 86_400_000 : 1000)
  const text = new Date(ms).toISOString()
  return kind === 'date' ? text.slice(0, 10) : text.replace('.000Z', '+00:00')
}

it('covers every value exactly once, for any step, range and direction', () =>
  fc.assert(
    fc.property(
      fc.record({
        kind: kinds,
        step: amounts,
        length: fc.integer({ min: 1, max: 40 }),
        isDown: fc.boolean(),
        rangeStart: fc.constantFrom('open' as const, 'closed' as const),
        rangeEnd: fc.constantFrom('open' as const, 'closed' as const),
      }),
      ({ kind, step, length, isDown, rangeStart, rangeEnd }) => {
        const [from, to] = isDown ? [length, 0] : [0, length]
        const incremental = createIncremental(
          {
            cursorPath: 'at',
            initialValue: valueAt(kind, from),
            endValue: valueAt(kind, to),
            lastValueFunc: isDown ? 'min' : 'max',
            step,
            rangeStart,
            rangeEnd,
          },
          { stream: 'things', primaryKey: [], disposition: 'append', emit: () => {} },
        )
        const units = Array.from({ length: length + 5 }, (_, index) => index - 2)
        const rows = units.map((unit) => ({ unit, at: valueAt(kind, unit) }))
        const taken: unknown[] = []
        let windows = 0
        const watermark = incremental.begin(undefined, false)
        let part: ReturnType<typeof incremental.nextPart> = incremental.firstPart(watermark)
        for (; part; part = incremental.nextPart(part, undefined)) {
          taken.push(...incremental.take(rows, { url: '/things' }, part).rows.map(({ unit }) => unit))
          windows += 1
        }
        const isIn = (unit: number) =>
          unit >= 0 &&
          unit <= length &&
          (unit !== from || rangeStart === 'closed') &&
          (unit !== to || rangeEnd === 'closed')
        assert.equal(
          (taken as number[]).sort((a, b) => a - b),
          units.filter(isIn),
        )
        assert.is(windows, Math.ceil(length / step))
      },
    ),
    { numRuns: 300 },
  ))

it.run()
