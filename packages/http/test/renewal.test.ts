import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { type MillraceEvent, secret } from '@millrace/core'
import { type Authenticator, createHttpClient, HttpStatusError, type OutgoingRequest } from '@millrace/http'
import { createLimiter, type Limiter } from '@millrace/ratelimit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler } from '../../../test/support/http-server.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { unhandledDuring } from '../../../test/support/unhandled-during.ts'
import { withServer } from './with-server.ts'

const it = suite('renewal of credentials')

/** Counts from token 1 upwards, one further with each renewal. */
function counting(): Authenticator & { readonly refused: OutgoingRequest[] } {
  const refused: OutgoingRequest[] = []
  return {
    name: 'counting',
    secrets: [],
    refused,
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: `token ${refused.length + 1}` } }),
    renew: (request) => {
      refused.push(request)
    },
  }
}

const good =
  (...tokens: number[]): Handler =>
  ({ headers }) =>
    tokens.some((number) => headers['authorization'] === `token ${number}`)
      ? { json: ['in'] }
      : { status: 401, json: { error: 'no' } }

it('follows a 401 at once, with the request that was refused', async () => {
  const auth = counting()
  const events: MillraceEvent[] = []
  await withServer(
    good(2),
    async ({ server, client, clock }) => {
      const response = await client.get('x')
      assert.equal(response.body, ['in'])
      assert.equal(clock.slept, [])
      assert.is(auth.refused.length, 1)
      assert.is(auth.refused[0]?.headers['authorization'], 'token 1')
      const url = `${server.url}/x`
      assert.equal(events, [
        { type: 'request', method: 'GET', url, attempt: 1 },
        { type: 'response', url, status: 401, ms: 0, bytes: 14 },
        {
          type: 'retry',
          reason: `GET ${url} answered 401: check the credentials (auth "counting"): {"error":"no"}`,
          attempt: 1,
          waitMs: 0,
        },
        { type: 'request', method: 'GET', url, attempt: 1 },
        { type: 'response', url, status: 200, ms: 0, bytes: 6 },
      ])
    },
    { auth, emit: (event) => events.push(event) },
  )
})

it('happens once per call: a second 401 is the error', async () => {
  const auth = counting()
  await withServer(
    good(),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x'))
      assert.ok(error instanceof HttpStatusError && error.status === 401)
      assert.is(server.requests.length, 2)
      await failureOf(client.get('y'))
      assert.is(server.requests.length, 4, 'each call has its own')
      assert.is(auth.refused.length, 2)
    },
    { auth },
  )
})

it('happens once per call even where retries come between', async () => {
  const auth = counting()
  await withServer(
    (_, index) => ({ status: index === 1 ? 503 : 401 }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x'))
      assert.ok(error instanceof HttpStatusError && error.status === 401)
      assert.is(server.requests.length, 3)
      assert.is(auth.refused.length, 1)
    },
    { auth },
  )
})

it('repeats a POST too: what was refused was not done', async () => {
  await withServer(
    good(2),
    async ({ server, client }) => {
      await client.request({ method: 'POST', path: 'x', json: { a: 1 } })
      assert.equal(
        server.requests.map(({ body }) => body),
        ['{"a":1}', '{"a":1}'],
      )
    },
    { auth: counting() },
  )
})

it('goes through the limiter', async () => {
  let runs = 0
  const inner = createLimiter({ maxConcurrency: 1 })
  const limiter: Limiter = {
    ...inner,
    run: (fn, options) => {
      runs += 1
      return inner.run(fn, options)
    },
  }
  await withServer(
    good(2),
    async ({ client }) => {
      await client.get('x')
      assert.is(runs, 2)
    },
    { auth: counting(), limiter },
  )
})

it('is for 401 only, and for authenticators that can', async () => {
  const auth = counting()
  await withServer(
    () => ({ status: 403 }),
    async ({ server, client }) => {
      await failureOf(client.get('x'))
      assert.is(server.requests.length, 1)
      assert.is(auth.refused.length, 0)
    },
    { auth },
  )
  const { renew: _, ...fixed } = counting()
  await withServer(
    good(2),
    async ({ server, client }) => {
      await failureOf(client.get('x'))
      assert.is(server.requests.length, 1)
    },
    { auth: fixed },
  )
})

it('is not for other hosts, which got no credentials', async () => {
  const auth = counting()
  await withServer(
    () => ({ status: 401 }),
    async ({ server: other }) => {
      await withServer(
        () => ({ status: 302, headers: { location: other.url } }),
        async ({ client }) => {
          await failureOf(client.get('x'))
          assert.is(other.requests.length, 1)
          assert.is(auth.refused.length, 0)
        },
        { auth, allowedHosts: [other.host] },
      )
    },
  )
})

it('that fails is an error without secrets', () =>
  withServer(
    good(),
    async ({ client }) => {
      const error = await failureOf(client.get('x'))
      assert.is(error.code, 'E_AUTH')
      assert.is(error.message, 'auth "counting" failed: cannot forget [redacted]')
      assert.not.match(inspect(error), /canary/)
    },
    {
      auth: {
        ...counting(),
        secrets: [secret('canary')],
        renew: () => {
          throw new Error('cannot forget canary')
        },
      },
    },
  ))

it('gives credentials that are as secret as those before', () => {
  let number = 1
  const auth: Authenticator = {
    name: 'renewed',
    get secrets() {
      return [secret(`canary-token-${number}`)]
    },
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: `canary-token-${number}` } }),
    renew: () => {
      number += 1
    },
  }
  return withServer(
    ({ headers }, index) => ({ status: index === 0 ? 401 : 400, body: `no ${headers['authorization']}` }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x'))
      assert.is(server.requests[1]?.headers['authorization'], 'canary-token-2')
      assert.match(error.message, /answered 400: no \[redacted\]$/)
      assert.not.match(inspect(error), /canary/)
    },
    { auth },
  )
})

it('an authenticator that hangs is left when the caller aborts or the time is over', () =>
  withServer(
    () => ({ json: [] }),
    async ({ server, client }) => {
      const controller = new AbortController()
      const reason = new Error('stop')
      const running = rejection(client.get('x', { signal: controller.signal }))
      setTimeout(() => controller.abort(reason), 5)
      assert.is(await running, reason)
      assert.is((await failureOf(client.get('x', { retry: { maxRetries: 0 } }))).code, 'E_TIMEOUT')
      assert.is(server.requests.length, 0)
    },
    { totalTimeoutMs: 20, auth: { ...counting(), apply: () => new Promise(() => {}) } },
  ))

it('an authenticator that is asked after the caller has aborted may reject: nobody misses it', async () => {
  const controller = new AbortController()
  const reason = new Error('stop')
  // A redirect whose body does not end: it is read when the abort comes.
  const server = createServer((_, response) => {
    response.writeHead(302, { location: '/to', 'content-length': 99 }).flushHeaders()
    setTimeout(() => controller.abort(reason), 10)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let asked = 0
  const auth: Authenticator = {
    ...counting(),
    apply: async (request, { signal } = {}) => {
      asked += 1
      signal?.throwIfAborted()
      return request
    },
  }
  const client = createHttpClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, auth })
  const unhandled = await unhandledDuring(async () => {
    assert.is(await rejection(client.get('x', { signal: controller.signal })), reason)
  })
  server.closeAllConnections()
  server.close()
  await client.close()
  assert.is(asked, 2)
  assert.equal(unhandled, [])
})

it('an authenticator cannot send a request elsewhere', async () => {
  const turns: [name: string, apply: Authenticator['apply']][] = [
    ['another URL', (request) => ({ ...request, url: new URL('http://127.0.0.1:9/') })],
    ['another port, in place', (request) => Object.assign(request, { url: withPort(request.url) })],
    ['another Host', (request) => ({ ...request, headers: { ...request.headers, host: 'other.test' } })],
  ]
  for (const [name, apply] of turns) {
    await withServer(
      () => ({ json: [] }),
      async ({ server, client }) => {
        const error = await failureOf(client.get('x'))
        assert.is(error.code, 'E_AUTH', name)
        assert.match(error.message, `it turned the request away from ${server.url}`, name)
        assert.match((await failureOf(client.get('x'))).message, `away from ${server.url}`, `${name}, once more`)
        assert.is(server.requests.length, 0, name)
      },
      { auth: { ...counting(), apply } },
    )
  }
})

it('an authenticator may change the URL in place: neither the next attempt nor the answer has it', () =>
  withServer(
    (_, index) => (index === 0 ? { status: 503 } : { json: [] }),
    async ({ server, client }) => {
      const { url } = await client.get('x')
      assert.equal(
        server.requests.map((request) => request.url),
        ['/x?sig=canary', '/x?sig=canary'],
      )
      assert.is(url, `${server.url}/x`)
    },
    {
      auth: {
        ...counting(),
        apply: (request) => {
          request.url.searchParams.append('sig', 'canary')
          return request
        },
      },
    },
  ))

function withPort(url: URL): URL {
  url.port = '9'
  return url
}

it.run()
