import { type SessionTokenOptions, sessionToken, type TokenClientOptions } from '@millrace/auth'
import { secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler } from '../../../test/support/http-server.ts'
import { formIn, withTokenApi } from './with-token-api.ts'

const it = suite('sessionToken')

const login =
  (options: Partial<SessionTokenOptions> = {}) =>
  (loginUrl: string, client: TokenClientOptions): Authenticator =>
    sessionToken({ loginUrl, ...options }, client)

const sessions: Handler = (_, index) => ({ json: { token: `session-${index + 1}` } })

it('logs in with JSON that may hold secrets anywhere, and sends the token with all requests', () =>
  withTokenApi(
    login({
      json: { user: 'reader', password: secret('s3cret'), more: [{ pin: secret('4711') }], keep: [1, true, null] },
      headers: { 'X-App': secret('app-key') },
    }),
    async ({ tokens, api, client }) => {
      await Promise.all(['a', 'b', 'c'].map((path) => client.get(path)))
      assert.is(tokens.requests.length, 1)
      const [request] = tokens.requests
      assert.is(request?.method, 'POST')
      assert.is(request?.headers['content-type'], 'application/json')
      assert.is(request?.headers['x-app'], 'app-key')
      assert.equal(JSON.parse(request?.body ?? ''), {
        user: 'reader',
        password: 's3cret',
        more: [{ pin: '4711' }],
        keep: [1, true, null],
      })
      assert.equal(
        api.requests.map(({ headers }) => headers['authorization']),
        Array(3).fill('Bearer session-1'),
      )
    },
    { tokens: sessions },
  ))

it('logs in with a form, or with headers alone', async () => {
  await withTokenApi(
    login({ form: { user: 'reader', password: secret('s3cret &') } }),
    async ({ tokens, client }) => {
      await client.get('a')
      assert.is(tokens.requests[0]?.headers['content-type'], 'application/x-www-form-urlencoded')
      assert.equal(formIn(tokens.requests[0] ?? { body: '' }), { user: 'reader', password: 's3cret &' })
    },
    { tokens: sessions },
  )
  await withTokenApi(
    login({ method: 'GET', headers: { authorization: secret('Basic eDp5') } }),
    async ({ tokens, client }) => {
      await client.get('a')
      assert.is(tokens.requests[0]?.method, 'GET')
      assert.is(tokens.requests[0]?.body, '')
      assert.is(tokens.requests[0]?.headers['content-type'], undefined)
      assert.is(tokens.requests[0]?.headers['authorization'], 'Basic eDp5')
    },
    { tokens: sessions },
  )
})

it('finds the token and its life where they are, and sends it where it is told', async () => {
  const cases: [options: Partial<SessionTokenOptions>, header: string, value: string][] = [
    [{ header: 'X-Session' }, 'x-session', 'canary'],
    [{ header: 'X-Session', prefix: 'id=' }, 'x-session', 'id=canary'],
    [{ prefix: 'Token ' }, 'authorization', 'Token canary'],
    [{ header: 'Cookie', prefix: 'sid=' }, 'cookie', 'sid=canary'],
  ]
  for (const [options, header, value] of cases) {
    await withTokenApi(
      login({ tokenPath: "data.sessions[0]['@token']", expiresInPath: 'data.seconds', ...options }),
      async ({ tokens, api, client, clock }) => {
        await client.get('a')
        assert.is(api.requests[0]?.headers[header], value)
        clock.advance(8000)
        await client.get('b')
        assert.is(tokens.requests.length, 2)
      },
      {
        tokens: () => ({ json: { data: { sessions: [{ '@token': 'canary' }], seconds: '10' } } }),
        api: () => ({ json: [] }),
      },
    )
  }
})

it('logs in again when the session is over', () =>
  withTokenApi(
    login({ header: 'X-Session' }),
    async ({ tokens, api, client }) => {
      await client.get('a')
      await Promise.all(['b', 'c', 'd'].map((path) => client.get(path)))
      assert.is(tokens.requests.length, 2)
      assert.is(api.requests.at(-1)?.headers['x-session'], 'session-2')
    },
    {
      tokens: sessions,
      api: ({ path, headers }) =>
        path === '/a' || headers['x-session'] === 'session-2' ? { json: [] } : { status: 401 },
    },
  ))

it('says what is wrong with a login', () =>
  withTokenApi(
    login({ json: { user: 'reader', password: 's3cret-1' } }),
    async ({ tokens, client }) => {
      const error = await failureOf(client.get('a'))
      assert.is(error.code, 'E_AUTH')
      assert.is(
        error.message,
        `auth "session token": POST ${tokens.url}/token answered 403: check the credentials and the URL; it says: no such user with [redacted]`,
      )
    },
    { tokens: ({ body }) => ({ status: 403, json: { message: `no such user with ${JSON.parse(body).password}` } }) },
  ))

it('refuses options that contradict each other', () => {
  const cases: [options: Partial<SessionTokenOptions>, message: RegExp][] = [
    [{ json: {}, form: {} }, /json and form are given, but a request has one body/],
    [{ method: 'GET', json: {} }, /a GET has no body: make it a POST/],
    [{ header: 'X Session' }, /sessionToken: header must be one word of letters, digits and dashes, got "x session"/],
    [{ tokenLifeMs: -1 }, /tokenLifeMs must be above 0/],
    [{ tokenPath: 'a[*]' }, /"a\[\*\]" is no path to one value/],
  ]
  for (const [options, message] of cases) assert.throws(() => login(options)('https://h/login', {}), message)
})

it.run()
