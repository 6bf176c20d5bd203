import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '@millrace/core'
import { createHttpClient } from '@millrace/http'
import { createLimiter } from '@millrace/ratelimit'
import { createRetryBudget, WaitTooLongError } from '@millrace/retry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { type Scene, withServer } from './with-server.ts'

const it = suite('http rate limits')

const windowMs = 10_000
const quota = 40

interface Window {
  readonly left: number
  /** Milliseconds since 1970, and from now. */
  readonly endsAt: number
  readonly ms: number
}

/** How servers spell the same thing. Whole seconds are rounded up, as their libraries do. */
const dialects: Readonly<Record<string, (window: Window) => Record<string, string>>> = {
  'RateLimit (draft 6)': ({ left, ms }) => ({
    ratelimit: `limit=${quota}, remaining=${left}, reset=${Math.ceil(ms / 1000)}`,
  }),
  'RateLimit (draft 10)': ({ left, ms }) => ({
    ratelimit: `"default";r=${left};t=${Math.ceil(ms / 1000)}`,
    'ratelimit-policy': `"default";q=${quota};w=${windowMs / 1000}`,
  }),
  'X-RateLimit-* in seconds since 1970': ({ left, endsAt }) => ({
    'x-ratelimit-limit': String(quota),
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset': String(Math.ceil(endsAt / 1000)),
  }),
  'X-Rate-Limit-* in milliseconds since 1970': ({ left, endsAt }) => ({
    'x-rate-limit-remaining': String(left),
    'x-rate-limit-reset': String(endsAt),
  }),
  'X-RateLimit-Reset-After': ({ left, ms }) => ({
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset-after': String(ms / 1000),
  }),
}

/** A server that counts and refuses, and the clock it shares with its client: time passes with calls and with waits. */
async function callAll(
  dialect: (window: Window) => Record<string, string>,
  calls: number,
  concurrency: number,
): Promise<{ readonly refused: number; readonly usedByWindow: readonly number[] }> {
  const used = new Map<number, number>()
  let now = Date.parse('2026-03-01T12:00:00Z')
  let refused = 0
  let underWay = 0
  const clock: Clock = {
    now: () => now,
    // Time stands still while calls are under way, as they are much shorter than any wait.
    sleep: async (ms, signal) => {
      const until = now + ms
      do {
        await turn()
        signal?.throwIfAborted()
      } while (underWay > 0)
      now = Math.max(now, until)
    },
  }
  const server = await startHttpServer(() => {
    now += 10
    const number = Math.floor(now / windowMs)
    const count = (used.get(number) ?? 0) + 1
    const endsAt = (number + 1) * windowMs
    if (count > quota) refused += 1
    else used.set(number, count)
    const window = { left: Math.max(0, quota - count), endsAt, ms: endsAt - now }
    const headers = { date: new Date(now).toUTCString(), ...dialect(window) }
    return count > quota ? { status: 429, headers } : { json: [], headers }
  })
  const client = createHttpClient({
    baseUrl: server.url,
    clock,
    emit: ({ type }) => {
      if (type === 'request') underWay += 1
      if (type === 'response') underWay -= 1
    },
  })
  let next = 0
  async function work(): Promise<void> {
    while (next < calls) {
      next += 1
      await client.get(`item/${next}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    await server.close()
    await client.close()
  }
  return { refused, usedByWindow: [...used.values()] }
}

for (const [name, dialect] of Object.entries(dialects)) {
  for (const concurrency of [1, 4]) {
    it(`uses up what a server announces as ${name}, ${concurrency} at a time, and is never refused`, async () => {
      const { refused, usedByWindow } = await callAll(dialect, 4 * quota, concurrency)
      assert.is(refused, 0)
      // The last window may be one that was just begun.
      const full = usedByWindow.slice(0, -1)
      assert.ok(full.length >= 3, `${usedByWindow}`)
      const share = full.reduce((sum, each) => sum + each, 0) / (full.length * quota)
      assert.ok(share >= 0.95, `used ${usedByWindow}`)
    })
  }
}

/** How many of 400 calls, one after the other, are refused by a server that takes ten a second and does not say so. */
async function refusals(adaptive: boolean): Promise<number> {
  const clock = recordingClock()
  const taken = new Map<number, number>()
  let refused = 0
  const serve: Handler = () => {
    clock.advance(10)
    const second = Math.floor(clock.now() / 1000)
    const count = (taken.get(second) ?? 0) + 1
    taken.set(second, count)
    if (count <= 10) return { json: [] }
    refused += 1
    return { status: 429 }
  }
  const limiter = createLimiter({ adaptive, clock })
  const call = async ({ client }: Scene): Promise<void> => {
    for (let number = 0; number < 400; number += 1) await client.get('x')
  }
  await withServer(serve, call, { clock, limiter })
  return refused
}

it('is seldom refused where the limiter adapts to a quota that nobody announces', async () => {
  const without = await refusals(false)
  const adapted = await refusals(true)
  assert.ok(without >= 30, `${without} are refused without`)
  assert.ok(adapted >= 1 && adapted <= 6, `${adapted} are refused`)
})

it('ends at once, with the time to come back, where the quota is full again too late', () =>
  withServer(
    () => ({ json: [], headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3600' } }),
    async ({ server, client, clock }) => {
      await client.get('last')
      const error = await failureOf(client.get('one-more', { retry: { maxRetries: 0 } }))
      assert.ok(error instanceof WaitTooLongError)
      assert.is(error.resumeAt, '2026-01-01T01:00:00.000Z')
      assert.match(error.message, /GET http:\S+one-more was not sent, because the server asked for a pause/)
      assert.is(server.requests.length, 1)
      assert.equal(clock.slept, [])
    },
  ))

it('waits for the reset after a 429 that has no Retry-After', () =>
  withServer(
    (_, index) =>
      index === 0
        ? { status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '42' } }
        : { json: ['fine'] },
    async ({ client, clock }) => {
      assert.equal((await client.get('x')).body, ['fine'])
      assert.equal(clock.slept, [42_000])
    },
  ))

it('shares a limiter between clients: what one is told, the other keeps to', () =>
  withServer(
    () => ({ json: [], headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' } }),
    async ({ server, clock }) => {
      const limiter = createLimiter({ clock })
      const clients = [1, 2].map(() => createHttpClient({ baseUrl: server.url, clock, limiter }))
      for (const each of clients) await each.get('x')
      assert.equal(clock.slept, [30_000])
      for (const each of clients) await each.close()
    },
  ))

it('listens to no quota of another host', () =>
  withServer(
    () => ({ json: [], headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' } }),
    async ({ server, clock }) => {
      const home = createHttpClient({ baseUrl: 'http://127.0.0.1:9', clock, allowedHosts: [server.host] })
      await home.get(`${server.url}/a`)
      await home.get(`${server.url}/b`)
      assert.equal(clock.slept, [])
      await home.close()
    },
  ))

it('shares a retry budget between clients: a dead server is left alone by both', () =>
  withServer(
    () => ({ status: 503 }),
    async ({ server, clock }) => {
      const budget = createRetryBudget({ capacity: 4 })
      const clients = [1, 2].map(() => createHttpClient({ baseUrl: server.url, clock, budget }))
      for (const each of clients) await failureOf(each.get('x'))
      assert.is(server.requests.length, 2 + 4)
      for (const each of clients) await each.close()
    },
  ))

it.run()
