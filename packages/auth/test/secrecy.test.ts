import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import {
  apiKey,
  basic,
  bearer,
  oauthClientCredentials,
  oauthJwtBearer,
  oauthRefreshToken,
  sessionToken,
  sign,
} from '@millrace/auth'
import type { MillraceEvent } from '@millrace/core'
import { type Authenticator, createHttpClient, type HttpClientOptions } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Fault, type RecordedRequest, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'

/**
 * No credential in any error, event or answer, for each way to authenticate and each way to fail. The servers here are
 * as talkative as can be: they send back all they were sent.
 */
const it = suite('secrecy')

const canary = 'canary /+&=%"ü\\ 47114711'
const plain = 'canary-47114711'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const clock = recordingClock()

type MakeAuth = (tokenUrl: string) => Authenticator

/** With a request of their own for a token. */
const fetching: readonly [name: string, auth: MakeAuth][] = [
  [
    'client credentials',
    (tokenUrl) =>
      oauthClientCredentials(
        { tokenUrl, clientId: 'reader', clientSecret: plain, fields: { api_key: canary } },
        { clock },
      ),
  ],
  [
    'client credentials, odd, in a header',
    (tokenUrl) =>
      oauthClientCredentials(
        { tokenUrl, clientId: 'reader', clientSecret: canary, clientAuthentication: 'basic' },
        { clock },
      ),
  ],
  [
    'refresh token',
    (tokenUrl) =>
      oauthRefreshToken({ tokenUrl, clientId: 'reader', refreshToken: canary, accessToken: plain }, { clock }),
  ],
  ['assertion', (tokenUrl) => oauthJwtBearer({ tokenUrl, clientId: 'reader', privateKey }, { clock })],
  [
    'session',
    (loginUrl) =>
      sessionToken({ loginUrl, json: { user: { name: 'reader', password: canary } }, header: 'X-Session' }, { clock }),
  ],
  [
    'session, by form',
    (loginUrl) => sessionToken({ loginUrl, form: { password: canary }, headers: { 'X-Api-Key': plain } }, { clock }),
  ],
]

const auths: readonly [name: string, auth: MakeAuth][] = [
  ...fetching,
  ['bearer', () => bearer(plain)],
  ['bearer, odd', () => bearer(canary)],
  ['basic', () => basic({ username: 'reader', password: plain })],
  ['basic, odd', () => basic({ username: 'reader', password: canary })],
  ['basic, key as user name', () => basic({ username: plain, password: '' })],
  ['key in header', () => apiKey({ name: 'X-Key', key: canary, in: 'header' })],
  ['key in query', () => apiKey({ name: 'appid', key: plain, in: 'query' })],
  ['key in query, odd', () => apiKey({ name: 'appid', key: canary, in: 'query' })],
  ['key in cookie', () => apiKey({ name: 'sid', key: plain, in: 'cookie' })],
  ['key in cookie, odd', () => apiKey({ name: 'sid', key: canary, in: 'cookie' })],
  ['signature', () => sign((request) => ({ ...request, headers: { ...request.headers, 'x-signature': plain } }))],
]

/** All that was sent, as text. */
const echo = ({ url, headers, body }: RecordedRequest): string =>
  `${url} ${decodeURIComponent(url)} ${Object.entries(headers).map(([name, value]) => `${name}: ${value}`)} ${body}`

/** What every token server gives. */
const tokenReply: Reply = {
  json: {
    access_token: 'canary-47114711-token',
    refresh_token: 'canary-47114711-next',
    token: 'canary-47114711-session',
  },
}

const failures: readonly [name: string, code: string, reply: (request: RecordedRequest) => Reply | Fault][] = [
  ['status', 'E_HTTP_STATUS', (request) => ({ status: 400, body: echo(request) })],
  ['json status', 'E_HTTP_STATUS', (request) => ({ status: 503, json: { request: echo(request), ...request } })],
  ['credentials', 'E_HTTP_STATUS', (request) => ({ status: 401, body: echo(request) })],
  ['html', 'E_PAYLOAD', (request) => ({ body: `<p>${echo(request)}` })],
  ['no json', 'E_PAYLOAD', (request) => ({ body: `{"a": ${echo(request)}` })],
  ['corrupt gzip', 'E_PAYLOAD', (request) => ({ headers: { 'content-encoding': 'gzip' }, body: echo(request) })],
  ['strange coding', 'E_PAYLOAD', (request) => ({ headers: { 'content-encoding': 'echo' }, body: echo(request) })],
  ['too large', 'E_BODY_TOO_LARGE', (request) => ({ body: echo(request).repeat(99) })],
  ['bomb', 'E_BODY_TOO_LARGE', () => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync('x'.repeat(9999)) })],
  [
    'redirect',
    'E_CROSS_ORIGIN',
    (request) => ({ status: 302, headers: { location: `http://other.test${request.url}` } }),
  ],
  ['loop', 'E_TOO_MANY_REDIRECTS', (request) => ({ status: 307, headers: { location: request.url } })],
  ['odd redirect', 'E_URL', (request) => ({ status: 302, headers: { location: `ftp://x${request.url}` } })],
  ['reset', 'E_CONNECTION', () => ({ fault: 'reset-before-headers' })],
  ['cut', 'E_CONNECTION', (request) => ({ fault: 'truncated-body', json: echo(request) })],
  ['no http', 'E_PROTOCOL', (request) => ({ fault: 'raw', bytes: echo(request) })],
]

function shown(value: unknown): string {
  const options = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }
  let text = `${inspect(value, options)}\n${JSON.stringify(value)}`
  for (let each = value; each instanceof Error; each = each.cause) {
    text += `\n${each.message}\n${each.stack}\n${each}\n${JSON.stringify(each, Object.getOwnPropertyNames(each))}`
  }
  return text
}

function assertSilent(value: unknown, what: string): void {
  const text = shown(value)
  const found = /canary|47114711|Y2FuYXJ5|cmVhZGVyOm|PRIVATE KEY|eyJ/.exec(text)
  if (found)
    throw new Error(`${what} shows a credential: …${text.slice(Math.max(0, found.index - 200), found.index + 80)}`)
}

for (const [authName, auth] of auths) {
  it(`${authName}: is in no error, event or answer`, async () => {
    const events: MillraceEvent[] = []
    const state: { reply: (request: RecordedRequest) => Reply | Fault } = { reply: () => ({ json: ['fine'] }) }
    const tokens = await startHttpServer(() => tokenReply)
    const server = await startHttpServer((request) => state.reply(request))
    const options: HttpClientOptions = {
      baseUrl: server.url,
      auth: auth(tokens.url),
      retry: { maxRetries: 1 },
      clock,
      emit: (event) => events.push(event),
      maxBodyBytes: 2000,
    }
    const client = createHttpClient(options)
    try {
      for (const [name, code, reply] of failures) {
        state.reply = reply
        const thrown = await client.get('items', { query: { page: 2 } }).catch((error: unknown) => error)
        assert.is((thrown as { code?: string }).code, code, `${name}: ${thrown}`)
        assertSilent(thrown, name)
      }
      state.reply = () => ({ json: ['fine'] })
      assertSilent((await client.get('items')).meta, 'meta')
      assertSilent(events, 'events')
      assertSilent(client, 'client')
      assertSilent(options.auth, 'auth')
      assert.ok(server.requests.length > failures.length)
    } finally {
      await server.close()
      await tokens.close()
      await client.close()
    }
  })
}

for (const [authName, auth] of fetching) {
  it(`${authName}: is in no error or event where no token is to be had`, async () => {
    const oauthError: (typeof failures)[number] = [
      'error of OAuth',
      'E_AUTH',
      (request) => ({ status: 400, json: { error: request.body, error_description: echo(request) } }),
    ]
    for (const [name, , reply] of [oauthError, ...failures]) {
      const events: MillraceEvent[] = []
      const tokens = await startHttpServer(reply)
      const client = createHttpClient({
        baseUrl: 'http://127.0.0.1:9',
        auth: withoutToken(auth(tokens.url)),
        emit: (event) => events.push(event),
      })
      const thrown = await client.get('items').catch((error: unknown) => error)
      assert.is((thrown as { code?: string }).code, 'E_AUTH', `${name}: ${thrown}`)
      assertSilent(thrown, name)
      assertSilent(events, name)
      assert.ok(tokens.requests.length > 0)
      await tokens.close()
      await client.close()
    }
  })
}

/** One that was given is refused. */
function withoutToken(auth: Authenticator): Authenticator {
  auth.renew?.({ method: 'GET', url: new URL('http://h/'), headers: { authorization: `Bearer ${plain}` } })
  return auth
}

it('an answer that does not come', async () => {
  const tokens = await startHttpServer(() => tokenReply)
  const server = await startHttpServer(() => ({ fault: 'hang' }))
  const timeouts = auths.map(async ([name, auth]) => {
    const client = createHttpClient({
      baseUrl: server.url,
      auth: auth(tokens.url),
      retry: { maxRetries: 0 },
      totalTimeoutMs: 150,
    })
    const thrown = await client.get('items').catch((error: unknown) => error)
    assert.is((thrown as { code?: string }).code, 'E_TIMEOUT')
    assertSilent(thrown, name)
    await client.close()
  })
  await Promise.all(timeouts)
  await server.close()
  await tokens.close()
})

it('a failing authenticator: what it throws is cleaned', async () => {
  const leaky: Authenticator = {
    ...bearer(plain),
    apply: () => {
      throw Object.assign(new Error(`token ${plain} is bad`, { cause: new Error(plain) }), { response: plain })
    },
  }
  const client = createHttpClient({ baseUrl: 'http://127.0.0.1:9', auth: leaky })
  const thrown = await client.get('x').catch((error: unknown) => error)
  assert.is((thrown as { code?: string }).code, 'E_AUTH')
  assertSilent(thrown, 'E_AUTH')
  await client.close()
})

it('a server that is not there', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address() as { port: number }
      server.close(() => resolve(address.port))
    })
  })
  const tokens = await startHttpServer(() => tokenReply)
  for (const [name, auth] of auths) {
    const client = createHttpClient({
      baseUrl: `http://127.0.0.1:${port}/?token=${plain}`,
      auth: auth(tokens.url),
      retry: { maxRetries: 0 },
    })
    const thrown = await client.get('x', { query: { secret: plain } }).catch((error: unknown) => error)
    assert.is((thrown as { code?: string }).code, 'E_CONNECTION')
    assertSilent(thrown, name)
    await client.close()
  }
  await tokens.close()
})

it.run()
