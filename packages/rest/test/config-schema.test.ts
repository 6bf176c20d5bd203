import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readRestConfig } from '@millrace/rest'
import { Ajv } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { root } from '../../../test/support/source-tree.ts'

interface JsonSchemaObject {
  readonly properties: Readonly<Record<string, unknown>>
  readonly additionalProperties: unknown
}

const it = suite('config.schema.json')

const path = fileURLToPath(import.meta.resolve('@millrace/rest/config.schema.json'))
const schema = JSON.parse(await readFile(path, 'utf8')) as JsonSchemaObject & {
  readonly definitions: Readonly<Record<string, JsonSchemaObject>>
}
// Not strict about what is no validation: `doNotSuggest` is for editors.
const validator = new Ajv({ strict: false, allErrors: true })
const validate = validator.compile(schema)

/** Whether the configuration is sound to the schema and to the reader. */
function verdicts(config: unknown): { readonly schema: boolean; readonly reader: boolean; readonly said: string } {
  const isValid = validate(config)
  let said = validator.errorsText(validate.errors)
  let isRead = true
  try {
    readRestConfig(config)
  } catch (thrown) {
    isRead = false
    said += `; ${(thrown as Error).message}`
  }
  return { schema: isValid, reader: isRead, said }
}

const client = { base_url: 'https://api.example.com/v1' }
const withEndpoint = (endpoint: unknown, more: object = {}) => ({
  client,
  resources: [{ name: 'a', endpoint, ...more }],
})
const withParent = (more: object) => ({
  client,
  resources: ['p', { name: 'a', endpoint: 'p/{resources.p.id}', ...more }],
})
const withPaginator = (paginator: unknown) => withEndpoint({ paginator })
const withAuth = (auth: unknown) => ({ client: { ...client, auth }, resources: ['a'] })
const withIncremental = (incremental: unknown) => withEndpoint({ incremental })

const good: Readonly<Record<string, unknown>> = {
  'the least there can be': { client, resources: ['a'] },
  'a $schema': { $schema: './config.schema.json', client, resources: ['a'] },
  'the spelling of TypeScript': {
    client: { baseUrl: 'https://api.example.com', rateLimit: { perSeconds: 2 } },
    resourceDefaults: { primaryKey: ['id'], writeDisposition: 'merge' },
    resources: [{ name: 'a', tableName: 'b', endpoint: { dataSelector: 'data' } }],
  },
  'both spellings': { client: { ...client, totalTimeout: 9 }, resource_defaults: { tableName: 'b' }, resources: ['a'] },
  'all that a client has beside': {
    client: {
      ...client,
      headers: { 'x-any': 'text' },
      retry: { max_retries: 0, backoff_factor: 1.5, statuses: [429], max_wait: 9 },
      timeout: 0.5,
      total_timeout: 60,
      rate_limit: { requests: 5, per_seconds: 1, max_concurrency: 2, adaptive: true },
      allowed_hosts: ['cdn.example.com'],
      block_private_networks: true,
    },
    resources: ['a'],
  },
  'all that a resource has beside': withParent({
    table_name: 't',
    primary_key: 'id',
    write_disposition: { disposition: 'merge' },
    selected: false,
    include_from_parent: ['id'],
    parallelized: true,
    unique_parents: true,
  }),
  'all that an endpoint has beside': withEndpoint({
    path: '',
    method: 'POST',
    params: { one: 'a', two: 2, three: true, four: null, five: ['a', 1, false] },
    headers: { accept: 'text/csv' },
    json: { query: '{ a }', deep: [{ a: null }] },
    idempotent: false,
    retry: {},
    on_missing_selector: 'empty',
    response_format: 'ndjson',
    response_actions: [
      { status_code: 404, action: 'ignore' },
      { content: 'busy', action: 'retry' },
    ],
  }),
  'a body that is text': withEndpoint({ method: 'POST', json: 'text' }),
  'a form': withEndpoint({ method: 'POST', data: { a: 1 } }),
  'a form of pairs': withEndpoint({ method: 'POST', data: [['a', 1]] }),
  'null where it takes a default back': withEndpoint({ paginator: null, data_selector: null, incremental: null }),
  'a paginator by name': withPaginator('header_link'),
  offset: withPaginator({ type: 'offset', limit: 10, offset_body_path: 'from', total_path: null, max_pages: 2 }),
  page_number: withPaginator({ type: 'page_number', base_page: 1, page_param: 'p', maximum_page: 3 }),
  cursor: withPaginator({ type: 'cursor', cursor_path: 'next', cursor_body_path: 'after', initial_cursor: 0 }),
  header_cursor: withPaginator({ type: 'header_cursor', cursor_key: 'x', cursor_param: 'c' }),
  'json_link, and its older word': {
    ...withPaginator({ type: 'json_response', next_url_path: "['@odata.nextLink']" }),
  },
  single_page: withPaginator({ type: 'single_page' }),
  api_key: withAuth({ type: 'api_key', api_key: 'k', name: 'x-key', location: 'query' }),
  'a token without a type': withAuth({ token: 't' }),
  http_basic: withAuth({ type: 'http_basic', username: 'u', password: '' }),
  incremental: withIncremental({
    cursor_path: 'updated_at',
    initial_value: 0,
    start_param: 'since',
    row_order: 'desc',
    on_cursor_value_missing: 'exclude',
  }),
}

const bad: Readonly<Record<string, unknown>> = {
  'no object': [],
  nothing: {},
  'no resources': { client },
  'an empty list of resources': { client, resources: [] },
  'no base_url': { client: {}, resources: ['a'] },
  'base_url in both spellings': { client: { ...client, baseUrl: 'https://b.example.com' }, resources: ['a'] },
  'a $schema that is no text': { $schema: 5, client, resources: ['a'] },
  'an unknown key at the top': { client, resources: ['a'], resorces: [] },
  'an unknown key of the client': { client: { ...client, base: 1 }, resources: ['a'] },
  'an unknown key of a resource': { client, resources: [{ name: 'a', primarykey: 'id' }] },
  'an unknown key of an endpoint': withEndpoint({ selector: 'data' }),
  'a resource without a name': { client, resources: [{ endpoint: 'a' }] },
  'a resource of rows, which are code': { client, resources: [{ name: 'a', rows: 'b' }] },
  'a name that is empty': { client, resources: [{ name: '' }] },
  'a number for text': { client: { base_url: 5 }, resources: ['a'] },
  'text for a number': { client: { ...client, timeout: '5' }, resources: ['a'] },
  'a time of nothing': { client: { ...client, timeout: 0 }, resources: ['a'] },
  'a status that is none': { client: { ...client, retry: { statuses: [99] } }, resources: ['a'] },
  'a method there is not': withEndpoint({ method: 'PATCH' }),
  'a parameter that is an object': withEndpoint({ params: { a: {} } }),
  'a header that is a number': withEndpoint({ headers: { a: 1 } }),
  'a paginator by an unknown name': withPaginator('offsets'),
  'a paginator without a type': withPaginator({ limit: 10 }),
  'a key of another paginator': withPaginator({ type: 'offset', page_param: 'p' }),
  'a limit of nothing': withPaginator({ type: 'offset', limit: 0 }),
  'a limit that is no whole number': withPaginator({ type: 'offset', limit: 1.5 }),
  'an unknown kind of auth': withAuth({ type: 'digest', username: 'u', password: 'p' }),
  'auth without its key': withAuth({ type: 'api_key', name: 'x' }),
  'auth that is text': withAuth('api_key'),
  'incremental without a path': withIncremental({ initial_value: 5 }),
  'an order there is not': withIncremental({ cursor_path: 'a', row_order: 'up' }),
  'a function by its text': withIncremental({ cursor_path: 'a', convert: '(x) => x' }),
  'steps, which are code': withEndpoint('a', { processing_steps: [{ filter: 'row.id > 5' }] }),
  'a response function by its text': withEndpoint({ response_actions: ['ignore'] }),
  'a rule that does nothing': withEndpoint({ response_actions: [{ status_code: 404 }] }),
  'a disposition there is not': { client, resources: [{ name: 'a', write_disposition: 'upsert' }] },
  'a primary key without columns': { client, resources: [{ name: 'a', primary_key: [] }] },
}

for (const [name, config] of Object.entries(good)) {
  it(`accepts as the reader does: ${name}`, () => {
    const { said, ...found } = verdicts(config)
    assert.equal(found, { schema: true, reader: true }, said)
  })
}

for (const [name, config] of Object.entries(bad)) {
  it(`rejects as the reader does: ${name}`, () => {
    const { said, ...found } = verdicts(config)
    assert.equal(found, { schema: false, reader: false }, said)
  })
}

it('accepts the configurations that the README shows', async () => {
  const files = ['events.json', 'events.yaml']
  for (const file of files) {
    const text = await readFile(join(root, 'examples', file), 'utf8')
    assert.ok(validate(file.endsWith('json') ? JSON.parse(text) : parse(text)), validator.errorsText(validate.errors))
  }
})

it('knows every key in both spellings, says what most are for, and takes no other', () => {
  const objects = [schema, ...Object.values(schema.definitions)]
  assert.ok(objects.length > 20, `${objects.length} objects`)
  let explained = 0
  let keys = 0
  for (const { properties, additionalProperties } of objects) {
    assert.is(additionalProperties, false)
    for (const [key, value] of Object.entries(properties)) {
      const { description, doNotSuggest } = value as { description?: string; doNotSuggest?: boolean }
      assert.is(doNotSuggest, /[A-Z]/.test(key) || undefined, key)
      const camel = key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
      assert.ok(Object.hasOwn(properties, camel), `${key} is ${camel} in TypeScript`)
      if (doNotSuggest) continue
      keys += 1
      if (description) explained += 1
      assert.not.match(description ?? '', /\{@|\*\/|^\*| @/)
    }
  }
  assert.ok(explained > keys * 0.8, `${explained} of ${keys} keys are explained`)
})

it('is what the configuration accepts now', async () => {
  await promisify(execFile)(process.execPath, [join(root, '.ci/config-schema.mjs'), '--check'])
})

it.run()
