import { type OAuthClientCredentialsOptions, oauthClientCredentials, type TokenClientOptions } from '@millrace/auth'
import { secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { countedTokens, formIn, takes, withTokenApi } from './with-token-api.ts'

const it = suite('oauthClientCredentials')

const app =
  (options: Partial<OAuthClientCredentialsOptions> = {}) =>
  (tokenUrl: string, client: TokenClientOptions): Authenticator =>
    oauthClientCredentials({ tokenUrl, clientId: 'my-app', clientSecret: 's3cret & more', ...options }, client)

it('fetches one token for all requests, by a form with id and secret', () =>
  withTokenApi(app(), async ({ tokens, api, client }) => {
    for (const path of ['a', 'b', 'c']) await client.get(path)
    assert.is(tokens.requests.length, 1)
    const [request] = tokens.requests
    assert.is(request?.method, 'POST')
    assert.is(request?.url, '/token')
    assert.is(request?.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.is(request?.headers['accept'], 'application/json')
    assert.equal(formIn(request ?? { body: '' }), {
      grant_type: 'client_credentials',
      client_id: 'my-app',
      client_secret: 's3cret & more',
    })
    assert.equal(
      api.requests.map(({ headers }) => headers['authorization']),
      Array(3).fill('Bearer token-1'),
    )
  }))

it('puts id and secret into a Basic header where it is told to, both encoded as in a form', () =>
  withTokenApi(app({ clientId: 'my:app', clientAuthentication: 'basic' }), async ({ tokens, client }) => {
    await client.get('a')
    const [request] = tokens.requests
    assert.equal(formIn(request ?? { body: '' }), { grant_type: 'client_credentials' })
    const [scheme, pair = ''] = String(request?.headers['authorization']).split(' ')
    assert.is(scheme, 'Basic')
    assert.is(Buffer.from(pair, 'base64').toString(), 'my%3Aapp:s3cret+%26+more')
  }))

it('sends further fields, which win over its own', () =>
  withTokenApi(
    app({ fields: { scope: 'read write', grant_type: 'account_credentials', account: secret('acc-1') } }),
    async ({ tokens, client }) => {
      await client.get('a')
      assert.equal(formIn(tokens.requests[0] ?? { body: '' }), {
        grant_type: 'account_credentials',
        client_id: 'my-app',
        client_secret: 's3cret & more',
        scope: 'read write',
        account: 'acc-1',
      })
    },
  ))

it('makes one token call for fifty requests at once', () =>
  withTokenApi(app(), async ({ tokens, api, client }) => {
    await Promise.all(Array.from({ length: 50 }, (_, id) => client.get(`item/${id}`)))
    assert.is(api.requests.length, 50)
    assert.is(tokens.requests.length, 1)
  }))

it('makes one token call for fifty requests that were refused at once', () => {
  let arrived = 0
  let release = (): void => {}
  const all = new Promise<void>((resolve) => {
    release = resolve
  })
  // No answer before all have come with the old token.
  const api: Handler = async ({ headers }) => {
    if (headers['authorization'] === 'Bearer token-1') return { json: ['in'] }
    arrived += 1
    if (arrived === 50) release()
    await all
    return { status: 401 }
  }
  return withTokenApi(
    app({ accessToken: 'stale' }),
    async ({ tokens, api: { requests }, client, clock }) => {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, id) => client.get(`item/${id}`)))
      assert.equal(
        answers.map(({ body }) => body),
        Array(50).fill(['in']),
      )
      assert.is(tokens.requests.length, 1)
      assert.is(requests.length, 100)
      assert.equal(clock.slept, [])
    },
    { api },
  )
})

it('a 401 that comes late throws away no token that is newer', () =>
  withTokenApi(
    app(),
    async ({ tokens, client, auth }) => {
      await client.get('a')
      const url = new URL('https://api.example.com')
      const stale = { method: 'GET', url, headers: { authorization: 'Bearer token-0' } }
      auth.renew?.(stale)
      await client.get('b')
      assert.is(tokens.requests.length, 1)
    },
    { api: takes('token-1') },
  ))

it('renews before the token expires, whatever type expires_in has', async () => {
  const cases: [expiresIn: unknown, renewedAfter: number][] = [
    [600, 480],
    ['600', 480],
    [undefined, 2880],
    [null, 2880],
    [0, 2880],
    ['soon', 2880],
  ]
  for (const [expiresIn, seconds] of cases) {
    const tokens: Handler = (_, index) => ({ json: { access_token: `token-${index + 1}`, expires_in: expiresIn } })
    await withTokenApi(
      app(),
      async ({ tokens: { requests }, api, client, clock }) => {
        await client.get('a')
        clock.advance(seconds * 1000 - 1)
        await client.get('b')
        assert.is(requests.length, 1, `${expiresIn}`)
        clock.advance(1)
        await client.get('c')
        assert.is(requests.length, 2, `${expiresIn}`)
        assert.is(api.requests[2]?.headers['authorization'], 'Bearer token-2')
      },
      { tokens },
    )
  }
})

it('takes the life that it is told where the server does not say', () =>
  withTokenApi(
    app({ tokenLifeMs: 10_000 }),
    async ({ tokens, client, clock }) => {
      await client.get('a')
      clock.advance(8000)
      await client.get('b')
      assert.is(tokens.requests.length, 2)
    },
    { tokens: (_, index) => ({ json: { access_token: `token-${index}` } }) },
  ))

it('uses a token that it is given until it is refused', () =>
  withTokenApi(
    app({ accessToken: secret('given') }),
    async ({ tokens, api, client, clock }) => {
      clock.advance(1e10)
      await client.get('a')
      assert.is(tokens.requests.length, 0)
      assert.is(api.requests[0]?.headers['authorization'], 'Bearer given')
    },
    { api: takes('given') },
  ))

it('tries a token server again that is busy or lost the connection: twice in all', async () => {
  const flaky: [name: string, first: Reply | { readonly fault: 'reset-before-headers' }][] = [
    ['busy', { status: 503 }],
    ['limited', { status: 429, headers: { 'retry-after': '1' } }],
    ['lost', { fault: 'reset-before-headers' }],
  ]
  for (const [name, first] of flaky) {
    await withTokenApi(
      app(),
      async ({ tokens, client }) => {
        assert.equal((await client.get('a')).body, ['in'], name)
        assert.is(tokens.requests.length, 2, name)
      },
      { tokens: (request, index) => (index === 0 ? first : countedTokens(request, index)) },
    )
    await withTokenApi(
      app(),
      async ({ tokens, api, client }) => {
        const failures = await Promise.all(Array.from({ length: 10 }, (_, id) => failureOf(client.get(`item/${id}`))))
        assert.equal([...new Set(failures.map(({ code }) => code))], ['E_AUTH'], name)
        assert.not(failures[0]?.retryable)
        assert.is(tokens.requests.length, 2, name)
        assert.is(api.requests.length, 0)
      },
      { tokens: () => first },
    )
  }
})

it('says what the token server said, once', () =>
  withTokenApi(
    app(),
    async ({ tokens, client }) => {
      const error = await failureOf(client.get('a'))
      assert.is(error.code, 'E_AUTH')
      assert.is(
        error.message,
        `auth "oauth client credentials": POST ${tokens.url}/token answered 400: check the credentials and the URL; it says: invalid_client: No client my-app with [redacted]`,
      )
      assert.equal(error.context, { method: 'POST', url: `${tokens.url}/token`, status: 400 })
      assert.is(tokens.requests.length, 1)
    },
    {
      tokens: (request) => ({
        status: 400,
        json: {
          error: 'invalid_client',
          error_description: `No client my-app\nwith ${formIn(request)['client_secret']}`,
        },
      }),
    },
  ))

it('refuses an answer without a token that can be sent, and does not quote it', async () => {
  const cases: [reply: Reply, message: RegExp][] = [
    [
      { json: { token: 'canary', ok: true } },
      /answered 200, but there is no text at "access_token": its keys are token, ok$/,
    ],
    [{ json: { ok: false, error: 'invalid_scope' } }, /its keys are ok, error; it says: invalid_scope$/],
    [{ json: {} }, /its keys are none$/],
    [{ json: { access_token: '' } }, /there is no text at "access_token"/],
    [{ json: { access_token: 5 } }, /there is no text at "access_token"/],
    [{ json: ['canary'] }, /it is no JSON object$/],
    [{ body: 'access_token=canary&token_type=bearer' }, /it is no JSON object$/],
    [{ body: '<p>canary' }, /it is no JSON object$/],
    [{ body: '' }, /it is no JSON object$/],
    [{ json: { access_token: 'canary\r\nx-evil: 1' } }, /the text at "access_token" can be sent in no header$/],
  ]
  for (const [reply, message] of cases) {
    await withTokenApi(
      app(),
      async ({ api, client }) => {
        const error = await failureOf(client.get('a'))
        assert.is(error.code, 'E_AUTH')
        assert.match(error.message, message)
        assert.not.match(error.message, /canary/)
        assert.is(api.requests.length, 0)
      },
      { tokens: () => reply },
    )
  }
})

it('is refused by the API for good where the new token is refused too', () =>
  withTokenApi(
    app(),
    async ({ tokens, api, client }) => {
      const error = await failureOf(client.get('a'))
      assert.is(error.code, 'E_HTTP_STATUS')
      assert.match(error.message, /answered 401: check the credentials \(auth "oauth client credentials"\)/)
      assert.is(api.requests.length, 2)
      assert.is(tokens.requests.length, 2)
    },
    { api: takes() },
  ))

it('sends its credentials to no other origin, and not on when a redirect makes a GET of it', async () => {
  const other = await startHttpServer(() => ({ json: { access_token: 'stolen' } }))
  try {
    for (const status of [301, 302, 303, 307, 308]) {
      await withTokenApi(
        app(),
        async ({ client }) => {
          const error = await failureOf(client.get('a'))
          assert.is(error.code, 'E_AUTH')
          assert.match(error.message, /got no token: .*it leaves/)
        },
        { tokens: () => ({ status, headers: { location: `${other.url}/token` } }) },
      )
    }
    assert.is(other.requests.length, 0)
  } finally {
    await other.close()
  }
  await withTokenApi(
    app({ clientAuthentication: 'basic' }),
    async ({ tokens, client }) => {
      await failureOf(client.get('a'))
      assert.is(tokens.requests[1]?.method, 'GET')
      assert.is(tokens.requests[1]?.headers['authorization'], undefined)
      assert.is(tokens.requests[1]?.body, '')
    },
    { tokens: ({ path }) => (path === '/token' ? { status: 302, headers: { location: '/home' } } : { status: 403 }) },
  )
})

it('ends at once for who aborts, and goes on for the others', async () => {
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await withTokenApi(
    app(),
    async ({ tokens, client }) => {
      const controller = new AbortController()
      const reason = new Error('stop')
      const leaving = rejection(client.get('a', { signal: controller.signal }))
      const staying = client.get('b')
      while (tokens.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      controller.abort(reason)
      assert.is(await leaving, reason)
      release()
      assert.equal((await staying).body, ['in'])
      assert.is(tokens.requests.length, 1)
    },
    {
      tokens: async (request, index) => {
        await released
        return countedTokens(request, index)
      },
    },
  )
})

it('tells of its requests where the client tells of its own', () =>
  withTokenApi(app(), async ({ tokens, api, client, events }) => {
    await client.get('a')
    assert.equal(
      events.map((event) => ('url' in event ? `${event.type} ${event.url}` : event.type)),
      [`request ${tokens.url}/token`, `response ${tokens.url}/token`, `request ${api.url}/a`, `response ${api.url}/a`],
    )
  }))

it('refuses options that cannot be right, without quoting them', () => {
  const cases: [options: Partial<OAuthClientCredentialsOptions>, message: RegExp][] = [
    [{ clientSecret: '' }, /oauthClientCredentials: clientSecret is empty: is the environment variable set\?/],
    [{ clientId: '' }, /oauthClientCredentials: clientId is empty/],
    [{ clientSecret: 5 as unknown as string }, /clientSecret must be a string, got number/],
    [{ clientAuthentication: 'header' as 'body' }, /clientAuthentication must be "body" or "basic", got "header"/],
    [{ tokenLifeMs: 0 }, /tokenLifeMs must be above 0, got 0/],
    [{ tokenUrl: 'login.example.com' }, /oauthClientCredentials: tokenUrl must start with http:\/\/ or https:\/\//],
    [{ tokenUrl: 'https://me:canary@login.example.com' }, /tokenUrl holds a user name: take it out/],
    [{ accessToken: 'canary\n' }, /accessToken begins or ends with a space or line break/],
  ]
  for (const [options, message] of cases) {
    const make = () => app(options)('https://login.example.com/token', {})
    assert.throws(make, (error: Error) => message.test(error.message) && !/canary/.test(error.message))
  }
})

it.run()
