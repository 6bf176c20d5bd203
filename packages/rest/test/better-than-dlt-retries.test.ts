import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultCapacity } from '@millrace/retry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Fault, Handler, Reply } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { readPages } from '../../../test/support/read-pages.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { millrace } from '../../../test/support/run-millrace.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { configuredSource, createServe, load, read } from './configured-api.ts'

// What dlt asks again for, when, and how often, measured with version 1.26.0, and what happens here.
const it = suite('retries and pace of a configuration')
const serve = createServe(it)

const start = Date.parse('2026-01-01T00:00:00Z')
const resources = ['items']
const all = [1, 2, 3, 4, 5, 6]

/** Three pages of two rows and an empty one. `special` takes the place of an answer, for the given attempt of a page. */
function paged(special: (page: number, attempt: number) => Reply | Fault | undefined): Handler {
  const attempts = new Map<number, number>()
  return ({ query }) => {
    const page = Number(query.get('page'))
    const attempt = (attempts.get(page) ?? 0) + 1
    attempts.set(page, attempt)
    const rows = page < 3 ? [1, 2].map((row) => ({ id: page * 2 + row })) : []
    return special(page, attempt) ?? { json: { data: rows } }
  }
}
const firstAnswerOf = (page: number, reply: Reply | Fault) =>
  paged((asked, attempt) => (asked === page && attempt === 1 ? reply : undefined))

interface Told {
  readonly ids: readonly unknown[]
  readonly requests: number
  readonly slept: readonly number[]
}

const client = { paginator: 'page_number' }

/** Reads with a clock that takes no time, and no jitter. */
async function readItems(handler: Handler, settings: object = {}, endpoint: object = {}): Promise<Told> {
  const server = await serve(handler)
  const clock = recordingClock(start)
  const config = { client: { ...client, ...settings }, resources: [{ name: 'items', endpoint }] }
  const { ids } = await read(server, config, { clock, random: () => 0.5 })
  return { ids, requests: server.requests.length, slept: clock.slept }
}

it('429, 500, 502, 503 and 504 are asked again after 2, 4 and 8 s, in the middle of the pages too', async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    const handler = paged((page, attempt) => (page === 1 && attempt <= 3 ? { status } : undefined))
    assert.equal(await readItems(handler), { ids: all, requests: 4 + 3, slept: [2000, 4000, 8000] })
  }
})

it('a status that does not pass by itself ends the run at once: 401, 403, 404, 408, 425, 501', async () => {
  for (const status of [401, 403, 404, 408, 425, 501]) {
    const server = await serve(() => ({ status }))
    const error = await failureOf(read(server, { client, resources }, { clock: recordingClock() }))
    assert.equal([error.code, error.context['status'], server.requests.length], ['E_HTTP_STATUS', status, 1])
  }
})

it('retry of the client holds for all, and retry of an endpoint over it key by key', async () => {
  const busy = (): Reply => ({ status: 599 })
  const retry = { max_retries: 2, backoff_factor: 3, statuses: [599], max_wait: 5 }
  const cases: [own: object, requests: number, slept: number[]][] = [
    [{}, 3, [3000, 5000]],
    [{ max_retries: 1 }, 2, [3000]],
    [{ max_retries: 0 }, 1, []],
    [{ max_wait: 60 }, 3, [3000, 9000]],
    [{ backoff_factor: 1 }, 3, [1000, 1000]],
    [{ statuses: [500] }, 1, []],
  ]
  for (const [own, requests, slept] of cases) {
    const server = await serve(busy)
    const clock = recordingClock()
    const config = { client: { ...client, retry }, resources: [{ name: 'items', endpoint: { retry: own } }] }
    const error = await failureOf(read(server, config, { clock, random: () => 0.5 }))
    assert.equal(
      [error.code, server.requests.length, clock.slept],
      ['E_HTTP_STATUS', requests, slept],
      JSON.stringify(own),
    )
  }
})

it('waits vary by a fifth, so that those who failed together do not come back together', async () => {
  for (const [random, wait] of [
    [0, 1600],
    [0.999_999, 2400],
  ] as const) {
    const server = await serve(firstAnswerOf(0, { status: 503 }))
    const clock = recordingClock()
    await read(server, { client, resources }, { clock, random: () => random })
    assert.equal(clock.slept, [wait])
  }
})

it('Retry-After is kept to in seconds and as a date, and 0, a date gone by or garbage hammers nobody', async () => {
  const cases: [retryAfter: string, slept: number][] = [
    ['7', 7000],
    ['1.5', 1500],
    ['0', 2000],
    ['soon', 2000],
    ['-5', 2000],
    [new Date(start + 90_000).toUTCString(), 90_000],
    [new Date(start - 90_000).toUTCString(), 2000],
    ['600', 600_000],
  ]
  for (const [retryAfter, slept] of cases) {
    for (const status of [429, 503]) {
      const headers = { 'retry-after': retryAfter, date: new Date(start).toUTCString() }
      const told = await readItems(firstAnswerOf(1, { status, headers }))
      assert.equal([told.ids, told.requests], [all, 5])
      // The pause holds for all requests of the source, so it may be sat through in more than one sleep.
      assert.is(
        told.slept.reduce((sum, each) => sum + each, 0),
        slept,
        retryAfter,
      )
    }
  }
})

it('a wait beyond max_wait ends as resumable: exit code 3, the rows so far kept, and the next run goes on there', async () => {
  let isBusy = true
  const server = await serve((request, index) =>
    isBusy && request.query.get('page') === '2'
      ? { status: 429, headers: { 'retry-after': '86400' } }
      : paged(() => undefined)(request, index),
  )
  await withTempFolder(async (folder) => {
    const file = join(folder, 'api.json')
    const config = { client: { ...client, base_url: server.url, retry: { max_wait: 60 } }, resources }
    await writeFile(file, JSON.stringify(config))
    const command = ['run', file, '--to', join(folder, 'out')]
    const first = await millrace(command)
    assert.is(first.code, 3, first.stderr)
    assert.match(first.stderr, /it asked to wait 86400 s, longer than the 60 s allowed: try again at \d{4}-/)
    assert.is(server.requests.length, 3)

    isBusy = false
    const second = await millrace(command)
    assert.is(second.code, 0, second.stderr)
    assert.match(second.stderr, 'items: going on after page 2 (4 rows)')
    assert.equal(
      server.requests.map(({ query }) => query.get('page')),
      ['0', '1', '2', '2', '3'],
    )
    assert.equal(
      (await readDelta(join(folder, 'out', 'items'), 'id')).rows.map(({ id }) => Number(id)),
      all,
    )
  })
})

const lost: readonly Fault[] = [
  { fault: 'reset-before-headers' },
  { fault: 'reset-during-headers' },
  { fault: 'reset-during-body', json: { data: [{ id: 99 }] } },
  { fault: 'truncated-body', json: { data: [{ id: 99 }] } },
  { fault: 'truncated-chunks', json: { data: [{ id: 99 }] } },
  { fault: 'truncated-gzip', json: { data: [{ id: 99 }] } },
  { fault: 'truncated-plain', json: { data: [{ id: 99 }] } },
]

it('a lost connection and a body that is cut off are asked for again, on every page, and no half page is kept', async () => {
  for (const fault of lost) {
    for (const page of [0, 1, 3]) {
      const told = await readItems(firstAnswerOf(page, fault))
      assert.equal(told, { ids: all, requests: 5, slept: [2000] }, `${fault.fault} at page ${page}`)
    }
  }
})

it('children of several parents at once go on over every fault, and all their rows come, in order', async () => {
  for (const fault of [...lost, { status: 503 }, { status: 429, headers: { 'retry-after': '1' } }] as const) {
    const answered = new Map<string, number>()
    const server = await serve(({ path, query, url }) => {
      const attempt = (answered.get(url) ?? 0) + 1
      answered.set(url, attempt)
      if (attempt === 1 && query.get('page') === '1') return fault
      const page = Number(query.get('page'))
      return { json: { data: page < 2 ? [1, 2].map((row) => ({ id: page * 2 + row, of: path })) : [] } }
    })
    const child = { name: 'c', parallelized: true, endpoint: 'p/{resources.p.id}/c' }
    const options = { stream: 'c', clock: recordingClock(), random: () => 0.5 }
    const { rows } = await read(server, { client, resources: ['p', child] }, options)
    assert.equal(
      rows.map(({ id, of }) => `${of} ${id}`),
      [1, 2, 3, 4].flatMap((parent) => [1, 2, 3, 4].map((row) => `/p/${parent}/c ${row}`)),
    )
    // Three pages of five endpoints, and one of each twice.
    assert.is(server.requests.length, 15 + 5)
  }
})

it('a POST that reads is asked again too, and one that may not be sent twice is not', async () => {
  const post = { method: 'POST', json: { q: 1 }, paginator: { type: 'page_number' } }
  for (const fault of lost) {
    const told = await readItems(firstAnswerOf(1, fault), {}, post)
    assert.equal([told.ids, told.requests], [all, 5], fault.fault)
    const server = await serve(firstAnswerOf(1, fault))
    const endpoint = { ...post, idempotent: false }
    const error = await failureOf(read(server, { client, resources: [{ name: 'items', endpoint }] }))
    assert.is(server.requests.length, 2, `${fault.fault}: ${error.message}`)
    assert.is(error.retryable, false)
  }
  // A server that says 503 has not done it.
  const told = await readItems(firstAnswerOf(1, { status: 503 }), {}, { ...post, idempotent: false })
  assert.equal([told.ids, told.requests], [all, 5])
})

it('an answer that does not come within the timeout is asked for again', async () => {
  const told = await readItems(firstAnswerOf(1, { fault: 'hang' }), { timeout: 0.02 })
  assert.equal([told.ids, told.requests], [all, 5])
})

it('a body that drips is given up after total_timeout, whatever the silence between its bytes', async () => {
  const drip: Fault = { fault: 'slow-drip', json: { data: [{ id: 99 }] }, everyMs: 5 }
  const told = await readItems(firstAnswerOf(1, drip), { timeout: 60, total_timeout: 0.04 })
  assert.equal([told.ids, told.requests], [all, 5])
})

it('resources of a dead server share what may be retried: 40 calls are 40 requests and 100 retries', async () => {
  const dead = Array.from({ length: 40 }, (_, index) => `r${index}`)
  const server = await serve(() => ({ status: 503 }))
  const response_actions = [{ status_code: 503, action: 'ignore' }]
  await withTempFolder(async (folder) => {
    const config = { client, resource_defaults: { endpoint: { response_actions } }, resources: dead }
    await load(server, config, folder, { clock: recordingClock() })
  })
  assert.is(server.requests.length, dead.length + defaultCapacity)
})

it('max_concurrency holds for all resources of a source together', async () => {
  for (const [max_concurrency, most] of [
    [1, 1],
    [2, 2],
  ] as const) {
    let running = 0
    let seen = 0
    const server = await serve(async () => {
      running += 1
      seen = Math.max(seen, running)
      await new Promise((resolve) => setTimeout(resolve, 10))
      running -= 1
      return { json: [{ id: 1 }] }
    })
    await withTempFolder(async (folder) => {
      const config = { client: { rate_limit: { max_concurrency } }, resources: ['a', 'b', 'c', 'd'] }
      const report = await load(server, config, folder)
      assert.is(report.requests, 4)
    })
    assert.is(seen, most)
  }
})

it('requests per_seconds holds for all resources of a source together', async () => {
  const stop = new AbortController()
  const server = await serve(async () => {
    // The others have had every chance to ask by then.
    setTimeout(() => stop.abort(new Error('enough')), 20)
    return { json: [{ id: 1 }] }
  })
  const config = { client: { rate_limit: { requests: 1, per_seconds: 1000 } }, resources: ['a', 'b', 'c', 'd'] }
  await Promise.allSettled(
    configuredSource(server, config)
      .streams()
      .map((stream) => readPages(stream, { signal: stop.signal })),
  )
  assert.is(server.requests.length, 1)
})

type Dialect = (left: number, endsAt: number, resetSeconds: number) => Record<string, string>

const dialects: Readonly<Record<string, Dialect>> = {
  'RateLimit-* (draft 5)': (left, _, seconds) => ({
    'ratelimit-limit': '3',
    'ratelimit-remaining': `${left}`,
    'ratelimit-reset': `${seconds}`,
  }),
  'RateLimit (draft 6)': (left, _, seconds) => ({ ratelimit: `limit=3, remaining=${left}, reset=${seconds}` }),
  'RateLimit (draft 10)': (left, _, seconds) => ({ ratelimit: `"default";r=${left};t=${seconds}` }),
  'X-RateLimit-* in seconds since 1970': (left, endsAt) => ({
    'x-ratelimit-remaining': `${left}`,
    'x-ratelimit-reset': `${endsAt / 1000}`,
  }),
  'X-RateLimit-* in milliseconds since 1970': (left, endsAt) => ({
    'x-ratelimit-remaining': `${left}`,
    'x-ratelimit-reset': `${endsAt}`,
  }),
}

it('a quota of 3 requests a minute that the API announces is kept to without a single 429, in every dialect', async () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    const clock = recordingClock(start)
    const used = new Map<number, number>()
    let refused = 0
    const server = await serve(({ query }) => {
      const minute = Math.floor(clock.now() / 60_000)
      const count = (used.get(minute) ?? 0) + 1
      used.set(minute, count)
      if (count > 3) refused += 1
      const endsAt = (minute + 1) * 60_000
      const told = dialect(Math.max(3 - count, 0), endsAt, Math.ceil((endsAt - clock.now()) / 1000))
      const headers = { ...told, date: new Date(clock.now()).toUTCString() }
      const page = Number(query.get('page'))
      return count > 3 ? { status: 429, headers } : { json: { data: page < 8 ? [{ id: page }] : [] }, headers }
    })
    const { ids } = await read(server, { client, resources }, { clock })
    assert.equal([ids.length, refused, server.requests.length], [8, 0, 9], name)
    assert.equal([...used.values()], [3, 3, 3], name)
  }
})

it.run()
