import { Secret } from '@millrace/core'
import { readRestConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemLinesOf } from '../../../test/support/config-problems.ts'

const it = suite('readRestConfig')

const client = { base_url: 'https://api.example.com/v1' }

const endpointProblems = (endpoint: unknown) => problemLinesOf({ client, resources: [{ name: 'a', endpoint }] })

it('takes the spelling of dlt, of TypeScript, and both mixed, to the same configuration', () => {
  const snake = {
    client: { base_url: 'https://api.example.com', total_timeout: 9, rate_limit: { max_concurrency: 2 } },
    resource_defaults: { write_disposition: 'append', endpoint: { on_missing_selector: 'empty' } },
    resources: [
      {
        name: 'events',
        table_name: 'all_events',
        primary_key: ['id'],
        endpoint: {
          data_selector: 'data',
          params: { sort_by: 'created_at' },
          json: { snake_key: { inner_key: 1 } },
          headers: { x_header: 'y' },
          incremental: { cursor_path: 'updated_at', initial_value: 0, start_param: 'since' },
          paginator: { type: 'offset', offset_param: 'skip' },
        },
      },
    ],
  }
  const camel = {
    client: { baseUrl: 'https://api.example.com', totalTimeout: 9, rateLimit: { maxConcurrency: 2 } },
    resourceDefaults: { writeDisposition: 'append', endpoint: { onMissingSelector: 'empty' } },
    resources: [
      {
        name: 'events',
        tableName: 'all_events',
        primaryKey: ['id'],
        endpoint: {
          dataSelector: 'data',
          params: { sort_by: 'created_at' },
          json: { snake_key: { inner_key: 1 } },
          headers: { x_header: 'y' },
          incremental: { cursorPath: 'updated_at', initialValue: 0, startParam: 'since' },
          paginator: { type: 'offset', offsetParam: 'skip' },
        },
      },
    ],
  }
  assert.equal(readRestConfig(snake), camel)
  assert.equal(readRestConfig(camel), camel)
  assert.equal(readRestConfig({ ...snake, client: camel.client }), camel)
})

it('does not change the object it is given', () => {
  const given = Object.freeze({ client: Object.freeze({ ...client }), resources: Object.freeze(['a']) })
  assert.equal(readRestConfig(given).client.baseUrl, client.base_url)
})

it("says all problems at once, with the path in the configuration's own spelling and the key that was meant", () => {
  assert.equal(
    problemLinesOf({
      client: { base_url: 5, retries: {} },
      resources: [
        { name: 'a', endpoint: { paginator: { type: 'offset', limt: 10 }, data_selektor: 'x', params: { a: 'b' } } },
        { name: 'b', primary_key: 7 },
      ],
    }),
    [
      'client.retries: unknown key; did you mean "retry"?',
      'resources[0].endpoint.paginator.limt: unknown key; did you mean "limit"?',
      'resources[0].endpoint.data_selektor: unknown key; did you mean "data_selector"?',
      'client.base_url: expected text',
      'resources[1].primary_key: expected text or a list',
    ],
  )
})

it('lists the known keys where none is near', () => {
  assert.match(
    problemLinesOf({ client: { ...client, zzz: 1 }, resources: ['a'] })[0] ?? '',
    /^client\.zzz: unknown key; known: base_url, headers, auth/,
  )
})

it('names what is accepted in the place of a wrong type', () => {
  assert.equal(problemLinesOf(5), [': expected an object'])
  assert.equal(problemLinesOf({ client }), ['resources: expected a list'])
  assert.equal(problemLinesOf({ client: {}, resources: [] }).sort(), [
    'client.baseUrl: expected text',
    'resources: must not be empty',
  ])
  assert.equal(problemLinesOf({ client, resources: [5] }), ['resources[0]: expected text or an object'])
  assert.equal(endpointProblems({ method: 'PUT' }), ['resources[0].endpoint.method: expected "GET" or "POST"'])
  assert.equal(endpointProblems({ paginator: { type: 'offset', limit: 0 } }), [
    'resources[0].endpoint.paginator.limit: must be at least 1',
  ])
  assert.equal(endpointProblems({ paginator: { type: 'offset', limit: '9' } }), [
    'resources[0].endpoint.paginator.limit: expected a number',
  ])
  assert.equal(endpointProblems({ paginator: 5 }), [
    'resources[0].endpoint.paginator: expected "offset" or "page_number" or "cursor" or "header_cursor" or "header_link" or "json_link" or "json_response" or "single_page" or "auto" or an object',
  ])
  assert.equal(problemLinesOf({ client, resources: [{ name: 'a', write_disposition: { disposition: 'mrge' } }] }), [
    'resources[0].write_disposition.disposition: expected "append", "replace" or "merge"',
  ])
  assert.equal(problemLinesOf({ client: { base_url: 'api.example.com' }, resources: ['a'] }), [
    'client.base_url: expected a URL that starts with http:// or https://',
  ])
})

it('says of what dlt has and this version has not that it is not supported yet', () => {
  assert.equal(
    problemLinesOf({
      client: { ...client, session: 1 },
      resources: [
        {
          name: 'a',
          nested_hints: {},
          endpoint: { incremental: { cursor_path: 'x', allow_external_schedulers: true } },
        },
      ],
    }),
    [
      'client.session: is not supported yet',
      'resources[0].nested_hints: is not supported yet',
      'resources[0].endpoint.incremental.allow_external_schedulers: is not supported yet',
    ],
  )
})

it('takes every paginator by name and with settings in the spelling of dlt', () => {
  const settings = [
    {
      type: 'page_number',
      base_page: 1,
      page: 1,
      page_param: 'p',
      total_path: 'meta.pages',
      maximum_page: 9,
      stop_after_empty_page: false,
      has_more_path: 'more',
      max_pages: 3,
    },
    { type: 'page_number', page_body_path: 'a.page', total_path: null },
    { type: 'cursor', cursor_path: "['@odata.next']", cursor_param: 'c', initial_cursor: 0, max_pages: 3 },
    { type: 'cursor', cursor_body_path: 'a.b', stop_after_empty_page: true, has_more_path: '$.more' },
    { type: 'header_cursor', cursor_key: 'x-next', cursor_param: 'c', initial_cursor: 'a', max_pages: 3 },
    { type: 'header_link', links_next_key: 'older', max_pages: 3 },
    { type: 'json_link', next_url_path: 'links.next', max_pages: 3 },
    { type: 'json_response', next_url_path: 'links.next' },
    { type: 'offset', limit: 5, offset_body_path: 'a.offset', limit_body_path: 'a.limit' },
  ]
  for (const paginator of [...settings, ...settings.map(({ type }) => type)]) {
    assert.equal(endpointProblems({ paginator }), [], JSON.stringify(paginator))
  }
})

it('refuses settings of a paginator that contradict each other or mean nothing', () => {
  for (const [paginator, said] of [
    [{ type: 'cursor', cursor_param: 'a', cursor_body_path: 'b' }, /paginator: cursor: .*both given/],
    [{ type: 'page_number', stop_after_empty_page: false }, /paginator: pageNumber: .*totalPath/],
    [{ type: 'json_link', next_url_path: 'a[*]' }, /paginator\.next_url_path: "a\[\*\]" is no path/],
    [{ type: 'header_link', links_net_key: 'a' }, /links_net_key: unknown key; did you mean "links_next_key"/],
    [{ type: 'header_cursor', max_pages: 0 }, /max_pages: must be at least 1/],
    [{ type: 'cursor', initial_cursor: null }, /initial_cursor: expected text or a number/],
    ['json_lnik', /paginator: unknown type; did you mean "json_link"/],
  ] as const) {
    const told = endpointProblems({ paginator })
    assert.is(told.length, 1, JSON.stringify(told))
    assert.match(told[0] ?? '', said)
  }
})

it('suggests the paginator that was meant', () => {
  assert.equal(endpointProblems({ paginator: 'ofset' }), [
    'resources[0].endpoint.paginator: unknown type; did you mean "offset"?',
  ])
  assert.equal(endpointProblems({ paginator: { type: 'singlepage' } }), [
    'resources[0].endpoint.paginator.type: unknown type; did you mean "single_page"?',
  ])
})

it('refuses what contradicts itself', () => {
  assert.equal(problemLinesOf({ client, resources: ['a', { name: 'a' }] }), [
    'resources[1].name: there are two resources with the name "a"',
  ])
  assert.equal(problemLinesOf({ client, resources: [{ name: 'a', write_disposition: 'merge' }] }), [
    'resources[0].primary_key: is missing: merge keeps one row per primary key',
  ])
  assert.equal(problemLinesOf({ client: { ...client, baseUrl: 'https://other.example' }, resources: ['a'] }), [
    'client.baseUrl: is given twice, in two spellings',
  ])
  assert.equal(endpointProblems({ params: { since: '{incremental.start_value}' } }), [
    'resources[0].endpoint.params.since: has the placeholder {incremental.start_value}, and the endpoint has no incremental',
  ])
  assert.equal(endpointProblems({ path: 'a/{incremental.start_value}', incremental: { cursor_path: 'x' } }), [
    'resources[0].endpoint.path: has a placeholder that is empty in the first run: set initial_value',
  ])
})

it('refuses selectors and placeholders that mean nothing', () => {
  const [selector, ...rest] = endpointProblems({
    data_selector: 'data[',
    params: { since: '{incremental.strt}' },
    json: { filter: ['{incremental.lagg}'], '{incremental.start_value}': 1 },
  })
  assert.match(selector ?? '', /^resources\[0\]\.endpoint\.(data_selector|params)/)
  assert.is(rest.length, 2)
  assert.match(
    endpointProblems({ data_selector: 'data[' })[0] ?? '',
    /"data\[" is neither a dotted path nor RFC 9535 JSONPath/,
  )
})

it('shows no secret in any problem', () => {
  const told = problemLinesOf({
    client: {
      ...client,
      headers: { 'x-token': 12345678 },
      auth: { type: 'api_key', api_key: ['s3cr3t-value'], name: 'k', location: 's3cr3t-place' },
    },
    resources: ['a'],
  }).join('\n')
  assert.match(told, /client\.auth\.api_key: expected text, secret\(…\) or env\(…\)/)
  assert.match(told, /client\.auth\.location: expected "header"/)
  assert.not.match(told, /s3cr3t|12345678/)
})

it('says where credentials cannot be sent, without quoting them', () => {
  const told = problemLinesOf({ client: { ...client, auth: { type: 'bearer', token: 's3cr3t\n' } }, resources: ['a'] })
  assert.is(told.length, 1)
  assert.match(told[0] ?? '', /^client\.auth: bearer: token .*space or line break/)
  assert.not.match(told[0] ?? '', /s3cr3t/)
})

it('keeps secrets wrapped', () => {
  const token = new Secret('s3cr3t')
  const config = readRestConfig({ client: { ...client, auth: { token } }, resources: ['a'] })
  assert.ok(!JSON.stringify(config).includes('s3cr3t'))
  assert.is((config.client.auth as { token: Secret }).token, token)
})

it('is used by restSource too', () => {
  assert.throws(
    () => restSource({ client: { baseUrl: 'ftp://x' }, resources: ['a'] }),
    /client\.baseUrl: expected a URL/,
  )
})

it.run()
