import type { MillraceEvent, Page } from '@millrace/core'
import type { Disposition, Stream } from '@millrace/pipeline'
import { type IncrementalConfig, mostTies, type ResourceConfig, restSource } from '@millrace/rest'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../../test/support/failure-of.ts'
import { type HttpServer, startHttpServer } from '../../../../test/support/http-server.ts'
import { type Reading, readPages } from '../../../../test/support/read-pages.ts'

const it = suite('incremental')

type Thing = Readonly<Record<string, unknown>>

let server: HttpServer
/** What the API holds. Tests change it between runs. */
let things: readonly Thing[] = []

it.before.each(async () => {
  things = []
  server = await startHttpServer(({ query }) => {
    const start = Number(query.get('offset'))
    const limit = Number(query.get('limit') ?? 1_000_000)
    const body = things.slice(start, start + limit)
    const json = JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? `<<${value}>>` : value))
    return { headers: { 'content-type': 'application/json' }, body: json.replaceAll(/"<<(\d+)>>"/g, '$1') }
  })
})
it.after.each(() => server.close())

function stream(incremental: IncrementalConfig, more: Partial<ResourceConfig> = {}, endpoint: object = {}): Stream {
  const [only] = restSource({
    client: { baseUrl: server.url, retry: { maxRetries: 0 } },
    resources: [{ name: 'things', ...more, endpoint: { incremental, ...endpoint } }],
  }).streams()
  if (!only) throw new Error('no stream')
  return only
}

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ rows }) => rows.map((row) => row['id']))
const committed = (pages: readonly Page[]): Reading => ({ committed: pages.at(-1)?.position ?? {} })
const watermarkOf = (pages: readonly Page[]) => pages.at(-1)?.position['watermark'] as Readonly<Record<string, unknown>>

it('does an unfinished read again from its start where the configuration has changed', async () => {
  const incremental = { cursorPath: 'at', initialValue: 2, startParam: 'since' }
  things = [1, 2, 3, 4, 5].map((at) => ({ id: at, at }))
  const paginator = { type: 'offset', limit: 2 } as const
  const stopped = await readPages(stream(incremental, {}, { paginator: { ...paginator, maxPages: 2 } }))
  assert.equal(idsOf(stopped), [2, 3, 4])
  const changed = stream(incremental, {}, { paginator, params: { kind: 'all' } })
  assert.equal(idsOf(await readPages(changed, committed(stopped))), [2, 3, 4, 5])
  assert.is(server.requests.at(-1)?.query.get('since'), '2')
})

it('starts at the initial value, then at the highest value seen', async () => {
  const since = stream({ cursorPath: 'at', initialValue: 3, startParam: 'since' })
  things = [1, 4, 9, 3, 7].map((at) => ({ id: at, at }))
  const first = await readPages(since)
  assert.equal(idsOf(first), [4, 9, 3, 7])
  things = [9, 10].map((at) => ({ id: at, at }))
  assert.equal(idsOf(await readPages(since, committed(first))), [10])
  assert.equal(
    server.requests.map(({ query }) => query.get('since')),
    ['3', '9'],
  )
})

it('keeps the watermark where nothing new came', async () => {
  const all = stream({ cursorPath: 'at' })
  things = [{ id: 1, at: 5 }]
  const first = await readPages(all)
  things = []
  const second = await readPages(all, committed(first))
  things = [
    { id: 1, at: 5 },
    { id: 2, at: 5 },
    { id: 3, at: 4 },
  ]
  assert.equal(idsOf(await readPages(all, committed(second))), [2])
})

it('sends one start value for the whole read, also after a crash in the middle', async () => {
  const paged = stream(
    { cursorPath: 'at', initialValue: 0 },
    {},
    { params: { since: '{incremental.start_value}' }, paginator: { type: 'offset', limit: 2 } },
  )
  things = [5, 6, 7, 8, 9].map((at) => ({ id: at, at }))
  const all = await readPages(paged)
  assert.equal([...new Set(server.requests.map(({ query }) => query.get('since')))], ['0'])
  for (const [index, { position }] of all.entries()) {
    const rest = await readPages(paged, { checkpoint: position })
    assert.equal(idsOf(rest), idsOf(all.slice(index + 1)))
    if (rest.length > 0) assert.equal(rest.at(-1)?.position, all.at(-1)?.position)
  }
  assert.equal([...new Set(server.requests.map(({ query }) => query.get('since')))], ['0'])
})

it('leaves out rows below the start and counts them, whatever the API returns', async () => {
  things = [1, 2, 3].map((at) => ({ id: at, at }))
  const pages = await readPages(stream({ cursorPath: 'at', initialValue: 3 }))
  assert.equal(idsOf(pages), [3])
  assert.equal(watermarkOf(pages)['dropped'], { below: 2, beyond: 0, repeated: 0, withoutValue: 0 })
})

for (const [disposition, expected] of [
  ['append', [3]],
  ['merge', [1, 2, 3]],
] satisfies [Disposition, number[]][]) {
  it(`with ${disposition}, loads ${expected.length} rows where two of three at the boundary were loaded before`, async () => {
    const boundary = stream({ cursorPath: 'at' }, { primaryKey: 'id', writeDisposition: disposition })
    things = [1, 2].map((id) => ({ id, at: 'x' }))
    const first = await readPages(boundary)
    things = [1, 2, 3].map((id) => ({ id, at: 'x', changed: true }))
    assert.equal(idsOf(await readPages(boundary, committed(first))), expected)
  })
}

it('knows rows without a primary key by their content, in any order of keys', async () => {
  const boundary = stream({ cursorPath: 'at' })
  things = [{ id: 1, at: 7, inner: { a: 1, b: 2 } }]
  const first = await readPages(boundary)
  things = [
    { at: 7, inner: { b: 2, a: 1 }, id: 1 },
    { id: 1, at: 7, inner: { a: 1, b: 3 } },
  ]
  assert.equal((await readPages(boundary, committed(first)))[0]?.rows, [things[1]])
})

it('warns once where too many rows share the highest value', async () => {
  const events: MillraceEvent[] = []
  things = Array.from({ length: mostTies + 5 }, (_, id) => ({ id, at: 1 }))
  const boundary = stream({ cursorPath: 'at' }, {}, { paginator: { type: 'offset', limit: 1002 } })
  const pages = await readPages(boundary, { emit: (event) => events.push(event) })
  const warnings = events.filter((event) => event.type === 'warning')
  assert.is(warnings.length, 1)
  assert.match(JSON.stringify(warnings), /more than 1000 rows have the furthest value/)
  assert.is((watermarkOf(pages)['ties'] as unknown[]).length, mostTies)
})

it('appends every row exactly once over any number of runs of a growing API', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(3), { maxLength: 8 }), { maxLength: 5 }), async (growth) => {
      const growing = stream({ cursorPath: 'at' }, {}, { paginator: { type: 'offset', limit: 3 } })
      const loaded: unknown[] = []
      const rows: Thing[] = []
      let at = 0
      let last: Reading = {}
      for (const steps of growth) {
        for (const step of steps) {
          at += step
          rows.push({ id: rows.length, at })
        }
        things = [...rows]
        const pages = await readPages(growing, last)
        loaded.push(...idsOf(pages))
        last = committed(pages)
      }
      assert.equal(
        loaded,
        rows.map(({ id }) => id),
      )
    }),
    { numRuns: 25 },
  ))

it('compares timestamps as instants, whatever their offset and precision', async () => {
  things = [
    { id: 1, at: '2024-01-01T12:00:00+02:00' },
    { id: 2, at: '2024-01-01T10:30:00Z' },
    { id: 3, at: '2024-01-01T10:30:00.000001Z' },
    { id: 4, at: '2024-01-01T10:00:00.500Z' },
  ]
  const pages = await readPages(stream({ cursorPath: 'at', initialValue: '2024-01-01T10:00:00.100Z' }))
  assert.equal(idsOf(pages), [2, 3, 4])
  assert.is(watermarkOf(pages)['last'], '2024-01-01T10:30:00.000001Z')
})

it('keeps integers beyond 2^53 exact in the watermark and in the request', async () => {
  const big = stream({ cursorPath: 'id', startParam: 'since_id' })
  things = [{ id: 9007199254740993n }, { id: 9007199254740992n }]
  const first = await readPages(big)
  things = [{ id: 9007199254740993n }, { id: 9007199254740994n }]
  assert.equal(idsOf(await readPages(big, committed(first))), [9007199254740994n])
  assert.is(server.requests[1]?.query.get('since_id'), '9007199254740993')
})

it('fails where values cannot be compared', async () => {
  things = [
    { id: 1, at: 5 },
    { id: 2, at: '6' },
  ]
  const mixed = await failureOf(readPages(stream({ cursorPath: 'at' })))
  assert.is(mixed.code, 'E_CURSOR_TYPE')
  assert.match(mixed.message, /row 1 .* has a string at cursor_path "at", expected a number/)
  assert.is((await failureOf(readPages(stream({ cursorPath: 'at', initialValue: '2024' })))).code, 'E_CURSOR_TYPE')
  things = [{ id: 1, at: { n: 1 } }]
  assert.is((await failureOf(readPages(stream({ cursorPath: 'at' })))).code, 'E_CURSOR_TYPE')
})

it('raises, includes or excludes rows without a value, as configured', async () => {
  things = [{ id: 1, at: 5 }, { id: 2 }, { id: 3, at: null }]
  const { code, message } = await failureOf(readPages(stream({ cursorPath: 'at' })))
  assert.is(code, 'E_CURSOR_MISSING')
  assert.match(message, /row 1 .*its keys: id;/)
  assert.equal(idsOf(await readPages(stream({ cursorPath: 'at', onCursorValueMissing: 'include' }))), [1, 2, 3])
  const excluded = await readPages(stream({ cursorPath: 'at', onCursorValueMissing: 'exclude' }))
  assert.equal(idsOf(excluded), [1])
  assert.equal(watermarkOf(excluded)['dropped'], { below: 0, beyond: 0, repeated: 0, withoutValue: 2 })
})

it('reads the value at a path inside the row', async () => {
  things = [
    { id: 1, meta: { at: 1 } },
    { id: 2, meta: { at: 2 } },
  ]
  assert.equal(idsOf(await readPages(stream({ cursorPath: 'meta.at', initialValue: 2 }))), [2])
  assert.equal(idsOf(await readPages(stream({ cursorPath: "$['meta']['at']", initialValue: 2 }))), [2])
})

it('fills placeholders in path, query, headers and body', async () => {
  const filled = stream(
    { cursorPath: 'at', initialValue: 5 },
    {},
    {
      path: 'since/{incremental.start_value}',
      method: 'POST',
      params: { q: 'at>{incremental.start_value}', from: ['{incremental.initial_value}', 'x'] },
      headers: { 'x-since': '{incremental.start_value}' },
      json: {
        since: '{incremental.start_value}',
        text: 'from {incremental.start_value}',
        escaped: '{{a}}',
        graphql: '{ a { b }}',
      },
    },
  )
  await readPages(filled)
  const [request] = server.requests
  assert.is(request?.path, '/since/5')
  assert.is(request?.query.get('q'), 'at>5')
  assert.equal(request?.query.getAll('from'), ['5', 'x'])
  assert.is(request?.headers['x-since'], '5')
  assert.equal(JSON.parse(request?.body ?? ''), { since: 5, text: 'from 5', escaped: '{a}', graphql: '{ a { b }}' })
})

it('leaves out what has no value yet, in place of sending the word None', async () => {
  const first = stream(
    { cursorPath: 'at', startParam: 'since' },
    {},
    {
      method: 'POST',
      params: { a: '{incremental.start_value}', b: 1 },
      headers: { 'x-since': '{incremental.start_value}' },
      json: { a: { since: '{incremental.start_value}' } },
    },
  )
  await readPages(first)
  const [request] = server.requests
  assert.is(request?.url, '/things?b=1')
  assert.is(request?.headers['x-since'], undefined)
  assert.equal(JSON.parse(request?.body ?? ''), { a: {} })
})

it('encodes a value in a path as one segment, and refuses one that would lead elsewhere', async () => {
  const at = (initialValue: string) =>
    stream({ cursorPath: 'at', initialValue }, {}, { path: 'a/{incremental.start_value}/b' })
  await readPages(at('x/y?z=1#%'))
  assert.is(server.requests[0]?.url, '/a/x%2Fy%3Fz%3D1%23%25/b')
  for (const value of ['.', '..', '']) assert.is((await failureOf(readPages(at(value)))).code, 'E_PATH')
  assert.is(server.requests.length, 1)
})

it('stops after the first page with an older row where rows come in descending order', async () => {
  const newest = stream({ cursorPath: 'at', rowOrder: 'desc' }, {}, { paginator: { type: 'offset', limit: 2 } })
  things = [3, 2, 1].map((at) => ({ id: at, at }))
  const first = await readPages(newest)
  things = [6, 5, 4, 3, 2, 1].map((at) => ({ id: at, at }))
  const before = server.requests.length
  const second = await readPages(newest, committed(first))
  assert.equal(idsOf(second), [6, 5, 4])
  assert.is(server.requests.length - before, 3)
  assert.equal(second.at(-1)?.position['paging'], { done: true })
})

it('forgets a watermark of another cursor path', async () => {
  things = [{ id: 1, at: 5, created: 1 }]
  const first = await readPages(stream({ cursorPath: 'at' }))
  assert.equal(idsOf(await readPages(stream({ cursorPath: 'created' }), committed(first))), [1])
})

it('does not go on in the middle of a read by another cursor path', async () => {
  things = [1, 2, 3, 4].map((at) => ({ id: at, at, created: at }))
  const paginator = { type: 'offset', limit: 2, maxPages: 1 }
  const first = await readPages(stream({ cursorPath: 'at' }, {}, { paginator }))
  assert.equal(idsOf(first), [1, 2])
  assert.equal(idsOf(await readPages(stream({ cursorPath: 'at' }, {}, { paginator }), committed(first))), [3, 4])
  assert.equal(idsOf(await readPages(stream({ cursorPath: 'created' }, {}, { paginator }), committed(first))), [1, 2])
})

it('loads rows at the boundary again once the disposition has become merge', async () => {
  things = [{ id: 1, at: 5 }]
  const first = await readPages(stream({ cursorPath: 'at' }, { primaryKey: 'id' }))
  const merging = stream({ cursorPath: 'at' }, { primaryKey: 'id', writeDisposition: 'merge' })
  assert.equal(idsOf(await readPages(merging, committed(first))), [1])
})

it('remembers no rows below the highest value', async () => {
  things = [1, 2, 2, 3].map((at, id) => ({ id, at }))
  const pages = await readPages(stream({ cursorPath: 'at' }, {}, { paginator: { type: 'offset', limit: 1 } }))
  assert.equal(
    pages.map(({ position }) => watermarkOf([{ position, rows: [] }])['ties']).map((ties) => (ties as []).length),
    [1, 1, 2, 1, 1],
  )
})

it('refuses a position that is not one of its own', async () => {
  assert.is((await failureOf(readPages(stream({ cursorPath: 'at' }), { checkpoint: { page: 4 } }))).code, 'E_POSITION')
})

it.run()
