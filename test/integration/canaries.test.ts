import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Fault,
  type HttpServer,
  type RecordedRequest,
  type Reply,
  startHttpServer,
} from '../support/http-server.ts'
import { readDelta } from '../support/read-delta.ts'
import { millrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('canaries')

type Json = Record<string, unknown>

/** A secret that occurs nowhere else, with characters that every encoding writes in another way. */
const canary = (place: string): string => `canary-${place}."q\\b&p+l/u%s=e t`

/** What of a canary stays the same in every encoding but base64. */
const coreOf = (place: string): string => `canary-${place}.`

interface Parts {
  readonly client: Json
  readonly endpoint: Json
  /** Of `resource_defaults`. */
  readonly defaults: Json
}

/** A place of a configuration where a secret may stand. */
interface Place {
  readonly name: string
  /** Puts `${NAME}`, or the secret itself, into the configuration. */
  put(parts: Parts, secret: string): void
  /** The secret as the server gets it. */
  arrived(request: RecordedRequest): unknown
}

const keyPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })

const basicOf = ({ headers }: RecordedRequest) =>
  Buffer.from(String(headers['authorization']).replace('Basic ', ''), 'base64').toString()
const bodyOf = ({ body }: RecordedRequest) => (body.startsWith('{') ? (JSON.parse(body) as Json) : {})
const formOf = ({ body }: RecordedRequest) => new URLSearchParams(body)

const authPlace = (name: string, auth: (secret: string) => Json, arrived: Place['arrived']): Place => ({
  name,
  put: ({ client }, secret) => {
    client['auth'] = auth(secret)
  },
  arrived,
})

const oauth = { access_token_url: '${URL}/token', client_id: 'someone' }

/** One of these is in a configuration. What a token request answers is a secret too. */
const auths: readonly Place[] = [
  authPlace(
    'api_key-header',
    (api_key) => ({ type: 'api_key', api_key, name: 'x-auth' }),
    ({ headers }) => headers['x-auth'],
  ),
  authPlace(
    'api_key-query',
    (api_key) => ({ type: 'api_key', api_key, name: 'k', location: 'query' }),
    ({ query }) => query.get('k'),
  ),
  authPlace(
    'api_key-cookie',
    (api_key) => ({ type: 'api_key', api_key, name: 'session', location: 'cookie' }),
    ({ headers }) => decodeURIComponent(String(headers['cookie']).replace('session=', '')),
  ),
  authPlace(
    'api_key-param',
    (api_key) => ({ type: 'api_key', api_key, name: 'p', location: 'param' }),
    ({ query }) => query.get('p'),
  ),
  {
    name: 'endpoint-auth',
    put: ({ endpoint }, token) => {
      endpoint['auth'] = { token }
    },
    arrived: ({ headers }) => String(headers['authorization']).replace('Bearer ', ''),
  },
  authPlace(
    'bearer',
    (token) => ({ token }),
    ({ headers }) => String(headers['authorization']).replace('Bearer ', ''),
  ),
  authPlace(
    'http_basic-password',
    (password) => ({ type: 'http_basic', username: 'someone', password }),
    (request) => basicOf(request).replace('someone:', ''),
  ),
  authPlace(
    'http_basic-username',
    (username) => ({ type: 'http_basic', username, password: '' }),
    (request) => basicOf(request).slice(0, -1),
  ),
  authPlace(
    'client_secret',
    (client_secret) => ({ type: 'oauth2_client_credentials', ...oauth, client_secret }),
    (request) => formOf(request).get('client_secret'),
  ),
  authPlace(
    'token_request_data',
    (password) => ({
      type: 'oauth2_client_credentials',
      ...oauth,
      client_secret: 'something',
      access_token_request_data: { password },
    }),
    (request) => formOf(request).get('password'),
  ),
  authPlace(
    'refresh_token',
    (refresh_token) => ({ type: 'oauth2_refresh_token', ...oauth, refresh_token }),
    (request) => formOf(request).get('refresh_token'),
  ),
  authPlace(
    'jwt_client_id',
    (client_id) => ({
      type: 'oauth2_jwt_bearer',
      auth_endpoint: '${URL}/token',
      client_id,
      private_key: '${PRIVATE_KEY}',
    }),
    (request) => {
      const [, claims = ''] = String(formOf(request).get('assertion')).split('.')
      return claims === '' ? undefined : (JSON.parse(Buffer.from(claims, 'base64url').toString()) as Json)['iss']
    },
  ),
  authPlace(
    'login-json',
    (password) => ({
      type: 'session_token',
      login_url: '${URL}/token',
      json: { password },
      token_path: 'access_token',
    }),
    (request) => bodyOf(request)['password'],
  ),
  authPlace(
    'login-form',
    (password) => ({
      type: 'session_token',
      login_url: '${URL}/token',
      data: { password },
      token_path: 'access_token',
    }),
    (request) => formOf(request).get('password'),
  ),
  authPlace(
    'login-headers',
    (key) => ({
      type: 'session_token',
      login_url: '${URL}/token',
      headers: { 'x-login-token': key },
      token_path: 'access_token',
    }),
    ({ headers }) => headers['x-login-token'],
  ),
  authPlace(
    'client_secret-basic',
    (client_secret) => ({
      type: 'oauth2_client_credentials',
      ...oauth,
      client_secret,
      client_authentication: 'basic',
    }),
    (request) => decodeURIComponent(basicOf(request).replace('someone:', '').replaceAll('+', '%20')),
  ),
  authPlace(
    'given-access_token',
    (access_token) => ({
      type: 'oauth2_client_credentials',
      ...oauth,
      client_secret: 'something',
      access_token,
    }),
    ({ headers }) => String(headers['authorization']).replace('Bearer ', ''),
  ),
  authPlace(
    'refresh-client_secret',
    (client_secret) => ({ type: 'oauth2_refresh_token', ...oauth, refresh_token: 'something', client_secret }),
    (request) => formOf(request).get('client_secret'),
  ),
  authPlace(
    'refresh-request_data',
    (password) => ({
      type: 'oauth2_refresh_token',
      ...oauth,
      refresh_token: 'something',
      access_token_request_data: { password },
    }),
    (request) => formOf(request).get('password'),
  ),
  authPlace(
    'jwt-headers',
    (key) => ({
      type: 'oauth2_jwt_bearer',
      auth_endpoint: '${URL}/token',
      client_id: 'someone',
      private_key: '${PRIVATE_KEY}',
      headers: { 'x-api-key': key },
    }),
    ({ headers }) => headers['x-api-key'],
  ),
  authPlace(
    'login-nested',
    (token) => ({
      type: 'session_token',
      login_url: '${URL}/token',
      json: { user: { token } },
      token_path: 'access_token',
    }),
    (request) => (bodyOf(request)['user'] as Json | undefined)?.['token'],
  ),
]

/** All of these are in every configuration, each with a secret of its own. */
const everywhere: readonly Place[] = [
  {
    name: 'client-header',
    put: ({ client }, secret) => {
      client['headers'] = { 'x-client': secret }
    },
    arrived: ({ headers }) => headers['x-client'],
  },
  {
    name: 'endpoint-header',
    put: ({ endpoint }, secret) => {
      endpoint['headers'] = { 'x-endpoint': secret }
    },
    arrived: ({ headers }) => headers['x-endpoint'],
  },
  {
    name: 'param',
    put: ({ endpoint }, secret) => {
      endpoint['params'] = { ...(endpoint['params'] as Json), access_token: secret }
    },
    arrived: ({ query }) => query.get('access_token'),
  },
  {
    name: 'param-list',
    put: ({ endpoint }, secret) => {
      endpoint['params'] = { ...(endpoint['params'] as Json), keys: ['one', secret] }
    },
    arrived: ({ query }) => query.getAll('keys')[1],
  },
  {
    name: 'json-body',
    put: ({ endpoint }, secret) => {
      endpoint['json'] = { deep: [{ secret }] }
    },
    arrived: (request) => (bodyOf(request)['deep'] as Json[] | undefined)?.[0]?.['secret'],
  },
  {
    name: 'base_url-query',
    put: ({ client }, secret) => {
      client['base_url'] = `\${URL}/v1?token=${secret === '${BASE_URL_QUERY}' ? secret : encodeURIComponent(secret)}`
    },
    arrived: ({ query }) => query.get('token'),
  },
  {
    name: 'default-header',
    put: ({ defaults }, secret) => {
      defaults['headers'] = { 'x-default': secret }
    },
    arrived: ({ headers }) => headers['x-default'],
  },
  {
    name: 'default-param',
    put: ({ defaults }, secret) => {
      defaults['params'] = { secret }
    },
    arrived: ({ query }) => query.get('secret'),
  },
  {
    name: 'default-json',
    put: ({ defaults }, secret) => {
      defaults['json'] = { above: secret }
    },
    arrived: (request) => bodyOf(request)['above'],
  },
  {
    name: 'json-list',
    put: ({ endpoint }, secret) => {
      endpoint['json'] = { ...(endpoint['json'] as Json), list: ['one', secret] }
    },
    arrived: (request) => (bodyOf(request)['list'] as unknown[] | undefined)?.[1],
  },
  {
    name: 'json-within-text',
    put: ({ endpoint }, secret) => {
      endpoint['json'] = { ...(endpoint['json'] as Json), text: `before ${secret} after` }
    },
    arrived: (request) => /^before (.*) after$/.exec(String(bodyOf(request)['text']))?.[1],
  },
  {
    name: 'param-within-text',
    put: ({ endpoint }, secret) => {
      endpoint['params'] = { ...(endpoint['params'] as Json), filter: `key eq ${secret} and more` }
    },
    arrived: ({ query }) => /^key eq (.*) and more$/.exec(String(query.get('filter')))?.[1],
  },
  {
    name: 'client-header-within-text',
    put: ({ client }, secret) => {
      client['headers'] = { ...(client['headers'] as Json), 'x-scheme': `Scheme ${secret}` }
    },
    arrived: ({ headers }) => String(headers['x-scheme']).replace('Scheme ', ''),
  },
]

const variableOf = ({ name }: Place): string => name.replaceAll('-', '_').toUpperCase()

/** A way to answer. `said` is everything secret that the server knows of, in several encodings. */
interface Behaviour {
  readonly name: string
  readonly exitCode: number
  /** Default: no retries. */
  readonly retry?: Json
  /** Answers the page after the first. */
  answer(request: RecordedRequest, said: string, next: URLSearchParams): Reply | Fault
  /** In place of the way to a second page on this server. */
  next?(url: string, query: URLSearchParams): string
}

/** Of the second server, which is another origin. */
let otherUrl = ''

const row = (id: number) => ({ id, name: `row ${id}` })

const behaviours: readonly Behaviour[] = [
  {
    name: 'repeats all it was sent beside the rows, and ends well',
    exitCode: 0,
    answer: (_, said) => ({
      json: { data: [row(2)], request: said },
      headers: { 'x-request-id': encodeURI(said.slice(0, 900)) },
    }),
  },
  {
    name: 'answers 401 and repeats all it was sent',
    exitCode: 1,
    answer: (_, said) => ({ status: 401, json: { error: said } }),
  },
  {
    name: 'answers 500 with text that repeats all it was sent',
    exitCode: 1,
    answer: (_, said) => ({ status: 500, body: `${said} ${JSON.stringify(said)}` }),
  },
  {
    name: 'asks for a longer wait than is allowed',
    exitCode: 3,
    retry: { max_retries: 1, statuses: [429] },
    answer: (_, said) => ({ status: 429, headers: { 'retry-after': '99999' }, body: said }),
  },
  {
    name: 'answers with a login page that repeats all it was sent',
    exitCode: 1,
    answer: (_, said) => ({ headers: { 'content-type': 'text/html' }, body: `<html>${said}</html>` }),
  },
  {
    name: 'answers with JSON that ends in the middle of what it was sent',
    exitCode: 1,
    answer: (_, said) => ({ headers: { 'content-type': 'application/json' }, body: `{"data": "${said}` }),
  },
  {
    name: 'answers without rows, under keys that are what it was sent',
    exitCode: 1,
    answer: (_, said) => ({ json: { [said]: 1 } }),
  },
  {
    name: 'closes the connection',
    exitCode: 1,
    answer: () => ({ fault: 'reset-before-headers' }),
  },
  {
    name: 'redirects to itself with all in the query, and refuses there',
    exitCode: 1,
    answer: ({ query, path }, said, next) =>
      query.has('redirected')
        ? { status: 403, body: said }
        : { status: 307, headers: { location: `${path}?redirected=1&${next}` } },
  },
  {
    name: 'redirects to another origin with all in the query',
    exitCode: 1,
    answer: (_request, _said, next) => ({ status: 307, headers: { location: `${otherUrl}/v1/items?${next}` } }),
  },
  {
    name: 'links to another origin with all in the query',
    exitCode: 1,
    answer: () => ({ status: 500 }),
    next: (_, query) => `${otherUrl}/v1/items?${query}`,
  },
  {
    name: 'links to a user and password, and to the same page again',
    exitCode: 1,
    answer: ({ url }) => ({ json: { data: [row(2)], next: url } }),
    next: (url, query) => `${url.replace('//', '//someone:canary-userinfo.@')}/v1/items?${query}`,
  },
]

const tokenCanary = canary('issued').replaceAll(/[^\w.-]/g, '')

/** Secrets as an API may repeat them. */
function spellingsOf(secrets: readonly string[]): string {
  const spellings = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString(),
    Buffer.from(secret).toString('base64'),
  ])
  return spellings.join(' ')
}

/** Texts whose presence tells that the core is there: raw, or in base64 at any of the three places in a group. */
function tracesOf(core: string): string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const bytes = Buffer.from('x'.repeat(before) + core)
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
  })
  return [core, ...inBase64]
}

function assertClean(where: string, bytes: Buffer | string, cores: readonly string[]): void {
  const found = cores.flatMap(tracesOf).filter((trace) => bytes.includes(trace))
  if (found.length === 0) return
  const text = bytes.toString()
  const at = text.indexOf(found[0] ?? '')
  throw new Error(`${where} holds ${found.join(', ')}: …${text.slice(Math.max(0, at - 300), at + 200)}…`)
}

interface Trial {
  readonly auth: Place
  readonly behaviour: Behaviour
  /** Whether the secrets stand in the file, or in the environment as they should. */
  readonly isLiteral: boolean
}

/** Runs the command line against a server that tells all it knows, and looks at everything that came of it. */
async function trial({ auth, behaviour, isLiteral }: Trial): Promise<void> {
  // What stands in the file is a secret where its key says so.
  const places = isLiteral ? [auth] : [auth, ...everywhere]
  const known = places.map(({ name }) => canary(name))
  const cores = [
    ...places.map(({ name }) => coreOf(name)),
    tokenCanary,
    'canary-userinfo.',
    // A line from the middle of the key.
    String(keyPem).slice(200, 240),
  ]
  const arrived = new Set<string>()

  const server = await startHttpServer((request) => {
    for (const place of places) {
      if (place.arrived(request) === canary(place.name)) arrived.add(place.name)
    }
    if (request.path === '/token') {
      known.push(tokenCanary)
      return { json: { access_token: tokenCanary, expires_in: 3600, said: spellingsOf(known) } }
    }
    const query = new URLSearchParams(request.query)
    for (const [index, secret] of known.entries()) query.set(`repeated-${index}`, secret)
    query.set('page', '2')
    if (request.query.has('page') || request.query.has('redirected')) {
      return behaviour.answer(request, spellingsOf(known), query)
    }
    const url = `http://${request.headers['host']}`
    return { json: { data: [row(1)], next: behaviour.next?.(url, query) ?? `/v1/items?${query}` } }
  })
  try {
    await withTempFolder(async (folder) => {
      const client: Json = { base_url: '${URL}/v1', retry: behaviour.retry ?? { max_retries: 0 } }
      const defaults: Json = {}
      const endpoint: Json = { method: 'POST', data_selector: 'data', paginator: 'json_link' }
      const env: Record<string, string> = { URL: server.url, PRIVATE_KEY: String(keyPem) }
      for (const place of places) {
        place.put({ client, endpoint, defaults }, isLiteral ? canary(place.name) : `\${${variableOf(place)}}`)
        env[variableOf(place)] =
          place.name === 'base_url-query' ? encodeURIComponent(canary(place.name)) : canary(place.name)
      }
      const path = join(folder, 'config.json')
      await writeFile(
        path,
        JSON.stringify({ client, resource_defaults: { endpoint: defaults }, resources: [{ name: 'items', endpoint }] }),
      )
      const lake = join(folder, 'lake')
      const run = await millrace(['run', path, '--to', lake, '--debug', '--json'], env)

      assert.is(run.code, behaviour.exitCode, run.stderr)
      assert.equal([...arrived].sort(), places.map(({ name }) => name).sort(), 'every secret was sent')
      assertClean('standard output', run.stdout, cores)
      assertClean('standard error', run.stderr, cores)
      const files = (await readdir(lake, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
      assert.ok(files.length > 0, 'the lake has files')
      for (const file of files) {
        const name = join(file.parentPath, file.name)
        assertClean(name, await readFile(name), cores)
      }
      if (behaviour.exitCode === 0) {
        const others = [
          await millrace(['run', path, '--to', lake], env),
          await millrace(['check', path], env),
          await millrace(['state', lake], env),
        ]
        for (const { code, stdout, stderr } of others) {
          assert.is(code, 0, stderr)
          assertClean('the output of another command', stdout + stderr, cores)
        }
        const { rows } = await readDelta(join(lake, 'items'))
        assert.ok(rows.length >= 2, 'the table has rows')
        assertClean('the table', JSON.stringify(rows), cores)
      }
    })
  } finally {
    await server.close()
  }
}

let other: HttpServer
it.before(async () => {
  other = await startHttpServer(() => ({ json: { data: [] } }))
  otherUrl = other.url
})
it.after(() => other.close())

/** Behaviours and kinds of auth take turns, and every kind meets several. */
const kindsOfABehaviour = 2

for (const [index, behaviour] of behaviours.entries()) {
  it(`are nowhere to be found where the API ${behaviour.name}`, async () => {
    for (let turn = 0; turn < kindsOfABehaviour; turn++) {
      const auth = auths[(index * kindsOfABehaviour + turn) % auths.length]
      if (auth) await trial({ auth, behaviour, isLiteral: false })
    }
  })
}

it('are nowhere to be found either where the configuration itself holds them', async () => {
  const [, refused] = behaviours
  // The name of a client is no secret, unless it comes from the environment.
  const secret = auths.filter(({ name }) => name !== 'jwt_client_id')
  await Promise.all(secret.map((auth) => refused && trial({ auth, behaviour: refused, isLiteral: true })))
})

it('are nowhere to be found where code holds them: secret(), env(), a signing function', async () => {
  const places = ['code-secret', 'code-env', 'code-signature']
  const arrived = new Set<string>()
  const server = await startHttpServer(({ headers, query }) => {
    for (const place of places) if (Object.values(headers).includes(canary(place))) arrived.add(place)
    const said = spellingsOf(places.map(canary))
    if (query.get('page') === '2') return { status: 401, json: { error: said } }
    return { json: { data: [row(1)], said, next: '/signed?page=2' } }
  })
  try {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'config.mjs')
      const rest = JSON.stringify(import.meta.resolve('@millrace/rest'))
      const core = JSON.stringify(import.meta.resolve('@millrace/core'))
      const endpoint = { data_selector: 'data', paginator: 'json_link' }
      await writeFile(
        path,
        `import { env } from ${rest}
import { secret } from ${core}
const signature = ${JSON.stringify(canary('code-signature'))}
export default {
  client: {
    base_url: '${server.url}',
    headers: { 'x-code': secret(${JSON.stringify(canary('code-secret'))}) },
    auth: { type: 'api_key', name: 'x-env', api_key: env('CODE_ENV') },
    retry: { max_retries: 0 },
  },
  resources: [
    { name: 'plain', endpoint: { ...${JSON.stringify(endpoint)}, paginator: 'single_page' } },
    {
      name: 'signed',
      endpoint: {
        ...${JSON.stringify(endpoint)},
        auth: (request) => ({ ...request, headers: { ...request.headers, 'x-signature': signature } }),
      },
    },
  ],
}
`,
      )
      const cores = places.map(coreOf)
      const env = { CODE_ENV: canary('code-env') }
      const lake = join(folder, 'lake')
      for (const only of ['plain', 'signed']) {
        const run = await millrace(['run', path, '--to', lake, '--only', only, '--debug', '--json'], env)
        assert.is(run.code, only === 'plain' ? 0 : 1, run.stderr)
        assertClean('the output', run.stdout + run.stderr, cores)
      }
      const check = await millrace(['check', path], env)
      assert.is(check.code, 0, check.stderr)
      assertClean('the output of check', check.stdout + check.stderr, cores)
      assert.equal([...arrived].sort(), [...places].sort())
      const files = (await readdir(lake, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
      assert.ok(files.length > 0)
      for (const file of files) {
        assertClean(file.name, await readFile(join(file.parentPath, file.name)), cores)
      }
    })
  } finally {
    await server.close()
  }
})

it('are in 40 places at least', () => {
  // The token that is issued, the user in a link, the private key, and the three that code holds.
  assert.ok(auths.length + everywhere.length + 6 >= 40, `${auths.length} + ${everywhere.length} + 6`)
})

it('went to no other origin', () => {
  assert.is(other.requests.length, 0)
})

it('would be found: raw, URL-encoded, JSON-escaped, and in base64 wherever it begins', () => {
  const secret = canary('control')
  const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret)]
  const inBase64 = ['', 'a', 'ab', 'abc'].map((before) => Buffer.from(`${before}:${secret}`).toString('base64'))
  for (const spelling of [...spellings, ...inBase64]) {
    assert.throws(() => assertClean('it', `before ${spelling} after`, [coreOf('control')]), /it holds/)
  }
  assertClean('it', 'canary-contro.', [coreOf('control')])
})

it.run()
