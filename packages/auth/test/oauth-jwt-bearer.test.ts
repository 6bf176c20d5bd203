import { createVerify, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import {
  assertionLifeSeconds,
  type JwtAlgorithm,
  type OAuthJwtBearerOptions,
  oauthJwtBearer,
  type TokenClientOptions,
} from '@millrace/auth'
import type { Authenticator } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countedTokens, formIn, withTokenApi } from './with-token-api.ts'

const it = suite('oauthJwtBearer')

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const account =
  (options: Partial<OAuthJwtBearerOptions> = {}) =>
  (tokenUrl: string, client: TokenClientOptions): Authenticator =>
    oauthJwtBearer({ tokenUrl, clientId: 'service@example.com', privateKey: pkcs8(rsa.privateKey), ...options }, client)

interface Assertion {
  readonly header: unknown
  readonly claims: Readonly<Record<string, unknown>>
}

/** What an assertion says, where the signature is right. */
function verified(assertion: string, algorithm: JwtAlgorithm, key: KeyObject): Assertion {
  const [header = '', claims = '', signature = '', ...more] = assertion.split('.')
  assert.is(more.length, 0)
  const signed = Buffer.from(`${header}.${claims}`)
  const bytes = Buffer.from(signature, 'base64url')
  // Said twice over, with another function of Node for RSA, so that a mistake in one is seen.
  const isRight =
    algorithm === 'RS256'
      ? createVerify('RSA-SHA256').update(signed).verify(key, bytes)
      : verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)
  assert.ok(isRight, 'the signature is right')
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Assertion['claims']
  return { header: parse(header), claims: parse(claims) }
}

it('asks with an assertion that its key has signed, by RS256 or ES256', async () => {
  const keys: [algorithm: JwtAlgorithm, pair: typeof rsa][] = [
    ['RS256', rsa],
    ['ES256', p256],
  ]
  for (const [algorithm, { privateKey, publicKey }] of keys) {
    for (const named of [{}, { algorithm }]) {
      await withTokenApi(
        account({ privateKey: pkcs8(privateKey), scopes: ['read', 'write'], ...named }),
        async ({ tokens, api, client, clock }) => {
          await client.get('a')
          const { assertion = '', ...form } = formIn(tokens.requests[0] ?? { body: '' })
          assert.equal(form, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' })
          const { header, claims } = verified(assertion, algorithm, publicKey)
          assert.equal(header, { alg: algorithm, typ: 'JWT' })
          const { jti, ...others } = claims
          const iat = clock.now() / 1000
          assert.match(String(jti), /^[0-9a-f-]{36}$/)
          assert.equal(others, {
            iss: 'service@example.com',
            sub: 'service@example.com',
            aud: `${tokens.url}/token`,
            iat,
            exp: iat + assertionLifeSeconds,
            scope: 'read write',
          })
          assert.is(api.requests[0]?.headers['authorization'], 'Bearer token-1')
        },
      )
    }
  }
})

it('an ES256 signature is the two numbers in a row, 64 bytes, and no DER', () =>
  withTokenApi(account({ privateKey: pkcs8(p256.privateKey) }), async ({ tokens, client }) => {
    await client.get('a')
    const signature = formIn(tokens.requests[0] ?? { body: '' })['assertion']?.split('.')[2] ?? ''
    assert.is(Buffer.from(signature, 'base64url').length, 64)
  }))

it('says whom it acts for and to whom it speaks where it is told', () =>
  withTokenApi(
    account({
      subject: 'user@example.com',
      audience: 'https://login.example.com',
      scopes: 'read',
      headers: { 'X-A': 'b' },
    }),
    async ({ tokens, client }) => {
      await client.get('a')
      const { claims } = verified(formIn(tokens.requests[0] ?? { body: '' })['assertion'] ?? '', 'RS256', rsa.publicKey)
      assert.is(claims['sub'], 'user@example.com')
      assert.is(claims['iss'], 'service@example.com')
      assert.is(claims['aud'], 'https://login.example.com')
      assert.is(claims['scope'], 'read')
      assert.is(tokens.requests[0]?.headers['x-a'], 'b')
    },
  ))

it('makes a new assertion for each try', () =>
  withTokenApi(
    account(),
    async ({ tokens, client }) => {
      await client.get('a')
      const [first, second] = tokens.requests.map(
        (request) => verified(formIn(request)['assertion'] ?? '', 'RS256', rsa.publicKey).claims,
      )
      assert.ok(first && second)
      assert.is.not(first?.['jti'], second?.['jti'])
      assert.is(Number(second?.['iat']) - Number(first?.['iat']), 2)
      assert.is(first && 'scope' in first, false)
    },
    { tokens: (request, index) => (index === 0 ? { status: 503 } : countedTokens(request, index)) },
  ))

it('reads keys with a passphrase, in the older formats, and with line breaks written out', async () => {
  const encrypted = rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
    .toString()
  const keys: [options: Partial<OAuthJwtBearerOptions>, algorithm: JwtAlgorithm, publicKey: KeyObject][] = [
    [{ privateKey: encrypted, passphrase: 'open sesame' }, 'RS256', rsa.publicKey],
    [{ privateKey: rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() }, 'RS256', rsa.publicKey],
    [{ privateKey: p256.privateKey.export({ type: 'sec1', format: 'pem' }).toString() }, 'ES256', p256.publicKey],
    [{ privateKey: pkcs8(rsa.privateKey).replaceAll('\n', '\\n') }, 'RS256', rsa.publicKey],
  ]
  for (const [options, algorithm, publicKey] of keys) {
    await withTokenApi(account(options), async ({ tokens, client }) => {
      await client.get('a')
      verified(formIn(tokens.requests[0] ?? { body: '' })['assertion'] ?? '', algorithm, publicKey)
    })
  }
})

it('refuses keys that do not fit, without quoting them', () => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const ed25519 = generateKeyPairSync('ed25519')
  const encrypted = rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
    .toString()
  const cases: [options: Partial<OAuthJwtBearerOptions>, message: RegExp][] = [
    [{ privateKey: 'canary' }, /privateKey cannot be read: is it a whole PEM key, and the passphrase right\?/],
    [{ privateKey: encrypted }, /privateKey cannot be read/],
    [{ privateKey: encrypted, passphrase: 'canary' }, /privateKey cannot be read/],
    [{ privateKey: '' }, /privateKey is empty/],
    [{ privateKey: pkcs8(p384.privateKey) }, /must be an RSA key or a P-256 key, got one of the kind secp384r1/],
    [{ privateKey: pkcs8(ed25519.privateKey) }, /must be an RSA key or a P-256 key, got one of the kind ed25519/],
    [
      { privateKey: pkcs8(p256.privateKey), algorithm: 'RS256' },
      /algorithm is "RS256", but privateKey is a key for "ES256"/,
    ],
    [{ algorithm: 'ES256' }, /algorithm is "ES256", but privateKey is a key for "RS256"/],
  ]
  for (const [options, message] of cases) {
    const make = () => account(options)('https://login.example.com/token', {})
    assert.throws(make, (error: Error) => message.test(error.message) && !/canary|BEGIN/.test(error.message))
  }
})

it.run()
