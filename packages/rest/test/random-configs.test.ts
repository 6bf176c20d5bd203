import { isMillraceError } from '@millrace/core'
import { ConfigError, type RestConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type HttpServer,
  type RecordedRequest,
  type Reply,
  startHttpServer,
} from '../../../test/support/http-server.ts'
import { createRandom } from '../../../test/support/random.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { brokenConfig, type Config, canary, rowCounts, soundConfig, waysToBreak } from './random-config.ts'

const it = suite('random configurations')

const soundConfigs = 80
const brokenConfigsOfAWay = 12

/** Pages of one stream. A setting such as `stop_after_empty_page: false` may well go on for ever. */
const mostPages = 30

/** What no read of a few pages over loopback takes, milliseconds. */
const hangsAfterMs = 20_000

const rows = Array.from({ length: 25 }, (_, index) => ({
  id: index + 1,
  at: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
}))

/** Two rows under `few`, else all there are. */
const rowsOf = (path: string) => (path.startsWith('/few') ? rows.slice(0, 2) : rows)

/** Answers everything, and says the way to the next page in all ways at once. */
function universalApi({ query, body, headers, path }: RecordedRequest): Reply {
  if (path === '/token' || path === '/login') return { json: { access_token: canary, token: canary, expires_in: 60 } }
  const all = rowsOf(path)
  const { paging: asked = {} } = body.startsWith('{') ? (JSON.parse(body) as { paging?: Record<string, number> }) : {}
  const numbered = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined)
  const limit = Math.min(numbered('limit') ?? numbered('top') ?? asked['size'] ?? 10, 10)
  const start =
    numbered('link') ??
    numbered('offset') ??
    numbered('skip') ??
    asked['from'] ??
    numbered('cursor') ??
    numbered('after') ??
    asked['after'] ??
    ((numbered('p') ?? 1) - 1 + (numbered('page') ?? asked['page'] ?? 0)) * limit
  const end = start + limit
  const hasMore = end < all.length
  const next = hasMore ? `http://${headers['host']}${path}?link=${end}` : null
  const paging = { ...(next && { link: `<${next}>; rel="next"`, 'x-next': `${end}` }) }
  const page = all.slice(start, end)
  if (path.endsWith('.csv')) {
    const lines = page.map((row) => `${row.id},${row.at}\n`)
    return { headers: { ...paging, 'content-type': 'text/csv' }, body: `id,at\n${lines.join('')}` }
  }
  if (path.endsWith('.ndjson')) {
    const lines = page.map((row) => `${JSON.stringify(row)}\n`)
    return { headers: { ...paging, 'content-type': 'application/x-ndjson' }, body: lines.join('') }
  }
  return {
    headers: paging,
    json: {
      data: page,
      next,
      '@links': { 'next.page': next },
      cursors: { next: hasMore ? end : null },
      total: all.length,
      pages: Math.ceil(all.length / limit),
      has_more: hasMore,
    },
  }
}

let server: HttpServer
it.before(async () => {
  server = await startHttpServer(universalApi)
})
it.after(() => server.close())

type Outcome =
  | { readonly ended: 'read'; readonly counts: readonly number[] }
  | { readonly ended: 'refused'; readonly error: ConfigError }
  | { readonly ended: 'failed'; readonly error: unknown }

async function outcomeOf(config: Config): Promise<Outcome> {
  const before = server.requests.length
  try {
    const clock = recordingClock()
    const counts: number[] = []
    for (const stream of restSource(config as unknown as RestConfig, { clock, random: () => 0 }).streams()) {
      let count = 0
      let pages = 0
      const signal = AbortSignal.timeout(hangsAfterMs)
      for await (const page of stream.read({ mode: 'incremental', signal, emit: () => {} })) {
        count += page.rows.length
        if (++pages === mostPages) break
      }
      counts.push(count)
    }
    return { ended: 'read', counts }
  } catch (error) {
    if (!(error instanceof ConfigError)) return { ended: 'failed', error }
    assert.is(server.requests.length, before, 'a configuration is refused before any request')
    return { ended: 'refused', error }
  }
}

/** `resources[0].endpoint["a b"]` as keys. */
function keysOf(path: string): string[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(
    ([, index, quoted, name]) => index ?? (quoted === undefined ? `${name}` : (JSON.parse(quoted) as string)),
  )
}

/** Whether a path leads somewhere, or its parent does and a key is missing there. */
function isPlace(config: unknown, path: string): boolean {
  let value = config
  for (const [index, key] of keysOf(path).entries()) {
    if (index > 0 && (value === undefined || value === null)) return false
    const isOwn = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    value = isOwn ? (value as Config)[key] : undefined
  }
  return true
}

const shown = (config: Config): string =>
  JSON.stringify(config, (_, value) => (['bigint', 'function'].includes(typeof value) ? String(value) : value))

it('run to the end where they are sound, and give every row of every resource', async () => {
  for (let seed = 0; seed < soundConfigs; seed++) {
    const config = soundConfig(createRandom(seed), server.url)
    const outcome = await outcomeOf(config)
    const names = (config['resources'] as (string | { name: string })[]).map((each) =>
      typeof each === 'string' ? each : each.name,
    )
    const expected = names.map((name) => rowCounts[name] ?? rows.length)
    const said = outcome.ended === 'read' ? '' : String(outcome.error)
    assert.equal(outcome, { ended: 'read', counts: expected }, `seed ${seed}: ${said}\n${shown(config)}`)
  }
})

const ends = new Map<string, number>()

for (const [index, how] of waysToBreak.entries()) {
  it(`run, or fail with a typed error and a place in the configuration: ${how}`, async () => {
    for (let turn = 0; turn < brokenConfigsOfAWay; turn++) {
      const seed = 1000 + index * 100 + turn
      const config = brokenConfig(createRandom(seed), server.url, how)
      const text = `seed ${seed}: ${shown(config).slice(0, 4000)}`
      const outcome = await outcomeOf(config)
      ends.set(outcome.ended, (ends.get(outcome.ended) ?? 0) + 1)
      if (outcome.ended === 'read') continue
      const { error } = outcome
      if (!isMillraceError(error)) throw new Error(`${text}\nended in no error of ours`, { cause: error })
      assert.match(error.code, /^E_[A-Z_]+$/)
      assert.not.match(error.message, canary, text)
      if (!(error instanceof ConfigError)) continue
      assert.ok(error.problems.length > 0, text)
      for (const { path, message } of error.problems) {
        assert.ok(message.length > 5 && !message.includes('undefined'), `${text}\n${path}: ${message}`)
        assert.ok(isPlace(config, path), `${text}\nthere is no ${path}: ${message}`)
      }
    }
  })
}

it('ended in all three ways, each often enough to say something', () => {
  const { read = 0, refused = 0, failed = 0 } = Object.fromEntries(ends)
  assert.is(read + refused + failed, waysToBreak.length * brokenConfigsOfAWay)
  assert.ok(read >= 10 && refused >= 80 && failed >= 5, JSON.stringify({ read, refused, failed }))
  assert.is(({} as Config)['polluted'], undefined)
})

it.run()
