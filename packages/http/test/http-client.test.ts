import { inspect } from 'node:util'
import type { MillraceEvent } from '@millrace/core'
import { createHttpClient, HttpStatusError } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withServer } from './with-server.ts'

const it = suite('createHttpClient')

it('gives the decoded body, the status, the headers and where they came from', () =>
  withServer(
    () => ({ json: [{ id: 1 }], headers: { 'x-total': '1' } }),
    async ({ server, client }) => {
      const response = await client.get('/items', { query: { limit: 100 } })
      assert.equal(response.body, [{ id: 1 }])
      assert.is(response.status, 200)
      assert.is(response.headers.get('x-total'), '1')
      assert.equal(response.meta, {
        url: `${server.url}/items?limit=100`,
        status: 200,
        ms: 0,
        bytes: 10,
        attempt: 1,
      })
    },
  ))

it('joins the path to the base with one slash, and keeps the query of both', async () => {
  const cases: [base: string, path: string, expected: string][] = [
    ['', 'items', '/items'],
    ['/', '/items', '/items'],
    ['/v1', 'items', '/v1/items'],
    ['/v1/', '//items/', '/v1/items/'],
    ['/v1/', '', '/v1/'],
    ['/v1', '', '/v1'],
    ['/v1?key=a%20b', 'items', '/v1/items?key=a%20b'],
    ['/v1?key=1', 'items?page=2', '/v1/items?key=1&page=2'],
    ['/v1', '?page=2', '/v1?page=2'],
    ['/v1', 'items?at=12:30,a#top', '/v1/items?at=12:30,a'],
    ['/v1', 'a%2Fb', '/v1/a%2Fb'],
    ['/v1', 'ftp://x/y', '/v1/ftp://x/y'],
  ]
  await withServer(
    () => ({ json: {} }),
    async ({ server }) => {
      for (const [base, path] of cases) {
        const client = createHttpClient({ baseUrl: server.url + base })
        await client.get(path)
        await client.close()
      }
      assert.equal(
        server.requests.map((request) => request.url),
        cases.map(([, , expected]) => expected),
      )
    },
  )
})

it('takes an absolute URL of the same origin in place of the base', () =>
  withServer(
    () => ({ json: {} }),
    async ({ server, client }) => {
      await client.get(`${server.url}/next?cursor=a%2Bb&x=1`, { query: { x: 2 } })
      assert.is(server.requests[0]?.url, '/next?cursor=a%2Bb&x=2')
    },
  ))

it('sends every kind of query value, and leaves out those that are missing', () =>
  withServer(
    () => ({ json: {} }),
    async ({ server, client }) => {
      const query = { a: 'ä &=+', b: 1.5, c: true, d: 9007199254740993n, e: ['x', 2], f: undefined, g: null, h: '' }
      await client.get('q', { query })
      assert.is(server.requests[0]?.url, '/q?a=%C3%A4%20%26%3D%2B&b=1.5&c=true&d=9007199254740993&e=x&e=2&h=')
    },
  ))

it('sends JSON bodies, large integers unrounded', () =>
  withServer(
    () => ({ json: { ok: true } }),
    async ({ server, client }) => {
      await client.request({ method: 'POST', path: 'search', json: { after: 9007199254740993n } })
      const [request] = server.requests
      assert.is(request?.method, 'POST')
      assert.is(request?.body, '{"after":9007199254740993}')
      assert.is(request?.headers['content-type'], 'application/json')
    },
  ))

it('lets headers of the request win over those of the client, whatever their case', () =>
  withServer(
    () => ({ json: {} }),
    async ({ server, client }) => {
      await client.get('h', { headers: { 'X-ONE': 'request' } })
      const headers = server.requests[0]?.headers ?? {}
      assert.is(headers['x-one'], 'request')
      assert.is(headers['x-two'], 'client')
      assert.is(headers['accept'], 'application/json')
      assert.is(headers['accept-encoding'], 'gzip, deflate, br')
    },
    { headers: { 'X-One': 'client', 'X-Two': 'client' } },
  ))

it('gives null for answers without a body, and an error for an empty one', () =>
  withServer(
    ({ path }) => (path === '/none' ? { status: 204 } : { body: '' }),
    async ({ client }) => {
      assert.is((await client.get('none')).body, null)
      assert.is((await client.request({ method: 'HEAD', path: 'head' })).body, null)
      const error = await failureOf(client.get('empty'))
      assert.is(error.code, 'E_PAYLOAD')
      assert.match(error.message, /answered 200, but the body is empty/)
      assert.not(error.retryable)
    },
  ))

it('tells of every attempt and every answer', async () => {
  const events: MillraceEvent[] = []
  await withServer(
    (_, index) => (index === 0 ? { status: 503, body: 'busy' } : { json: [1] }),
    async ({ server, client }) => {
      await client.get('e')
      const url = `${server.url}/e`
      assert.equal(events, [
        { type: 'request', method: 'GET', url, attempt: 1 },
        { type: 'response', url, status: 503, ms: 0, bytes: 4 },
        { type: 'retry', reason: `GET ${url} answered 503: busy`, attempt: 1, waitMs: 2000 },
        { type: 'request', method: 'GET', url, attempt: 2 },
        { type: 'response', url, status: 200, ms: 0, bytes: 3 },
      ])
    },
    { emit: (event) => events.push(event) },
  )
})

it('says what failed and what to do, and keeps the start of the answer', () =>
  withServer(
    ({ path }) => ({
      status: Number(path.slice(1)),
      body: path === '/400' ? `{"error":"bad\nlimit"}` : '<html>no</html>',
    }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('400'))
      assert.instance(error, HttpStatusError)
      if (!(error instanceof HttpStatusError)) return
      assert.is(error.message, `GET ${server.url}/400 answered 400: {"error":"bad limit"}`)
      assert.is(error.code, 'E_HTTP_STATUS')
      assert.is(error.status, 400)
      assert.is(error.bodyExcerpt, '{"error":"bad\nlimit"}')
      assert.equal(error.context, { method: 'GET', url: `${server.url}/400`, status: 400, attempts: 1 })
      assert.match((await failureOf(client.get('401'))).message, /answered 401: check the credentials: no auth is conf/)
      assert.match((await failureOf(client.get('403'))).message, /answered 403: check the credentials/)
      assert.match((await failureOf(client.get('404'))).message, /answered 404: is the path right\?$/)
    },
  ))

it('cuts the excerpt of a long answer', () =>
  withServer(
    () => ({ status: 400, body: 'x'.repeat(100_000) }),
    async ({ client }) => {
      const error = await failureOf(client.get('long'))
      assert.ok(error instanceof HttpStatusError && error.bodyExcerpt.length === 2048)
      assert.ok(error.message.length < 400)
    },
  ))

it('refuses a base URL that is none', () => {
  for (const baseUrl of ['api.example.com', 'ftp://example.com', '', 'http://']) {
    assert.throws(
      () => createHttpClient({ baseUrl }),
      (error: Error) => /the base URL must start with http:\/\/ or https:\/\//.test(error.message),
    )
  }
  assert.throws(
    () => createHttpClient({ baseUrl: 'https://user:canary@example.com' }),
    (error: Error) => /holds a user name or password/.test(error.message) && !/canary/.test(error.message),
  )
})

it('refuses times that no timer can hold', () => {
  for (const timeoutMs of [0, -1, Number.NaN, 2 ** 31]) {
    assert.throws(() => createHttpClient({ baseUrl: 'http://127.0.0.1', timeoutMs }), /timeoutMs must be from 1 to/)
  }
})

it('says which header cannot be sent only in the cause, and never what is in it', () =>
  withServer(
    () => ({ json: {} }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x', { headers: { 'x-key': 'canary\n' } }))
      assert.is(error.code, 'E_REQUEST')
      assert.match(error.message, /cannot be sent: check its headers, and the credentials for line breaks/)
      assert.not.match(inspect(error), /canary/)
      assert.is(server.requests.length, 0)
    },
  ))

it('cannot be used after it was closed, and may be closed twice', async () => {
  const client = createHttpClient({ baseUrl: 'http://127.0.0.1:9' })
  await client.close()
  await client.close()
  assert.is((await failureOf(client.get('x'))).code, 'E_CLOSED')
})

it.run()
