import { secret } from '@millrace/core'
import { type Authenticator, type HttpRequest, withQuery } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type HttpServer, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { withServer } from './with-server.ts'

const it = suite('http redirects')

const key = secret('canary-key')

/** Puts its key everywhere a key can be. */
const everywhere: Authenticator = {
  name: 'everywhere',
  secrets: [key],
  secretQuery: ['appid'],
  apply: (request) => ({
    ...request,
    url: withQuery(request.url, { appid: key.reveal() }),
    headers: { ...request.headers, authorization: `Bearer ${key.reveal()}`, cookie: `session=${key.reveal()}` },
  }),
}

function redirectTo(location: string, status = 302): Reply {
  return { status, headers: { location }, body: 'moved' }
}

async function withOther(test: (other: HttpServer) => Promise<void>): Promise<void> {
  const other = await startHttpServer(() => ({ json: ['other'] }))
  try {
    await test(other)
  } finally {
    await other.close()
  }
}

it('follows within the origin, with credentials', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await withServer(
      ({ path }) => (path === '/from' ? redirectTo('/to?x=1', status) : { json: ['there'] }),
      async ({ server, client }) => {
        const response = await client.get('from')
        assert.equal(response.body, ['there'])
        assert.is(response.meta.url, `${server.url}/to?x=1&appid=[redacted]`)
        assert.is(server.requests[1]?.url, '/to?x=1&appid=canary-key')
        assert.is(server.requests[1]?.headers['authorization'], 'Bearer canary-key')
      },
      { auth: everywhere },
    )
  }
})

it('repeats a POST for 307 and 308 and turns it into a GET for the others', async () => {
  for (const [status, method] of [
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ] as const) {
    await withServer(
      ({ path }) => (path === '/from' ? redirectTo('to', status) : { json: [] }),
      async ({ server, client }) => {
        await client.request({ method: 'POST', path: 'from', json: { a: 1 } })
        assert.is(server.requests[1]?.method, method)
        assert.is(server.requests[1]?.body, method === 'POST' ? '{"a":1}' : '')
      },
    )
  }
})

it('refuses to go to another origin', () =>
  withOther((other) =>
    withServer(
      () => redirectTo(`${other.url}/elsewhere`),
      async ({ server, client }) => {
        for (const path of ['from', `${other.url}/elsewhere`]) {
          const error = await failureOf(client.get(path))
          assert.is(error.code, 'E_CROSS_ORIGIN')
          assert.match(error.message, `GET ${other.url}/elsewhere was not sent, because it leaves ${server.url}`)
          assert.match(error.message, `add "${other.host}" to allowed_hosts`)
        }
        assert.is(other.requests.length, 0)
        assert.is(server.requests.length, 1, 'not tried again')
      },
      { auth: everywhere },
    ),
  ))

it('goes to an allowed host without credentials of any kind', () =>
  withOther((other) =>
    withServer(
      () => redirectTo(`${other.url}/elsewhere?appid=canary-key&page=2`),
      async ({ client }) => {
        const response = await client.get('from', { headers: { 'x-api-key': 'canary-request' } })
        assert.equal(response.body, ['other'])
        assert.equal((await client.get(`${other.url}/direct`)).body, ['other'])
        assert.is(other.requests[0]?.url, '/elsewhere?page=2')
        assert.not.match(JSON.stringify(other.requests), /canary/)
        assert.equal(Object.keys(other.requests[0]?.headers ?? {}).sort(), [
          'accept',
          'accept-encoding',
          'connection',
          'host',
          'user-agent',
        ])
      },
      { auth: everywhere, headers: { 'x-key': 'canary-client' }, allowedHosts: [other.host] },
    ),
  ))

it('carries a secret in a link to nobody, allowed or not', () =>
  withOther((other) =>
    withServer(
      () => redirectTo(`${other.url}/canary-key/elsewhere`),
      async ({ client }) => {
        const error = await failureOf(client.get('from'))
        assert.is(error.code, 'E_CROSS_ORIGIN')
        assert.match(error.message, /the link holds a credential/)
        assert.not.match(error.message, /canary/)
        assert.is(other.requests.length, 0)
      },
      { auth: everywhere, allowedHosts: [other.host] },
    ),
  ))

it('carries a body to no other origin, allowed or not', () =>
  withOther((other) =>
    withServer(
      () => redirectTo(`${other.url}/elsewhere`, 307),
      async ({ client }) => {
        const error = await failureOf(client.request({ method: 'POST', path: 'from', json: { client_secret: 'x' } }))
        assert.is(error.code, 'E_CROSS_ORIGIN')
        assert.is(other.requests.length, 0)
      },
      { allowedHosts: [other.host] },
    ),
  ))

it('carries a secret in a body to no other origin, allowed or not, and any other body where it is allowed', () =>
  withOther((other) =>
    withServer(
      () => ({ json: [] }),
      async ({ client }) => {
        const post = (body: Pick<HttpRequest, 'json' | 'form' | 'text'>) =>
          client.request({ method: 'POST', path: `${other.url}/search`, ...body })
        for (const body of [
          { json: { a: { b: 'canary-key' } } },
          { form: { a: 'canary-key' } },
          { text: '<canary-key>' },
        ]) {
          const error = await failureOf(post(body))
          assert.is(error.code, 'E_CROSS_ORIGIN')
          assert.match(error.message, /its body holds a credential/)
        }
        assert.is(other.requests.length, 0)
        await post({ json: { query: 'all' } })
        assert.is(other.requests[0]?.body, '{"query":"all"}')
      },
      { auth: everywhere, allowedHosts: [other.host] },
    ),
  ))

it('says how to go on where the API has moved to https', () =>
  withServer(
    ({ headers }) => redirectTo(`https://${headers['host']}/`),
    async ({ client }) => {
      assert.match((await failureOf(client.get('x'))).message, /if the API has moved to https, write https in base_url/)
    },
  ))

it('gives up after five redirects', () =>
  withServer(
    ({ query }) => redirectTo(`/loop?n=${Number(query.get('n')) + 1}`),
    async ({ server, client }) => {
      const error = await failureOf(client.get('loop', { query: { n: 0 } }))
      assert.is(error.code, 'E_TOO_MANY_REDIRECTS')
      assert.is(server.requests.length, 6)
    },
  ))

it('refuses to go where it cannot', async () => {
  for (const location of ['ftp://127.0.0.1/x', 'http://user:canary@127.0.0.1/', 'http://[', 'data:text/plain,x']) {
    await withServer(
      () => redirectTo(location),
      async ({ client }) => {
        const error = await failureOf(client.get('x'))
        assert.is(error.code, 'E_URL')
        assert.not.match(error.message, /canary/)
      },
    )
  }
})

it('takes a redirect to nowhere for the error it is', () =>
  withServer(
    () => ({ status: 302 }),
    async ({ client }) => {
      assert.is((await failureOf(client.get('x'))).code, 'E_HTTP_STATUS')
    },
  ))

it.run()
