import { type OAuthRefreshTokenOptions, oauthRefreshToken, type TokenClientOptions } from '@millrace/auth'
import type { Authenticator } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler } from '../../../test/support/http-server.ts'
import { formIn, takes, withTokenApi } from './with-token-api.ts'

const it = suite('oauthRefreshToken')

const app =
  (options: Partial<OAuthRefreshTokenOptions> = {}) =>
  (tokenUrl: string, client: TokenClientOptions): Authenticator =>
    oauthRefreshToken({ tokenUrl, clientId: 'my-app', refreshToken: 'refresh-0', ...options }, client)

it('asks with the refresh token, as a public client where there is no secret', () =>
  withTokenApi(app(), async ({ tokens, api, client }) => {
    await client.get('a')
    assert.equal(formIn(tokens.requests[0] ?? { body: '' }), {
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      client_id: 'my-app',
    })
    assert.is(api.requests[0]?.headers['authorization'], 'Bearer token-1')
  }))

it('sends a client secret and further fields, in the body or beside it', async () => {
  const options = { clientSecret: 's3cret', fields: { scope: 'read' } }
  await withTokenApi(app(options), async ({ tokens, client }) => {
    await client.get('a')
    const fields = { grant_type: 'refresh_token', refresh_token: 'refresh-0', client_id: 'my-app', scope: 'read' }
    assert.equal(formIn(tokens.requests[0] ?? { body: '' }), { ...fields, client_secret: 's3cret' })
  })
  await withTokenApi(app({ ...options, clientAuthentication: 'basic' }), async ({ tokens, client }) => {
    await client.get('a')
    const basic = `Basic ${Buffer.from('my-app:s3cret').toString('base64')}`
    assert.is(tokens.requests[0]?.headers['authorization'], basic)
    assert.equal(Object.keys(formIn(tokens.requests[0] ?? { body: '' })), ['grant_type', 'refresh_token', 'scope'])
  })
})

it('uses the given access token first, and renews it when the API refuses it', () =>
  withTokenApi(
    app({ accessToken: 'stale' }),
    async ({ tokens, api, client }) => {
      assert.equal((await client.get('a')).body, ['in'])
      assert.is(tokens.requests.length, 1)
      assert.equal(
        api.requests.map(({ headers }) => headers['authorization']),
        ['Bearer stale', 'Bearer token-1'],
      )
    },
    { api: takes('token-1') },
  ))

it('goes on with the refresh token it was given last', () => {
  // A server that rotates: every refresh token is good once.
  const tokens: Handler = (request, index) =>
    formIn(request)['refresh_token'] === `refresh-${index}`
      ? { json: { access_token: `token-${index + 1}`, refresh_token: `refresh-${index + 1}`, expires_in: 100 } }
      : { status: 400, json: { error: 'invalid_grant' } }
  return withTokenApi(
    app(),
    async ({ tokens: { requests }, api, client, clock, auth }) => {
      for (let round = 1; round <= 4; round++) {
        await client.get('a')
        clock.advance(80_000)
      }
      assert.is(requests.length, 4)
      assert.is(api.requests[3]?.headers['authorization'], 'Bearer token-4')
      const secrets = auth.secrets.map((each) => each.reveal())
      assert.equal(secrets, ['refresh-3', 'refresh-4', 'token-3', 'token-4'], 'the new ones and those before')
    },
    { tokens },
  )
})

it('keeps the refresh token where the answer has none', () => {
  const tokens: Handler = (request, index) =>
    formIn(request)['refresh_token'] === 'refresh-0'
      ? { json: { access_token: `token-${index + 1}`, refresh_token: index === 0 ? '' : null, expires_in: 100 } }
      : { status: 400 }
  return withTokenApi(
    app(),
    async ({ tokens: { requests }, client, clock }) => {
      for (let round = 1; round <= 3; round++) {
        await client.get('a')
        clock.advance(80_000)
      }
      assert.is(requests.length, 3)
    },
    { tokens },
  )
})

it('says that a refresh token is good no more', () =>
  withTokenApi(
    app(),
    async ({ tokens, client }) => {
      const error = await failureOf(client.get('a'))
      assert.is(error.code, 'E_AUTH')
      assert.match(error.message, /auth "oauth refresh token": .* answered 400: .*; it says: invalid_grant: expired$/)
      assert.is(tokens.requests.length, 1)
    },
    { tokens: () => ({ status: 400, json: { error: 'invalid_grant', error_description: 'expired' } }) },
  ))

it('refuses an empty refresh token', () => {
  assert.throws(() => app({ refreshToken: '' })('https://h/token', {}), /oauthRefreshToken: refreshToken is empty/)
})

it.run()
