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
}

function choose(random: Random, choices: Choices, probability: number): Config {
  const chosen = Object.entries(choices).filter(() => random.chance(probability))
  return Object.fromEntries(chosen.map(([key, values]) => [key, structuredClone(random.pick(values))]))
}

function randomEndpoint(random: Random): Config {
  const endpoint = choose(random, endpointChoices, 0.4)
  return { ...endpoint, paginator: structuredClone(random.pick(paginators)) }
}

/** A configuration that is sound, and that reads every row of `universalApi` with each of its resources. */
export function soundConfig(random: Random, baseUrl: string): Config {
  const names = random.shuffle(['one', 'two', 'thrée 3', '日本']).slice(0, random.int(1, 3))
  const client = { base_url: baseUrl, ...choose(random, clientChoices, 0.3) }
  const hasDefaults = random.chance(0.3)
  const config = {
    client: hasDefaults ? { ...client, paginator: structuredClone(random.pick(paginators)) } : client,
    ...(hasDefaults && {
      resource_defaults: { ...choose(random, resourceChoices, 0.3), endpoint: { data_selector: 'data' } },
    }),
    resources: names.map((name) => {
      if (hasDefaults && random.chance(0.5)) return random.chance(0.5) ? name : { name, endpoint: 'items' }
      return { name, ...choose(random, resourceChoices, 0.3), endpoint: randomEndpoint(random) }
    }),
  }
  return random.chance(0.5) ? config : (inCamelCase(config) as Config)
}

/** Keys whose contents are the API's own. */
const notOurs = ['params', 'headers', 'json']

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
