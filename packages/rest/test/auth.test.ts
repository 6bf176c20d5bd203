import { generateKeyPairSync, verify } from 'node:crypto'
import { bearer } from '@millrace/auth'
import { type MillraceEvent, secret } from '@millrace/core'
import { type AuthConfig, readRestConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, type RecordedRequest, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'

const it = suite('auth of a configuration')

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

interface Reading {
  /** Requests to the API, and to the token server. */
  readonly api: readonly RecordedRequest[]
  readonly tokens: readonly RecordedRequest[]
  readonly events: readonly MillraceEvent[]
  readonly ids: readonly unknown[]
}

const form = ({ body }: RecordedRequest): Record<string, string> => Object.fromEntries(new URLSearchParams(body))

/**
 * Reads two resources, with an `auth` in the spelling of dlt or in ours.
 *
 * @param auth - Gets the URL of a token server.
 */
async function reading(
  auth: (tokenUrl: string) => unknown,
  { api, tokens }: { readonly api?: Handler; readonly tokens?: Handler } = {},
): Promise<Reading> {
  const rows: Handler = () => ({ json: [{ id: 1 }] })
  const given: Handler = (_, index) => ({ json: { access_token: `token-${index + 1}`, token: `session-${index + 1}` } })
  const apiServer = await startHttpServer(api ?? rows)
  const tokenServer = await startHttpServer(tokens ?? given)
  const events: MillraceEvent[] = []
  const ids: unknown[] = []
  try {
    const config = readRestConfig({
      client: { base_url: `${apiServer.url}/v1`, auth: auth(`${tokenServer.url}/token`) },
      resources: ['a', 'b'],
    })
    const context = {
      mode: 'incremental' as const,
      signal: new AbortController().signal,
      emit: (event: MillraceEvent) => void events.push(event),
    }
    await Promise.all(
      restSource(config, { clock: recordingClock() })
        .streams()
        .map(async (stream) => {
          for await (const page of stream.read(context)) ids.push(...page.rows.map((row) => row['id']))
        }),
    )
    return { api: apiServer.requests, tokens: tokenServer.requests, events, ids }
  } finally {
    await Promise.all([apiServer.close(), tokenServer.close()])
  }
}

it('takes every kind, in the spelling of dlt', async () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  const cases: [auth: (tokenUrl: string) => unknown, header: string, value: string][] = [
    [() => ({ token: 'abcd' }), 'authorization', 'Bearer abcd'],
    [() => ({ type: 'bearer', token: 'abcd' }), 'authorization', 'Bearer abcd'],
    [() => ({ type: 'api_key', name: 'X-Key', api_key: 'abcd' }), 'x-key', 'abcd'],
    [() => ({ type: 'api_key', name: 'sid', api_key: 'abcd', location: 'cookie' }), 'cookie', 'sid=abcd'],
    [() => ({ type: 'http_basic', username: 'u', password: 'p' }), 'authorization', basic('u:p')],
    [
      (url) => ({ type: 'oauth2_client_credentials', access_token_url: url, client_id: 'i', client_secret: 's' }),
      'authorization',
      'Bearer token-1',
    ],
    [
      (url) => ({
        type: 'oauth2_client_credentials',
        access_token_url: url,
        client_id: 'i',
        client_secret: 's',
        access_token: 'given',
      }),
      'authorization',
      'Bearer given',
    ],
    [
      (url) => ({ type: 'oauth2_refresh_token', access_token_url: url, client_id: 'i', refresh_token: 'r' }),
      'authorization',
      'Bearer token-1',
    ],
    [
      (url) => ({ type: 'oauth2_jwt_bearer', auth_endpoint: url, client_id: 'i', private_key: pem }),
      'authorization',
      'Bearer token-1',
    ],
    [
      (url) => ({ type: 'session_token', login_url: url, name: 'X-Session', json: { pin: '4711' } }),
      'x-session',
      'session-1',
    ],
    [() => bearer('abcd'), 'authorization', 'Bearer abcd'],
    [
      () => (request: { headers: object }) => ({ ...request, headers: { ...request.headers, 'x-signature': 'abcd' } }),
      'x-signature',
      'abcd',
    ],
  ]
  for (const [auth, header, value] of cases) {
    const { api, tokens, ids } = await reading(auth)
    assert.equal(
      api.map(({ headers }) => headers[header]),
      [value, value],
    )
    assert.ok(tokens.length <= 1, 'one token for both resources')
    assert.equal(ids, [1, 1])
  }
})

it('a query key goes by either of its names', async () => {
  for (const location of ['query', 'param']) {
    const { api } = await reading(() => ({ type: 'api_key', name: 'k', api_key: 'a&b', location }))
    assert.equal(api.map(({ url }) => url).sort(), ['/v1/a?k=a%26b', '/v1/b?k=a%26b'])
  }
})

it('client credentials: every key has its place in the token request', async () => {
  const { tokens } = await reading((url) => ({
    type: 'oauth2_client_credentials',
    access_token_url: url,
    client_id: 'i',
    client_secret: secret('s'),
    access_token_request_data: { scope: 'read', audience: secret('aud') },
    client_authentication: 'basic',
  }))
  assert.equal(tokens.map(form), [{ grant_type: 'client_credentials', scope: 'read', audience: 'aud' }])
  assert.is(tokens[0]?.headers['authorization'], `Basic ${Buffer.from('i:s').toString('base64')}`)
})

it('a token is good for default_token_expiration seconds where the server does not say', async () => {
  for (const [waited, fetched] of [
    [47, 1],
    [48, 2],
  ] as const) {
    let isBusy = true
    const { tokens, ids } = await reading(
      (url) => ({
        type: 'oauth2_client_credentials',
        access_token_url: url,
        client_id: 'i',
        client_secret: 's',
        default_token_expiration: 60,
      }),
      {
        api: ({ path }) => {
          if (path === '/v1/b' || !isBusy) return { json: [{ id: 1 }] }
          isBusy = false
          return { status: 503, headers: { 'retry-after': String(waited) } }
        },
      },
    )
    assert.equal(ids, [1, 1])
    assert.is(tokens.length, fetched, `80 % of 60 s are over after ${waited} s`)
  }
})

it('refresh token: every key has its place in the token request', async () => {
  const { tokens } = await reading((url) => ({
    type: 'oauth2_refresh_token',
    access_token_url: url,
    client_id: 'i',
    client_secret: 's',
    refresh_token: 'r',
    access_token_request_data: { scope: 'read' },
  }))
  assert.equal(tokens.map(form), [
    { grant_type: 'refresh_token', refresh_token: 'r', client_id: 'i', client_secret: 's', scope: 'read' },
  ])
})

it('JWT bearer: every key has its place in the assertion', async () => {
  const passphrase = 'open sesame'
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()
  const { tokens } = await reading((url) => ({
    type: 'oauth2_jwt_bearer',
    auth_endpoint: url,
    client_id: 'i',
    private_key: encrypted,
    private_key_passphrase: secret(passphrase),
    algorithm: 'RS256',
    subject: 'someone',
    audience: 'them',
    scopes: ['a', 'b'],
    headers: { 'X-A': 'b' },
  }))
  assert.is(tokens[0]?.headers['x-a'], 'b')
  const [header = '', claims = '', signature = ''] = String(tokens.map(form)[0]?.['assertion']).split('.')
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url')))
  const { iss, sub, aud, scope } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  assert.equal([iss, sub, aud, scope], ['i', 'someone', 'them', 'a b'])
})

it('session token: every key has its place', async () => {
  const { api, tokens } = await reading(
    (url) => ({
      type: 'session_token',
      login_url: url,
      method: 'POST',
      data: { user: 'u', password: secret('p') },
      headers: { 'X-App': 'a' },
      token_path: 'session.id',
      expires_in_path: 'session.ttl',
      name: 'X-Session',
      prefix: 'id:',
      default_token_expiration: 60,
    }),
    { tokens: () => ({ json: { session: { id: 'canary', ttl: 60 } } }) },
  )
  assert.equal(tokens.map(form), [{ user: 'u', password: 'p' }])
  assert.is(tokens[0]?.headers['x-app'], 'a')
  assert.is(api[0]?.headers['x-session'], 'id:canary')
})

it('session token: a relative login URL is joined to the base URL', async () => {
  for (const loginUrl of ['login?x=1', '/login?x=1']) {
    const { api } = await reading(() => ({ type: 'session_token', login_url: loginUrl, json: { pin: '4711' } }), {
      api: ({ path }) => ({ json: path === '/v1/login' ? { token: 'canary' } : [{ id: 1 }] }),
    })
    assert.is(api[0]?.url, '/v1/login?x=1')
    assert.is(api[0]?.method, 'POST')
    assert.is(api.length, 3)
    assert.is(api[2]?.headers['authorization'], 'Bearer canary')
  }
})

it('a token that the API refuses is renewed once for all resources, and the run goes on', async () => {
  const { api, tokens, ids, events } = await reading(
    (url) => ({
      type: 'oauth2_client_credentials',
      access_token_url: url,
      client_id: 'i',
      client_secret: 's',
      access_token: 'stale',
    }),
    {
      api: ({ headers }) => (headers['authorization'] === 'Bearer stale' ? { status: 401 } : { json: [{ id: 1 }] }),
    },
  )
  assert.equal(ids, [1, 1])
  assert.is(tokens.length, 1)
  assert.is(api.length, 4)
  assert.is(events.filter(({ type }) => type === 'request').length, 5, 'the token request is one of them')
  assert.is(events.filter(({ type }) => type === 'retry').length, 2)
})

it('a token server that refuses is the failure of the stream', async () => {
  const error = await failureOf(
    reading(
      (url) => ({
        type: 'oauth2_client_credentials',
        access_token_url: url,
        client_id: 'i',
        client_secret: 's3cret-1',
      }),
      { tokens: (request) => ({ status: 401, json: { error: 'invalid_client', error_description: request.body } }) },
    ),
  )
  assert.is(error.code, 'E_AUTH')
  assert.match(error.message, /answered 401: check the credentials and the URL; it says: invalid_client: /)
  assert.not.match(error.message, /s3cret/)
})

it('what cannot be right is a problem of the configuration, and is not quoted', () => {
  const cases: [auth: unknown, message: string][] = [
    [
      { type: 'oauth2_jwt_bearer', auth_endpoint: 'https://h', client_id: 'i', private_key: 'canary' },
      'client.auth: oauthJwtBearer: privateKey cannot be read: is it a whole PEM key, and the passphrase right?',
    ],
    [
      { type: 'oauth2_client_credentials', access_token_url: 'https://h', client_id: 'i', client_secret: '' },
      'client.auth: oauthClientCredentials: clientSecret is empty: is the environment variable set?',
    ],
    [
      { type: 'session_token', login_url: 'https://u:canary@h/login' },
      'client.auth: the URL https://h/login holds a user name or password: take them out, and give them as auth (basic)',
    ],
    [
      { type: 'session_token', login_url: 'login', method: 'GET', json: {} },
      'client.auth: sessionToken: a GET has no body: make it a POST',
    ],
  ]
  for (const [auth, message] of cases) {
    const make = () =>
      readRestConfig({ client: { base_url: 'https://api.example.com', auth: auth as AuthConfig }, resources: ['a'] })
    assert.throws(make, (error: Error) => error.message.includes(message) && !/canary/.test(error.message))
  }
})

it.run()
