import { createServer } from 'node:net'
import type { MillraceEvent } from '@millrace/core'
import { createHttpClient, HttpStatusError } from '@millrace/http'
import { createLimiter } from '@millrace/ratelimit'
import { WaitTooLongError } from '@millrace/retry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { withServer } from './with-server.ts'

const it = suite('http retry')

it('tries 429, 500, 502, 503 and 504 again, three times, after about 2, 4 and 8 s', async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    await withServer(
      () => ({ status }),
      async ({ server, client, clock }) => {
        const error = await failureOf(client.get('busy'))
        assert.is(error.message, `GET ${server.url}/busy answered ${status} after 4 attempts`)
        assert.is(error.context['attempts'], 4)
        assert.is(server.requests.length, 4)
        assert.equal(clock.slept, [2000, 4000, 8000])
      },
    )
  }
})

it('does not try other statuses again', async () => {
  for (const status of [400, 401, 404, 408, 501, 505]) {
    await withServer(
      () => ({ status }),
      async ({ server, client }) => {
        assert.not((await failureOf(client.get('no'))).retryable)
        assert.is(server.requests.length, 1)
      },
    )
  }
})

it('tries a POST again for the same statuses', () =>
  withServer(
    (_, index) => (index < 2 ? { status: 503 } : { json: 'done' }),
    async ({ client }) => {
      const response = await client.request({ method: 'POST', path: 'search', json: {} })
      assert.is(response.body, 'done')
      assert.is(response.meta.attempt, 3)
      assert.is(response.meta.ms, 6000, 'waits included')
    },
  ))

it('takes its settings from the client, and from the request over them', () =>
  withServer(
    () => ({ status: 418 }),
    async ({ server, client, clock }) => {
      await failureOf(client.get('tea'))
      assert.equal(clock.slept, [3000])
      await failureOf(client.get('tea', { retry: { maxRetries: 0 } }))
      assert.is(server.requests.length, 3)
    },
    { retry: { statuses: [418], maxRetries: 1, backoffFactor: 3 } },
  ))

it('waits as long as Retry-After says, in seconds or until a date on the clock of the server', async () => {
  const cases: [headers: Record<string, string>, waited: number][] = [
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'Thu, 01 Jan 2015 00:01:30 GMT', date: 'Thu, 01 Jan 2015 00:00:00 GMT' }, 90_000],
    [{ 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT', date: 'Thu, 01 Jan 2015 00:01:00 GMT' }, 2000],
    [{ 'retry-after': '0' }, 2000],
    [{ 'retry-after': 'soon' }, 2000],
    [{ 'retry-after': '-5' }, 2000],
  ]
  for (const [headers, waited] of cases) {
    await withServer(
      (_, index): Reply => (index === 0 ? { status: 429, headers } : { json: [] }),
      async ({ client, clock }) => {
        await client.get('limited')
        assert.equal(clock.slept, [waited], JSON.stringify(headers))
      },
    )
  }
})

it('ends with the time to come back where Retry-After is too long', () =>
  withServer(
    () => ({ status: 429, headers: { 'retry-after': '3600' } }),
    async ({ server, client, clock }) => {
      const error = await failureOf(client.get('limited', { retry: { maxWaitMs: 60_000 } }))
      assert.instance(error, WaitTooLongError)
      assert.ok(error instanceof WaitTooLongError && error.resumeAt === '2026-01-01T01:00:00.000Z')
      assert.instance(error.cause, HttpStatusError)
      assert.is(server.requests.length, 1)
      assert.equal(clock.slept, [])
    },
  ))

it('pauses the limiter for everybody when the server says so, unless nobody will wait that long', async () => {
  const pauses: number[] = []
  const inner = createLimiter()
  const limiter = { run: inner.run, pause: (ms: number) => pauses.push(ms) }
  await withServer(
    (_, index): Reply => (index === 0 ? { status: 429, headers: { 'retry-after': '3' } } : { json: [] }),
    async ({ client }) => {
      await client.get('limited')
      assert.equal(pauses, [3000])
    },
    { limiter },
  )
  await withServer(
    () => ({ status: 429, headers: { 'retry-after': '7200' } }),
    async ({ client }) => {
      await failureOf(client.get('limited'))
      assert.equal(pauses, [3000])
    },
    { limiter },
  )
})

it('runs every attempt through the limiter', async () => {
  let running = 0
  let most = 0
  await withServer(
    async (_, index) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return index < 2 ? { status: 500 } : { json: [] }
    },
    async ({ server, client }) => {
      await Promise.all([1, 2, 3, 4].map((id) => client.get(`item/${id}`)))
      assert.is(server.requests.length, 6)
      assert.is(most, 1)
    },
    { limiter: createLimiter({ maxConcurrency: 1 }) },
  )
})

it('tries again after a connection that was lost, but not what may have been done already', async () => {
  for (const fault of ['reset-before-headers', 'reset-during-headers', 'truncated-body', 'truncated-chunks'] as const) {
    await withServer(
      (_, index) => (index === 0 ? { fault, json: [1, 2, 3, 4, 5, 6, 7] } : { json: ['whole'] }),
      async ({ server, client }) => {
        assert.equal((await client.get('get')).body, ['whole'], fault)
        assert.is(server.requests.length, 2)
      },
    )
    await withServer(
      () => ({ fault, json: [1, 2, 3, 4, 5, 6, 7] }),
      async ({ server, client }) => {
        const error = await failureOf(client.request({ method: 'POST', path: 'post', json: {} }))
        assert.is(error.code, 'E_CONNECTION', fault)
        assert.match(error.message, /POST http:\S+\/post: the connection was lost before the answer was complete/)
        assert.is(server.requests.length, 1, fault)
      },
    )
    await withServer(
      (_, index) => (index === 0 ? { fault, json: [1, 2, 3, 4, 5, 6, 7] } : { json: ['whole'] }),
      async ({ client }) => {
        const search = client.request({ method: 'POST', path: 'search', json: {}, idempotent: true })
        assert.equal((await search).body, ['whole'], fault)
      },
    )
  }
})

it('says that nobody listens, after as many attempts as it may make', async () => {
  const { port } = await new Promise<{ port: number }>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address() as { port: number }
      server.close(() => resolve(address))
    })
  })
  const client = createHttpClient({ baseUrl: `http://127.0.0.1:${port}`, clock: recordingClock() })
  const error = await failureOf(client.request({ method: 'POST', path: 'x', json: {} }))
  assert.is(error.code, 'E_CONNECTION')
  assert.is(
    error.message,
    `Could not connect to http://127.0.0.1:${port} (ECONNREFUSED): is the server running, and is base_url right? (after 4 attempts)`,
  )
  assert.is(error.context['code'], 'ECONNREFUSED')
  await client.close()
})

it('does not look again for a host that does not exist', async () => {
  const events: MillraceEvent[] = []
  const baseUrl = 'http://host.invalid'
  const client = createHttpClient({ baseUrl, clock: recordingClock(), emit: (event) => events.push(event) })
  const error = await failureOf(client.get('x'))
  assert.is(error.code, 'E_CONNECTION')
  // Without a network the resolver cannot know, and says EAI_AGAIN: then it is right to try again.
  if (error.context['code'] === 'ENOTFOUND') assert.is(events.length, 1)
  await client.close()
})

it('explains a server that speaks no TLS, and one that speaks no HTTP', () =>
  withServer(
    () => ({ fault: 'raw', bytes: 'SSH-2.0-OpenSSH_9.6\r\n' }),
    async ({ server, client }) => {
      const strange = await failureOf(client.get('x'))
      assert.is(strange.code, 'E_PROTOCOL')
      assert.is(server.requests.length, 1, 'not tried again')
      const secure = createHttpClient({ baseUrl: `https://${server.host}`, clock: recordingClock() })
      const error = await failureOf(secure.get('x'))
      assert.is(error.code, 'E_TLS')
      assert.match(error.message, /does the server speak https on this port/)
      await secure.close()
    },
  ))

it('explains a certificate that nobody vouches for, and does not send anything', async () => {
  const server = await startHttpServer(() => ({ json: [] }), { tls: true })
  const client = createHttpClient({ baseUrl: server.url, clock: recordingClock() })
  const error = await failureOf(client.get('x'))
  await client.close()
  await server.close()
  assert.is(error.code, 'E_TLS')
  assert.match(error.message, `No secure connection to ${server.url} (DEPTH_ZERO_SELF_SIGNED_CERT): is the certificate`)
  assert.not(error.retryable)
  assert.is(server.requests.length, 0)
})

it('gives up an answer that does not come, or comes too slowly', async () => {
  await withServer(
    () => ({ fault: 'hang' }),
    async ({ server, client }) => {
      // Together, because `undici` looks at its watch about once a second only.
      const [get, post] = await Promise.all([
        failureOf(client.get('hang', { retry: { maxRetries: 1 } })),
        failureOf(client.request({ method: 'POST', path: 'hang', json: {} })),
      ])
      assert.is(get.code, 'E_TIMEOUT')
      assert.match(get.message, /nothing was received for 0.05 s; allow more with timeout \(after 2 attempts\)/)
      assert.is(server.requests.length, 3)
      assert.not(post.retryable, 'the server may still be at it')
    },
    { timeoutMs: 50 },
  )
  await withServer(
    () => ({ fault: 'slow-drip', json: 'x'.repeat(10_000), everyMs: 5 }),
    async ({ client }) => {
      const error = await failureOf(client.get('drip', { retry: { maxRetries: 0 } }))
      assert.is(error.code, 'E_TIMEOUT')
      assert.match(error.message, /the answer was not complete after 0.06 s; allow more with total_timeout/)
    },
    { totalTimeoutMs: 60 },
  )
})

it('rejects with the reason of the signal, wherever it is', async () => {
  const reason = new Error('stop')
  await withServer(
    ({ path }) => {
      if (path === '/busy') return { status: 503 }
      if (path === '/drip') return { fault: 'slow-drip', json: 'x'.repeat(10_000), everyMs: 5 }
      return { fault: 'hang' }
    },
    async ({ server, client }) => {
      const before = await client.get('x', { signal: AbortSignal.abort(reason) }).catch((thrown: unknown) => thrown)
      assert.is(before, reason)
      assert.is(server.requests.length, 0)
      for (const path of ['hang', 'drip']) {
        const controller = new AbortController()
        const running = client.get(path, { signal: controller.signal }).catch((thrown: unknown) => thrown)
        setTimeout(() => controller.abort(reason), 15)
        assert.is(await running, reason, path)
      }
    },
  )
})

it.run()
