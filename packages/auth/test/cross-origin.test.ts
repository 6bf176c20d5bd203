import { apiKey, basic, bearer, oauthClientCredentials, sessionToken } from '@millrace/auth'
import { type Authenticator, createHttpClient, type HttpClient, type HttpResponse } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type RecordedRequest, type Reply, startHttpServer } from '../../../test/support/http-server.ts'

/**
 * Every way to authenticate × every way to be led elsewhere × every kind of elsewhere: no credential arrives there, and
 * nothing at all where it was not allowed.
 */
const it = suite('cross-origin')

/** What the API answers to the next request. */
let reply: (request: RecordedRequest) => Reply = () => ({ json: ['home'] })
const home = await startHttpServer((request) => reply(request))
const other = await startHttpServer(() => ({ json: ['other'] }))
const tokens = await startHttpServer(() => ({ json: { access_token: 'canary-access', token: 'canary-session' } }))
it.after(async () => {
  await Promise.all([home.close(), other.close(), tokens.close()])
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
  readonly refusal: 'E_CROSS_ORIGIN' | 'E_URL'
  /** What would have to be allowed. Missing where nothing can make it right. */
  readonly allowedHost?: string
}

const targets: readonly Target[] = [
  {
    name: 'another host',
    url: `http://localhost:${portOf(other.host)}/stolen`,
    refusal: 'E_CROSS_ORIGIN',
    allowedHost: `localhost:${portOf(other.host)}`,
  },
  {
    name: 'another name of the same server',
    url: `http://localhost:${portOf(home.host)}/stolen`,
    refusal: 'E_CROSS_ORIGIN',
    allowedHost: `localhost:${portOf(home.host)}`,
  },
  { name: 'another port', url: `${other.url}/stolen`, refusal: 'E_CROSS_ORIGIN', allowedHost: other.host },
  { name: 'no scheme', url: `//${other.host}/stolen`, refusal: 'E_CROSS_ORIGIN', allowedHost: other.host },
  { name: 'https of the same host', url: `https://${home.host}/stolen`, refusal: 'E_CROSS_ORIGIN' },
  { name: 'https of another', url: `https://${other.host}/stolen`, refusal: 'E_CROSS_ORIGIN' },
  { name: 'a user name', url: `http://user:password@${other.host}/stolen`, refusal: 'E_URL' },
  { name: 'a user name that looks like the host', url: `http://${home.host}@${other.host}/stolen`, refusal: 'E_URL' },
]

/** Has the API lead to the target, and gives the answer from there. */
function follow(
  client: HttpClient,
  auth: Authenticator,
  way: (typeof ways)[number],
  { url }: Target,
): Promise<HttpResponse> {
  // APIs repeat in their links what they were asked with: a key in the query too.
  const location = `${url}?page=2${auth.secretQuery ? '&appid=canary-key' : ''}`
  if (way === 'link') return client.get(new URL(location, home.url).href)
  reply = ({ path }) => (path === '/items' ? { status: way, headers: { location } } : { json: ['by another name'] })
  return client.get('items')
}

/** Requests that went elsewhere: to the other server, or to the API's own by another name. */
const elsewhere = (): RecordedRequest[] => [
  ...other.requests,
  ...home.requests.filter(({ headers }) => headers['host'] !== home.host),
]

const credential = /canary|Y2FuYXJ5/

for (const [kind, auth] of kinds) {
  const clientOptions = { baseUrl: home.url, auth, headers: { 'x-client': 'canary-header' }, retry: { maxRetries: 0 } }
  for (const way of ways) {
    for (const target of targets) {
      it(`${kind}, ${way}, ${target.name}: is refused`, async () => {
        const before = elsewhere().length
        // What can never be right is not made right by allowing its host.
        const allowedHosts = target.refusal === 'E_URL' ? [other.host] : []
        const client = createHttpClient({ ...clientOptions, allowedHosts })
        const error = await failureOf(follow(client, auth, way, target))
        await client.close()
        assert.is(error.code, target.refusal)
        assert.not.match(`${error.message} ${JSON.stringify(error.context)}`, credential)
        assert.is(elsewhere().length, before, 'nothing is sent')
        if (way !== 'link') assert.match(JSON.stringify(home.requests.at(-1)), credential, 'at home it is')
      })

      const { allowedHost } = target
      if (allowedHost === undefined) continue
      it(`${kind}, ${way}, ${target.name}: is followed without credentials where it is allowed`, async () => {
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

  for (const [name, url] of [
    ['the same host', home.url],
    ['another', other.url],
  ] as const) {
    it(`${kind}, link, from https to http of ${name}: is refused, allowed or not`, async () => {
      const before = [home.requests.length, other.requests.length]
      for (const allowedHosts of [[], [home.host, other.host]]) {
        const client = createHttpClient({ ...clientOptions, baseUrl: `https://${home.host}`, allowedHosts })
        const error = await failureOf(client.get(`${url}/stolen?page=2`))
        await client.close()
        assert.is(error.code, 'E_CROSS_ORIGIN')
      }
      assert.equal([home.requests.length, other.requests.length], before)
    })
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
