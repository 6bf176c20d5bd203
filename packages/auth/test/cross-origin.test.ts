import { apiKey, basic, bearer, oauthClientCredentials, sessionToken } from '@millrace/auth'
import { type Authenticator, createHttpClient, type HttpClient, type HttpResponse } from '@millrace/http'
import { Agent } from 'undici'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import {
  type HttpServer,
  type RecordedRequest,
  type Reply,
  startHttpServer,
} from '../../../test/support/http-server.ts'
import { testCertificate } from '../../../test/support/test-certificate.ts'

/**
 * Every way to authenticate × every way to be led elsewhere × every kind of elsewhere, from http and from https: no
 * credential arrives there, and nothing at all where it was not allowed.
 */
const it = suite('cross-origin')

/** What the API answers to the next request. */
let reply: (request: RecordedRequest) => Reply = () => ({ json: ['home'] })
const home = await startHttpServer((request) => reply(request))
const other = await startHttpServer(() => ({ json: ['other'] }))
const safeHome = await startHttpServer((request) => reply(request), { tls: true })
const safeOther = await startHttpServer(() => ({ json: ['other'] }), { tls: true })
const tokens = await startHttpServer(() => ({ json: { access_token: 'canary-access', token: 'canary-session' } }))
const servers = [home, other, safeHome, safeOther, tokens]
const dispatcher = new Agent({ connect: { ca: testCertificate } })
it.after(async () => {
  await dispatcher.destroy()
  await Promise.all(servers.map((server) => server.close()))
})
it.after.each(() => {
  reply = () => ({ json: ['home'] })
})

const portOf = (host: string): string => host.split(':')[1] ?? ''

const kinds: readonly [name: string, auth: Authenticator][] = [
  ['api key in a header', apiKey({ name: 'X-Api-Key', key: 'canary-key', in: 'header' })],
  ['api key in the query', apiKey({ name: 'appid', key: 'canary-key', in: 'query' })],
  ['api key in a cookie', apiKey({ name: 'sid', key: 'canary-key', in: 'cookie' })],
  ['bearer', bearer('canary-token')],
  ['basic', basic({ username: 'canary', password: 'canary-password' })],
  [
    'oauth token',
    oauthClientCredentials({ tokenUrl: tokens.url, clientId: 'canary-app', clientSecret: 'canary-secret' }),
  ],
  ['session token', sessionToken({ loginUrl: tokens.url, json: { password: 'canary-password' }, header: 'X-Session' })],
]

/** By redirects with each of these statuses, and by a link in an answer, which is asked for as an absolute URL. */
const ways = [301, 302, 303, 307, 308, 'link'] as const

/** All that a request without credentials has. */
const plainHeaders = ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']

interface Target {
  readonly name: string
  /** As it stands in a `Location` or a link. */
  readonly url: string
  /** Default `E_CROSS_ORIGIN`. */
  readonly refusal?: 'E_URL'
  /** What has to be allowed to make it right. */
  readonly allowedHost?: string
  /** What is allowed in vain. */
  readonly inVain?: string
}

const onLocalhost = ({ host }: HttpServer): string => `localhost:${portOf(host)}`
const right = (scheme: string, host: string) => ({ url: `${scheme}//${host}/stolen`, allowedHost: host })
const wrong = (scheme: string, host: string) => ({ url: `${scheme}//${host}/stolen`, inVain: host })

const fromHttp: readonly Target[] = [
  { name: 'another host', ...right('http:', onLocalhost(other)) },
  { name: 'another name of the same server', ...right('http:', onLocalhost(home)) },
  { name: 'another port', ...right('http:', other.host) },
  { name: 'no scheme', ...right('', other.host) },
  { name: 'https of another', ...right('https:', safeOther.host) },
  { name: 'https of the same host', url: `https://${home.host}/stolen` },
  {
    name: 'a user name',
    url: `http://user:password@${other.host}/stolen`,
    refusal: 'E_URL',
    inVain: other.host,
  },
  {
    name: 'a user name that looks like the host',
    url: `http://${home.host}@${other.host}/stolen`,
    refusal: 'E_URL',
    inVain: other.host,
  },
]

const fromHttps: readonly Target[] = [
  { name: 'http of the same host', ...wrong('http:', safeHome.host) },
  { name: 'http of another', ...wrong('http:', other.host) },
  { name: 'another port', ...right('https:', safeOther.host) },
  { name: 'another host', ...right('https:', onLocalhost(safeOther)) },
  { name: 'another name of the same server', ...right('https:', onLocalhost(safeHome)) },
  { name: 'no scheme', ...right('', safeOther.host) },
]

/** Has the API lead to the target, and gives the answer from there. */
function follow(
  client: HttpClient,
  auth: Authenticator,
  way: (typeof ways)[number],
  target: string,
): Promise<HttpResponse> {
  // APIs repeat in their links what they were asked with: a key in the query too.
  const location = `${target}?page=2${auth.secretQuery ? '&appid=canary-key' : ''}`
  if (way === 'link') return client.get(location)
  reply = ({ path }) => (path === '/items' ? { status: way, headers: { location } } : { json: ['by another name'] })
  return client.get('items')
}

/** Requests that went elsewhere: to another server, or to the API's own by another name. */
const elsewhere = (): RecordedRequest[] => [
  ...[other, safeOther].flatMap(({ requests }) => requests),
  ...[home, safeHome].flatMap(({ requests, host }) => requests.filter(({ headers }) => headers['host'] !== host)),
]

const credential = /canary|Y2FuYXJ5/

for (const [api, targets] of [
  [home, fromHttp],
  [safeHome, fromHttps],
] as const) {
  for (const [kind, auth] of kinds) {
    const headers = { 'x-client': 'canary-header' }
    const clientOptions = { baseUrl: api.url, auth, headers, dispatcher, retry: { maxRetries: 0 } }
    for (const way of ways) {
      for (const { name, url, refusal = 'E_CROSS_ORIGIN', allowedHost, inVain } of targets) {
        const cell = `${new URL(api.url).protocol} ${kind}, ${way}, ${name}`
        // A link without a scheme is made absolute by whoever reads it from an answer.
        const target = way === 'link' ? new URL(url, api.url).href : url

        it(`${cell}: is refused`, async () => {
          const before = elsewhere().length
          const client = createHttpClient({ ...clientOptions, allowedHosts: inVain ? [inVain] : [] })
          const error = await failureOf(follow(client, auth, way, target))
          await client.close()
          assert.is(error.code, refusal)
          assert.not.match(`${error.message} ${JSON.stringify(error.context)}`, credential)
          assert.is(elsewhere().length, before, 'nothing is sent')
          if (way !== 'link') assert.match(JSON.stringify(api.requests.at(-1)), credential, 'at home it is')
        })

        if (allowedHost === undefined) continue
        it(`${cell}: is followed without credentials where it is allowed`, async () => {
          const before = elsewhere().length
          const client = createHttpClient({ ...clientOptions, allowedHosts: [allowedHost] })
          const { status } = await follow(client, auth, way, target)
          await client.close()
          assert.is(status, 200)
          const sent = elsewhere().slice(before)
          assert.is(sent.length, 1)
          assert.is(sent[0]?.url, '/stolen?page=2')
          assert.not.match(JSON.stringify(sent), credential)
          assert.equal(Object.keys(sent[0]?.headers ?? {}).sort(), plainHeaders)
        })
      }
    }
  }
}

it('a path that looks like another host stays at home', async () => {
  const client = createHttpClient({ baseUrl: home.url, auth: bearer('canary-token') })
  await client.get(`//${other.host}/stolen`)
  await client.close()
  assert.is(home.requests.at(-1)?.url, `/${other.host}/stolen`)
  assert.is(home.requests.at(-1)?.headers['host'], home.host)
})

it.run()
