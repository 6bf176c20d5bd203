import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler, HttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { createServe, load, read } from './configured-api.ts'

// How dlt gets in, measured with version 1.26.0, and what happens here.
const it = suite('auth where dlt goes wrong')
const serve = createServe(it)

/** A token server that gives `token-1`, `token-2`, and so on. */
const tokenServer = (more: object = {}): Promise<HttpServer> =>
  serve((_, index) => ({ json: { access_token: `token-${index + 1}`, token_type: 'Bearer', ...more } }))

const credentials = (server: HttpServer, more: object = {}) => ({
  type: 'oauth2_client_credentials',
  access_token_url: `${server.url}/token`,
  client_id: 'i',
  client_secret: 's3cret-of-mine',
  ...more,
})

/** Three pages of a row for those who have one of these tokens; 401 for all others. */
const guarded =
  (isGood: (token: string, page: number) => boolean): Handler =>
  ({ query, headers }) => {
    const page = Number(query.get('page'))
    const token = String(headers['authorization']).replace('Bearer ', '')
    return isGood(token, page) ? { json: { data: page < 3 ? [{ id: page }] : [] } } : { status: 401 }
  }

const paginator = 'page_number'

it('one token serves all resources of a run, and one request for it all that wait', async () => {
  const tokens = await tokenServer()
  const server = await serve(guarded((token) => token === 'token-1'))
  await withTempFolder(async (folder) => {
    const client = { auth: credentials(tokens), paginator }
    const report = await load(server, { client, resources: ['a', 'b', 'c', 'd'] }, folder)
    assert.equal(
      report.streams.map(({ read: rows }) => rows),
      [3, 3, 3, 3],
    )
  })
  assert.is(tokens.requests.length, 1)
})

it('parents, their children and the children of several parents at once share the token', async () => {
  const tokens = await tokenServer()
  const server = await serve(guarded((token) => token === 'token-1'))
  const child = { name: 'c', parallelized: true, endpoint: 'p/{resources.p.id}/c' }
  await withTempFolder(async (folder) => {
    const client = { auth: credentials(tokens), paginator }
    const report = await load(server, { client, resources: ['p', child] }, folder)
    assert.is(report.streams[1]?.read, 9)
  })
  assert.is(tokens.requests.length, 1)
})

it('a token that ends in the middle of the pages is renewed once, and no page is lost or read twice', async () => {
  for (const page of [0, 1, 2, 3]) {
    const tokens = await tokenServer()
    const server = await serve(guarded((token, asked) => (asked < page ? token === 'token-1' : token === 'token-2')))
    const { ids } = await read(server, { client: { auth: credentials(tokens), paginator }, resources: ['items'] })
    assert.equal([ids, tokens.requests.length, server.requests.length], [[0, 1, 2], 2, 5])
  }
})

it('a token that is refused in several resources at once is renewed once', async () => {
  const tokens = await tokenServer()
  const server = await serve(guarded((token) => token === 'token-1'))
  await withTempFolder(async (folder) => {
    const client = { auth: credentials(tokens, { access_token: 'stale' }), paginator }
    const report = await load(server, { client, resources: ['a', 'b', 'c', 'd'] }, folder)
    assert.is(
      report.streams.reduce((sum, { read: rows }) => sum + rows, 0),
      12,
    )
  })
  assert.is(tokens.requests.length, 1)
})

it('a token that is given is used, and no other is fetched while the API takes it', async () => {
  const tokens = await tokenServer()
  const server = await serve(guarded((token) => token === 'given'))
  const auth = credentials(tokens, { access_token: 'given' })
  assert.equal((await read(server, { client: { auth, paginator }, resources: ['items'] })).ids, [0, 1, 2])
  assert.is(tokens.requests.length, 0)
})

it('a token is renewed before it ends, whether its life is a number or text', async () => {
  for (const expires_in of [100, '100']) {
    const tokens = await tokenServer({ expires_in })
    const server = await serve((request, index) =>
      request.query.get('page') === '1' && index === 1
        ? { status: 503, headers: { 'retry-after': '80' } }
        : guarded(() => true)(request, index),
    )
    const client = { auth: credentials(tokens), paginator }
    await read(server, { client, resources: ['items'] }, { clock: recordingClock() })
    assert.equal(
      server.requests.map(({ headers }) => headers['authorization']),
      ['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-2'],
    )
  }
})

it('credentials that stay refused are an error after one renewal, which names no secret', async () => {
  const tokens = await tokenServer()
  const server = await serve(() => ({ status: 401, body: 'no' }))
  const auth = credentials(tokens)
  const error = await failureOf(read(server, { client: { auth, paginator }, resources: ['items'] }))
  assert.equal([error.code, error.context['status']], ['E_HTTP_STATUS', 401])
  assert.equal([tokens.requests.length, server.requests.length], [2, 2])
  assert.not.match(JSON.stringify([error.message, error.context]), /s3cret|token-\d/)
})

it('auth of an endpoint takes the place of the client’s, null sends none, and defaults hold for all others', async () => {
  const server = await serve(() => ({ json: [{ id: 1 }] }))
  const resources = [
    'plain',
    { name: 'own', endpoint: { auth: { type: 'api_key', name: 'x-key', api_key: 'k' } } },
    { name: 'none', endpoint: { auth: null } },
  ]
  for (const stream of ['plain', 'own', 'none']) {
    await read(server, { client: { auth: { token: 'of-client' } }, resources }, { stream })
  }
  const endpoint = { auth: { type: 'http_basic', username: 'u', password: 'p' } }
  const config = { client: { auth: { token: 'of-client' } }, resource_defaults: { endpoint }, resources }
  for (const stream of ['plain', 'own', 'none']) await read(server, config, { stream })
  const basic = `Basic ${Buffer.from('u:p').toString('base64')}`
  assert.equal(
    server.requests.map(({ headers }) => [headers['authorization'], headers['x-key']]),
    [
      ['Bearer of-client', undefined],
      [undefined, 'k'],
      [undefined, undefined],
      [basic, undefined],
      [undefined, 'k'],
      [undefined, undefined],
    ],
  )
})

it('a child may get in by another way than its parent', async () => {
  const server = await serve(({ path }) => ({ json: path === '/p' ? [{ id: 1 }] : [{ id: 2 }] }))
  const child = { name: 'c', endpoint: { path: 'p/{resources.p.id}/c', auth: { token: 'of-child' } } }
  const client = { auth: { token: 'of-parent' } }
  assert.equal((await read(server, { client, resources: ['p', child] }, { stream: 'c' })).ids, [2])
  assert.equal(
    server.requests.map(({ headers }) => headers['authorization']),
    ['Bearer of-parent', 'Bearer of-child'],
  )
})

it.run()
