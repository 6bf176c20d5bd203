import { inspect } from 'node:util'
import { apiKey, basic, bearer } from '@millrace/auth'
import { Secret } from '@millrace/core'
import type { Authenticator, OutgoingRequest } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('auth')

async function applied(auth: Authenticator, request: Partial<OutgoingRequest> = {}): Promise<OutgoingRequest> {
  return auth.apply({ method: 'GET', url: new URL('https://api.example.com/items?a=b%20c'), headers: {}, ...request })
}

it('bearer sends the token', async () => {
  assert.is((await applied(bearer('abcd'))).headers['authorization'], 'Bearer abcd')
  assert.is((await applied(bearer(new Secret('abcd')))).headers['authorization'], 'Bearer abcd')
})

it('basic sends both in base64, as UTF-8', async () => {
  const { headers } = await applied(basic({ username: 'Aladdin', password: 'open sesame' }))
  assert.is(headers['authorization'], 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'the example of RFC 7617')
  const umlaut = await applied(basic({ username: 'test', password: '123£' }))
  assert.is(umlaut.headers['authorization'], 'Basic dGVzdDoxMjPCow==', 'the example of RFC 7617 §2.1')
})

it('basic keeps a user name secret that is a key', () => {
  const revealed = (auth: Authenticator): string[] => auth.secrets.map((each) => each.reveal())
  assert.ok(revealed(basic({ username: 'sk_live_1', password: '' })).includes('sk_live_1'))
  assert.ok(revealed(basic({ username: new Secret('sk_live_1'), password: 'x' })).includes('sk_live_1'))
  assert.not(revealed(basic({ username: 'reader', password: 'secret' })).includes('reader'))
})

it('apiKey goes where it is told', async () => {
  const header = await applied(apiKey({ name: 'X-Api-Key', key: 'abcd', in: 'header' }))
  assert.equal(header.headers, { 'x-api-key': 'abcd' })
  assert.equal((await applied(apiKey({ key: 'abcd', in: 'header' }))).headers, { authorization: 'abcd' })
  const query = await applied(apiKey({ name: 'api_key', key: 'a&b c', in: 'query' }))
  assert.is(query.url.href, 'https://api.example.com/items?a=b%20c&api_key=a%26b%20c')
  assert.equal(query.headers, {})
  const cookie = await applied(apiKey({ name: 'session', key: 'a;b', in: 'cookie' }))
  assert.equal(cookie.headers, { cookie: 'session=a%3Bb' })
})

it('apiKey takes the place of a key that is there already', async () => {
  const url = new URL('https://h/?api_key=old&a=b%20c&api_key=older')
  const query = await applied(apiKey({ name: 'api_key', key: 'new1', in: 'query' }), { url })
  assert.is(query.url.search, '?a=b%20c&api_key=new1')
  assert.is(url.searchParams.get('api_key'), 'old', 'the URL it was given is not changed')
  const headers = { cookie: 'session=old; theme=dark' }
  const cookie = await applied(apiKey({ name: 'session', key: 'new1', in: 'cookie' }), { headers })
  assert.is(cookie.headers['cookie'], 'theme=dark; session=new1')
})

it('shows its credentials to nobody', () => {
  const all = [
    bearer('canary'),
    basic({ username: 'canary', password: '' }),
    basic({ username: 'reader', password: 'canary' }),
    apiKey({ key: 'canary', in: 'header' }),
    apiKey({ name: 'k', key: 'canary', in: 'query' }),
    apiKey({ name: 'k', key: 'canary', in: 'cookie' }),
  ]
  for (const auth of all) {
    assert.ok(Object.isFrozen(auth))
    const shown = inspect(auth, { depth: null, showHidden: true, getters: true }) + JSON.stringify(auth)
    assert.not.match(shown, /canary/)
    assert.not.match(shown, Buffer.from('canary:').toString('base64').slice(0, 8))
  }
})

it('refuses credentials that cannot be right, without quoting them', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => bearer(''), /bearer: token is empty: is the environment variable set\?/],
    [() => bearer('canary\n'), /begins or ends with a space or line break/],
    [() => bearer('canary\r\nx-evil: 1'), /holds a character that no header may hold/],
    [() => bearer('canary→'), /holds a character that no header may hold/],
    [() => bearer(undefined as unknown as string), /bearer: token must be a string, got undefined/],
    [() => apiKey({ key: '', in: 'header' }), /apiKey: key is empty/],
    [() => apiKey({ name: 'a b', key: 'canary', in: 'header' }), /name must be one word/],
    [() => apiKey({ key: 'canary', in: 'body' as 'header' }), /in must be "header", "query" or "cookie", got "body"/],
    [() => basic({ username: '', password: '' }), /are empty/],
    [() => basic({ username: 'a:b', password: 'canary' }), /username holds a colon/],
  ]
  for (const [make, message] of cases) {
    assert.throws(make, (error: Error) => message.test(error.message) && !/canary/.test(error.message))
  }
})

it.run()
