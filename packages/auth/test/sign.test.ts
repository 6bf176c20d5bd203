import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { type SignRequest, sign } from '@millrace/auth'
import { type MillraceEvent, secret } from '@millrace/core'
import { createHttpClient, type HttpClient, withQuery } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'

const it = suite('sign')

interface Scene {
  readonly server: HttpServer
  readonly client: HttpClient
  readonly events: readonly MillraceEvent[]
}

async function signing(
  fn: SignRequest,
  test: (scene: Scene) => Promise<void>,
  handler: Handler = () => ({ json: [] }),
): Promise<void> {
  const server = await startHttpServer(handler)
  const events: MillraceEvent[] = []
  const emit = (event: MillraceEvent) => void events.push(event)
  const client = createHttpClient({ baseUrl: server.url, auth: sign(fn), clock: recordingClock(), emit })
  try {
    await test({ server, client, events })
  } finally {
    await server.close()
    await client.close()
  }
}

const hmac = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex')

it('sends what the function makes of the whole request, made anew for each attempt', () => {
  let count = 0
  return signing(
    async ({ method, url, headers, body = '' }) => {
      count += 1
      const text = `${method} ${url.pathname}${url.search} ${headers['accept']} ${body}`
      return { method, url, body, headers: { ...headers, 'X-Signature': hmac(text), 'x-count': `${count}` } }
    },
    async ({ server, client }) => {
      await client.request({ method: 'POST', path: 'a', query: { b: 1 }, json: { c: 2 } })
      const [, request] = server.requests
      assert.is(request?.headers['x-signature'], hmac('POST /a?b=1 application/json {"c":2}'))
      assert.is(request?.headers['x-count'], '2')
    },
    (_, index) => (index === 0 ? { status: 503 } : { json: [] }),
  )
})

it('may change what it is given: it is its own', () =>
  signing(
    (request) => {
      request.url.searchParams.append('shop_token', 'canary-1')
      Object.assign(request.headers, { 'x-sig': 'canary-2' })
      return request
    },
    async ({ server, client }) => {
      const { url, meta } = await client.get('a')
      await client.get('a')
      assert.equal(
        server.requests.map((request) => [request.url, request.headers['x-sig']]),
        Array(2).fill(['/a?shop_token=canary-1', 'canary-2']),
      )
      assert.is(url, `${server.url}/a`, 'what links are relative to has no signature')
      assert.is(meta.url, `${server.url}/a?shop_token=[redacted]`)
    },
  ))

it('cannot send a request elsewhere', async () => {
  const other = await startHttpServer(() => ({ json: [] }))
  const turns: readonly SignRequest[] = [
    (request) => ({ ...request, url: new URL(other.url) }),
    (request) => {
      request.url.host = other.host
      return request
    },
    (request) => ({ ...request, url: new URL(`${request.url.href.replace('http:', 'https:')}`) }),
    (request) => ({ ...request, headers: { Host: other.host } }),
  ]
  for (const turn of turns) {
    await signing(turn, async ({ server, client }) => {
      const error = await failureOf(client.get('a'))
      assert.is(error.code, 'E_AUTH')
      assert.is(
        error.message,
        `auth "signature" failed: it turned the request away from ${server.url}, where credentials have to stay`,
      )
      assert.is(server.requests.length, 0)
    })
  }
  assert.is(other.requests.length, 0)
  await other.close()
})

it('that throws is an error without what is secret', async () => {
  const server = await startHttpServer(() => ({ json: [] }))
  const failing = sign(
    () => {
      throw new TypeError('no canary-key today')
    },
    { name: 'hmac of example.com', secrets: ['canary-key', secret('another')] },
  )
  const client = createHttpClient({ baseUrl: server.url, auth: failing })
  const error = await failureOf(client.get('a'))
  assert.is(error.code, 'E_AUTH')
  assert.is(error.message, 'auth "hmac of example.com" failed: no [redacted] today')
  assert.is((error.cause as Error).name, 'TypeError')
  assert.not.match(inspect(error), /canary/)
  assert.is(server.requests.length, 0)
  await server.close()
  await client.close()
})

it('that gives no request is told so', async () => {
  for (const result of [undefined, null, 'x', {}, { url: 'http://h/', headers: {} }]) {
    await signing(
      () => result as never,
      async ({ server, client }) => {
        const error = await failureOf(client.get('a'))
        assert.is(error.code, 'E_AUTH')
        assert.match(
          error.message,
          /auth "signature": the function must give the request, with url and headers; it gave/,
        )
        assert.is(server.requests.length, 0)
      },
    )
  }
})

it('keeps credentials secret that it has set, in headers and in the query', () =>
  signing(
    (request) => ({
      ...request,
      url: withQuery(request.url, { Signature: 'canary-query', page: 'plain-query' }),
      headers: { ...request.headers, authorization: 'HMAC canary-header', 'x-date': 'plain-header' },
    }),
    async ({ client, events }) => {
      const error = await failureOf(client.get('a'))
      const shown = `${inspect(error)} ${JSON.stringify(events)}`
      assert.not.match(shown, /canary/)
      assert.match(shown, 'page=plain-query')
      assert.match(shown, 'plain-header')
    },
    ({ url, query, headers }) => ({
      status: 400,
      body: `${url} ${query.get('Signature')} ${headers['authorization']} ${headers['x-date']}`,
    }),
  ))

it('keeps the last few values only', async () => {
  let count = 0
  const auth = sign((request) => {
    count += 1
    return { ...request, headers: { 'x-signature': `signature-${count}` } }
  })
  for (let time = 0; time < 100; time++) await auth.apply({ method: 'GET', url: new URL('http://h/'), headers: {} })
  assert.is(auth.secrets.length, 16)
  assert.is(auth.secrets.at(-1)?.reveal(), 'signature-100')
})

it.run()
