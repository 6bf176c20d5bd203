import type { Random } from '../../../test/support/random.ts'

/** A configuration as a file or a program may give it: in any spelling, and perhaps wrong. */
export type Config = Record<string, unknown>

/** In every configuration, where credentials stand. No message may hold it. */
export const canary = 'canary-7d1f0b'

type Choices = Readonly<Record<string, readonly unknown[]>>

/** Keys and the values that they are tried with. All of them are sound, alone and together. */
const clientChoices: Choices = {
  headers: [{ 'x-key': canary, accept: 'application/json' }],
  auth: [
    { type: 'api_key', api_key: canary, name: 'key', location: 'query' },
    { type: 'api_key', api_key: canary },
    { type: 'bearer', token: canary },
    { token: canary },
    { type: 'http_basic', username: 'me', password: canary },
  ],
  retry: [{}, { max_retries: 0 }, { max_retries: 2, backoff_factor: 1.5, statuses: [429, 503], max_wait: 60 }],
  timeout: [5, 0.75],
  total_timeout: [30],
  rate_limit: [{ max_concurrency: 1 }, { requests: 1000, per_seconds: 1 }],
  allowed_hosts: [[], ['cdn.example.com']],
}

/** Each says where the paths and parameters are that `universalApi` understands. */
const paginators: readonly unknown[] = [
  'offset',
  { type: 'offset', limit: 7, offset_param: 'skip', limit_param: 'top', total_path: 'total' },
  { type: 'offset', limit: 1000, total_path: null, has_more_path: 'has_more' },
  { type: 'offset', limit: 10, offset_body_path: 'paging.from', limit_body_path: 'paging.size' },
  'page_number',
  { type: 'page_number', base_page: 1, page_param: 'p', total_path: 'pages' },
  { type: 'page_number', page_body_path: 'paging.page', has_more_path: 'has_more' },
  'cursor',
  { type: 'cursor', cursor_path: 'data[-1].id', cursor_param: 'after', has_more_path: 'has_more' },
  { type: 'cursor', cursor_path: 'cursors.next', cursor_body_path: 'paging.after', stop_after_empty_page: true },
  { type: 'header_cursor', cursor_key: 'x-next', cursor_param: 'after' },
  'header_link',
  'json_link',
  { type: 'json_response', next_url_path: "['@links']['next.page']", max_pages: 50 },
]

const endpointChoices: Choices = {
  path: ['items', '/items/', 'a b/c', ''],
  method: ['GET', 'POST'],
  params: [{ sort: 'id' }, { tags: ['a', 'b'], none: null, deep: true }, { q: '{ not a placeholder }' }],
  headers: [{ 'x-one': 'two' }],
  data_selector: ['data', '$.data', '$.data[*]', null],
  on_missing_selector: ['fail', 'empty'],
  retry: [{ max_retries: 1 }],
  response_actions: [
    [{ status_code: '404', action: 'ignore' }],
    [
      { content: 'nobody says this', action: 'retry' },
      { json_path: 'errors', action: 'fail' },
      { json_path: '$.error', status_code: 200, action: 'refresh_auth' },
    ],
  ],
  idempotent: [true, false],
  incremental: [
    null,
    { cursor_path: 'id' },
    { cursor_path: 'at', initial_value: '2026-01-01T00:00:00Z', start_param: 'since', row_order: 'asc' },
    { cursor_path: '$.at', initial_value: '2025', on_cursor_value_missing: 'include' },
    { cursor_path: 'missing', on_cursor_value_missing: 'include' },
  ],
}

const resourceChoices: Choices = {
  table_name: ['t'],
  primary_key: ['id', ['id', 'at']],
  write_disposition: ['append', 'replace', { disposition: 'append' }],
  selected: [true],
  columns: [
    { id: { data_type: 'bigint' } },
    [{ name: 'id', data_type: 'bigint', nullable: false }],
    { later: { data_type: 'json' } },
  ],
  schema_contract: ['evolve', { columns: 'evolve', data_type: 'evolve' }],
  nested: ['native', 'json'],
  names: ['keep', 'snake_case'],
}

/** Ways in that ask the API for a token first. */
function tokenAuth(random: Random, baseUrl: string): Config {
  const client = { access_token_url: `${baseUrl}/token`, client_id: 'me', client_secret: canary }
  return random.pick<Config>([
    { type: 'oauth2_client_credentials', ...client, access_token_request_data: { scope: 'read' } },
    { type: 'oauth2_client_credentials', ...client, client_authentication: 'basic', default_token_expiration: 60 },
    { type: 'oauth2_refresh_token', ...client, refresh_token: canary },
    { type: 'session_token', login_url: 'login', json: { password: canary }, token_path: 'access_token' },
    { type: 'session_token', login_url: `${baseUrl}/login`, data: { pin: canary }, name: 'x-session', prefix: '' },
  ])
}

/** Bodies that are no JSON say nothing about more pages: what is in the headers and in the parameters has to do. */
function otherFormat(random: Random): Config {
  const format = random.pick(['csv', 'ndjson'])
  return {
    path: `items.${format}`,
    data_selector: null,
    paginator: structuredClone(
      random.pick([
        { type: 'offset', limit: 10 },
        'page_number',
        'header_link',
        { type: 'header_cursor', cursor_key: 'x-next', cursor_param: 'after' },
      ]),
    ),
    ...(random.chance(0.5) && { response_format: format }),
  }
}

/** Rows that a resource has; see `universalApi`. */
export const rowCounts: Readonly<Record<string, number>> = { parent: 2, child: 4, grandchild: 8, entity: 2 }

/** A resource that reads for each row of another one. */
function randomChild(random: Random, name: string, parent: string): Config {
  const id = `{resources.${parent}.id}`
  const inPath = { path: `few/${id}/${name}` }
  const endpoint = random.pick<Config>([
    inPath,
    { path: `few?of=${id}` },
    { path: 'few', params: { of: id, at: `{resources.${parent}.at}` } },
    { path: 'few', method: 'POST', json: { of: id, deep: [{ text: `no. ${id}` }] } },
    { ...inPath, headers: { 'x-of': id } },
    { path: 'few/{of}/x', params: { of: { type: 'resolve', resource: parent, field: 'id' } } },
    { ...inPath, incremental: { cursor_path: 'at', initial_value: '2025', per_parent: true, start_param: 'since' } },
  ])
  return {
    name,
    ...choose(random, { parallelized: [true], include_from_parent: [['id'], ['at', 'id']] }, 0.4),
    endpoint: { data_selector: 'data', ...endpoint, paginator: structuredClone(random.pick(paginators)) },
  }
}

/** Resources that read from each other, in any order. */
function randomFamily(random: Random): Config[] {
  const paginator = structuredClone(random.pick(paginators))
  const parent = random.chance(0.8)
    ? { name: 'parent', endpoint: { path: 'few', data_selector: 'data', paginator } }
    : { name: 'parent', rows: [{ id: 1, at: '2026' }, [{ id: 2, at: '2026' }]] }
  // Rows of different parents have the same ids: only here are all parents different.
  const child = { ...randomChild(random, 'child', 'parent'), ...(random.chance(0.3) && { unique_parents: true }) }
  const one = { path: 'few/{resources.parent.id}', data_selector: '$', paginator: 'single_page' }
  return random.shuffle<Config>([
    parent,
    child,
    ...(random.chance(0.5) ? [randomChild(random, 'grandchild', 'child')] : []),
    ...(random.chance(0.5) ? [{ name: 'entity', endpoint: one }] : []),
  ])
}

function choose(random: Random, choices: Choices, probability: number): Config {
  const chosen = Object.entries(choices).filter(() => random.chance(probability))
  return Object.fromEntries(chosen.map(([key, values]) => [key, structuredClone(random.pick(values))]))
}

function randomEndpoint(random: Random): Config {
  if (random.chance(0.15)) return otherFormat(random)
  const endpoint = choose(random, endpointChoices, 0.4)
  return { ...endpoint, paginator: structuredClone(random.pick(paginators)) }
}

/** A configuration that is sound, and that reads every row of `universalApi` with each of its resources. */
export function soundConfig(random: Random, baseUrl: string): Config {
  const names = random.shuffle(['one', 'two', 'thrée 3', '日本']).slice(0, random.int(1, 3))
  const client = {
    base_url: baseUrl,
    ...choose(random, clientChoices, 0.3),
    ...(random.chance(0.2) && { auth: tokenAuth(random, baseUrl) }),
  }
  const hasDefaults = random.chance(0.3)
  const config = {
    client: hasDefaults ? { ...client, paginator: structuredClone(random.pick(paginators)) } : client,
    ...(hasDefaults && {
      resource_defaults: { ...choose(random, resourceChoices, 0.3), endpoint: { data_selector: 'data' } },
    }),
    resources: [
      ...names.map((name) => {
        if (hasDefaults && random.chance(0.5)) return random.chance(0.5) ? name : { name, endpoint: 'items' }
        return { name, ...choose(random, resourceChoices, 0.3), endpoint: randomEndpoint(random) }
      }),
      ...(random.chance(0.4) ? randomFamily(random) : []),
    ],
  }
  return random.chance(0.5) ? config : (inCamelCase(config) as Config)
}

/** Keys whose contents are the API's own. */
const notOurs = ['params', 'headers', 'json', 'data', 'rows']

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      notOurs.includes(key) ? each : inCamelCase(each),
    ]),
  )
}

const hostileTexts = [
  '',
  ' ',
  '\0',
  '..',
  '../../secret',
  '%',
  '%00',
  'a\r\nx-injected: yes',
  '__proto__',
  'constructor.prototype',
  '{',
  '{{',
  '}}',
  '{incremental.start_value}',
  '{incremental.}',
  '{incremental.start_value.x}',
  '{resources.nobody.id}',
  '{resources.}',
  '{resources.one.id}/{resources.two.id}',
  '$..[',
  "$['",
  '$[?@.a==',
  '$..*',
  'data[0:1:0]',
  '[-1]',
  'http://',
  'http://[',
  'http://127.0.0.1:1/refused',
  'file:///etc/passwd',
  '//127.0.0.1:1',
  'javascript:alert(1)',
  '🙂\ud800',
  'x'.repeat(10_000),
]

const wrongValues = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  Number.NaN,
  5n,
  'x',
  [],
  {},
  [[]],
  { a: { b: [] } },
  undefined,
  () => 1,
]

const hostileKeys = ['__proto__', 'constructor', 'toString', '', 'a.b', 'a"]["b', 'basé_url', '$ref']

type Place = { readonly holder: Record<string, unknown>; readonly key: string }

/** Every key and index of a configuration, at any depth. */
function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])])
}

const isText = ({ holder, key }: Place) => typeof holder[key] === 'string'
const isKey = ({ holder }: Place) => !Array.isArray(holder)

function resourcesOf(config: Config): unknown[] {
  return config['resources'] as unknown[]
}

/** Ways to break a configuration. Each changes it in place. Some hit a place where nothing is wrong about it. */
const breakages: Readonly<Record<string, (config: Config, random: Random) => void>> = {
  typo(config, random) {
    const { holder, key } = random.pick(placesOf(config).filter(isKey))
    const at = random.int(0, key.length)
    const value = holder[key]
    delete holder[key]
    holder[`${key.slice(0, at)}${random.pick([...'aeiou_'])}${key.slice(at + random.int(0, 1))}`] = value
  },
  'missing key'(config, random) {
    const { holder, key } = random.pick(placesOf(config).filter(isKey))
    delete holder[key]
  },
  'wrong value'(config, random) {
    const { holder, key } = random.pick(placesOf(config))
    holder[key] = random.pick(wrongValues)
  },
  'hostile text'(config, random) {
    const { holder, key } = random.pick(placesOf(config).filter(isText))
    holder[key] = random.pick(hostileTexts)
  },
  'random text'(config, random) {
    const { holder, key } = random.pick(placesOf(config).filter(isText))
    holder[key] = random.string(random.int(1, 12))
  },
  'hostile key'(config, random) {
    const { holder } = random.pick(placesOf(config).filter(isKey))
    const key = random.pick(hostileKeys)
    // As a file gives it: an assignment to `__proto__` would set no key.
    Object.defineProperty(holder, key, {
      value: { polluted: true },
      enumerable: true,
      configurable: true,
      writable: true,
    })
  },
  'two resources of one name'(config, random) {
    const resources = resourcesOf(config)
    resources.push(structuredClone(random.pick(resources)))
  },
  'a merge without a key'(config) {
    resourcesOf(config).push({ name: 'merged', write_disposition: 'merge', endpoint: 'items' })
  },
  'two places for one parameter'(config) {
    const paginator = { type: 'cursor', cursor_param: 'a', cursor_body_path: 'b' }
    resourcesOf(config).push({ name: 'twice', endpoint: { paginator } })
  },
  'a placeholder without incremental'(config, random) {
    const endpoint = { [random.pick(['path', 'data_selector', 'json'])]: 'items/{incremental.start_value}' }
    resourcesOf(config).push({ name: 'placeholder', endpoint })
  },
  'a parent that is not there'(config) {
    resourcesOf(config).push({ name: 'orphan', endpoint: 'items/{resources.nobody.id}' })
  },
  'parents in a circle'(config, random) {
    const ring = random.shuffle(['a', 'b', 'c']).slice(0, random.int(1, 3))
    for (const [index, name] of ring.entries()) {
      const parent = ring[(index + 1) % ring.length]
      resourcesOf(config).push({ name, endpoint: { path: `items/{resources.${parent}.id}`, paginator: 'json_link' } })
    }
  },
  'two parents'(config) {
    const endpoint = { path: 'few/{resources.parent.id}', headers: { 'x-of': '{resources.other.id}' } }
    resourcesOf(config).push('parent', 'other', { name: 'of two', endpoint })
  },
  'settings for parents where there is none'(config, random) {
    const endpoint = { path: 'items', incremental: { cursor_path: 'id', per_parent: true } }
    resourcesOf(config).push(
      random.pick([
        { name: 'alone', endpoint },
        { name: 'alone', include_from_parent: ['id'], endpoint: 'items' },
      ]),
    )
  },
  'a field that the parent does not have'(config, random) {
    const endpoint = random.pick(['few/{resources.parent.nothing}', 'few?of={resources.parent.deep.nothing}'])
    resourcesOf(config).push(
      { name: 'parent', endpoint: { path: 'few', paginator: 'single_page', data_selector: 'data' } },
      { name: 'lost', endpoint },
    )
  },
  'a rule for every answer'(config, random) {
    const action = random.pick(['ignore', 'retry', 'fail', 'refresh_auth', 'skip'])
    resourcesOf(config).push({ name: 'ruled', endpoint: { response_actions: [{ action }] } })
  },
  'a value in both spellings'(config) {
    config['client'] = {
      baseUrl: 'http://127.0.0.1:1',
      base_url: 'http://127.0.0.1:1',
      ...(config['client'] as object),
    }
  },
  'a paginator of another kind'(config, random) {
    const type = random.pick(['offset', 'page_number', 'cursor', 'header_cursor', 'json_link', 'single_page', 'auto'])
    const settings = random.pick(paginators.filter((each) => typeof each === 'object'))
    resourcesOf(config).push({ name: 'mixed', endpoint: { paginator: { ...(settings as object), type } } })
  },
  'something else in its place'(config, random) {
    const places = placesOf(config)
    const { holder, key } = random.pick(places)
    const other = random.pick(places)
    holder[key] = structuredClone(other.holder[other.key])
  },
  'what the API does not have'(config, random) {
    const endpoint = random.pick([
      { data_selector: 'nothing' },
      { data_selector: 'total' },
      { incremental: { cursor_path: 'nothing' } },
      { incremental: { cursor_path: 'at', initial_value: 5 } },
      { paginator: { type: 'cursor', has_more_path: 'nothing' } },
      { paginator: { type: 'cursor', cursor_path: 'nothing', has_more_path: 'has_more' } },
      { paginator: { type: 'offset', limit: 10, total_path: 'nothing' } },
      { paginator: { type: 'json_link', next_url_path: 'cursors' } },
      { path: 'http://127.0.0.1:1/refused' },
    ])
    resourcesOf(config).push({ name: 'else', endpoint })
  },
  'no object at all'(config, random) {
    for (const key of Object.keys(config)) delete config[key]
    Object.assign(config, random.pick([{}, { resources: [] }, { client: {}, resources: 'all' }, { client: [] }]))
  },
}

export const waysToBreak: readonly string[] = Object.keys(breakages)

/** A sound configuration, broken in one way. */
export function brokenConfig(random: Random, baseUrl: string, how: string): Config {
  const config = soundConfig(random, baseUrl)
  breakages[how]?.(config, random)
  return config
}
