import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemLinesOf } from '../../../test/support/config-problems.ts'

const it = suite('places of problems')

const client = { base_url: 'https://api.example.com' }

/** Of resources, each without the words after the first colon. */
const places = (...resources: readonly unknown[]) =>
  problemLinesOf({ client, resources }).map((problem) => problem.split(': ')[0])

const endpoint = (keys: object) => problemLinesOf({ client, resources: [{ name: 'a', endpoint: keys }] })

it('of a placeholder that has no incremental is the placeholder, wherever it stands', () => {
  const said = 'has the placeholder {incremental.start_value}, and the endpoint has no incremental'
  const text = '{incremental.start_value}'
  const cases: [keys: object, place: string][] = [
    [{ path: `a/${text}` }, 'path'],
    [{ params: { since: text } }, 'params.since'],
    [{ params: { some_list: ['a', text] } }, 'params.some_list[1]'],
    [{ params: { [text]: 'a' } }, 'params["{incremental.start_value}"]'],
    [{ headers: { 'X-Since': `from ${text}` } }, 'headers.X-Since'],
    [{ json: { someFilter: [{ at: text }] } }, 'json.someFilter[0].at'],
    [{ data: text }, 'data'],
    [{ data: [['a', text]] }, 'data[0][1]'],
  ]
  for (const [keys, place] of cases) assert.equal(endpoint(keys), [`resources[0].endpoint.${place}: ${said}`])
  assert.equal(problemLinesOf({ client, resources: [`a/${text}`] }), [`resources[0]: ${said}`])
  assert.equal(problemLinesOf({ client, resources: [{ name: 'a', endpoint: text }] }), [
    `resources[0].endpoint: ${said}`,
  ])
})

it('of an unknown parent is the placeholder that names it', () => {
  assert.equal(
    problemLinesOf({ client, resources: ['posts', { name: 'a', endpoint: { params: { x: '{resources.pots.id}' } } }] }),
    ['resources[1].endpoint.params.x: reads from "pots", and there is no such resource; did you mean "posts"?'],
  )
})

it('of something in the defaults is the defaults, and is told once', () => {
  const config = (keys: object, own: object = {}) => ({
    client,
    resource_defaults: { endpoint: keys },
    resources: ['a', 'b', { name: 'c', endpoint: own }],
  })
  assert.equal(problemLinesOf(config({ incremental: { cursor_path: 'at', end_value: 5 } })), [
    'resource_defaults.endpoint.incremental.end_value: needs initial_value: a backfill has a start and an end',
  ])
  assert.equal(problemLinesOf(config({ params: { x: '{incremental.lag}' } }, { params: { y: '{incremental.lag}' } })), [
    'resource_defaults.endpoint.params.x: has the placeholder {incremental.lag}, and the endpoint has no incremental',
    'resources[2].endpoint.params.y: has the placeholder {incremental.lag}, and the endpoint has no incremental',
  ])
  assert.equal(problemLinesOf(config({ auth: { token: 'a\nb' } })).length, 1)
  assert.equal(problemLinesOf(config({ json: {} }, { data: {} })), [
    'resources[2].endpoint.data: a request has one body: json or data; null takes away what the defaults say',
  ])
  assert.equal(
    problemLinesOf({ client, resource_defaults: { write_disposition: 'merge' }, resources: ['a', { name: 'b' }] }),
    [
      'resources[0]: has no primary_key: merge keeps one row per primary key',
      'resources[1].primary_key: is missing: merge keeps one row per primary key',
    ],
  )
})

it('of the older forms of dlt is the parameter', () => {
  const incremental = { type: 'incremental', cursor_path: 'at' }
  assert.equal(endpoint({ params: { since: { ...incremental, step: 1 } } }), [
    'resources[0].endpoint.params.since.step: needs initial_value: where the first window starts',
  ])
  assert.equal(endpoint({ params: { since: incremental }, incremental: { cursor_path: 'at' } }), [
    'resources[0].endpoint.params.since: is incremental, and the endpoint has an incremental already',
  ])
  assert.equal(endpoint({ path: 'a/{id}', params: { id: ['x'] } }), [
    'resources[0].endpoint.params.id: fills a place in the path, and must be one value',
  ])
  assert.equal(endpoint({ path: 'a/{id}' }), [
    'resources[0].endpoint.path: has {id}, and there is no parameter "id" in params',
  ])
  assert.equal(problemLinesOf({ client, resources: ['a/{id}'] }), [
    'resources[0]: has {id}, and there is no parameter "id" in params',
  ])
})

it('is told where a watermark for each parent is wanted and there is no parent', () => {
  assert.equal(endpoint({ incremental: { cursor_path: 'at', per_parent: true } }), [
    'resources[0].endpoint.incremental.per_parent: there is no parent: no placeholder {resources.…} in the endpoint',
  ])
  assert.equal(endpoint({ incremental: { cursor_path: 'at', per_parent: false } }), [])
  const resource_defaults = { endpoint: { incremental: { cursor_path: 'at', per_parent: true } } }
  assert.equal(
    problemLinesOf({ client, resource_defaults, resources: ['a', { name: 'b', endpoint: 'b/{resources.a.id}/c' }] }),
    [],
  )
})

it('is told where a paginator wants a JSON body and there is another', () => {
  const said = 'resources[0].endpoint.data: the paginator has cursor_body_path, and pages in a JSON body: use json'
  const paginator = { type: 'cursor', cursor_body_path: 'after' }
  for (const data of [{ a: 1 }, 'text']) {
    assert.equal(endpoint({ method: 'POST', data, paginator }), [said])
    const resources = [{ name: 'a', endpoint: { method: 'POST', data } }]
    assert.equal(problemLinesOf({ client: { ...client, paginator }, resources }), [said])
  }
  assert.equal(endpoint({ method: 'POST', data: 'text', paginator: 'cursor' }), [])
})

it('is told where a rule would hold for every answer', () => {
  for (const action of ['ignore', 'retry', 'fail', 'refresh_auth']) {
    assert.equal(endpoint({ response_actions: [{ status_code: 404, action: 'ignore' }, { action }] }), [
      'resources[0].endpoint.response_actions[1]: needs a condition, or it holds for every answer: status_code, content or json_path',
    ])
  }
  assert.equal(endpoint({ response_actions: [{ action: () => undefined }] }), [])
})

it('are in the spelling of the file, and in that of the program', () => {
  const wrong = (spelling: 'snake' | 'camel') => {
    const isSnake = spelling === 'snake'
    return {
      client: { [isSnake ? 'base_url' : 'baseUrl']: 'https://api.example.com' },
      resources: [
        {
          name: 'a',
          [isSnake ? 'write_disposition' : 'writeDisposition']: 'merge',
          endpoint: {
            incremental: { [isSnake ? 'cursor_path' : 'cursorPath']: 'at', [isSnake ? 'end_value' : 'endValue']: 1 },
          },
        },
      ],
    }
  }
  assert.equal(
    problemLinesOf(wrong('snake')).map((each) => each.split(':')[0]),
    ['resources[0].primary_key', 'resources[0].endpoint.incremental.end_value'],
  )
  assert.equal(
    problemLinesOf(wrong('camel')).map((each) => each.split(':')[0]),
    ['resources[0].primaryKey', 'resources[0].endpoint.incremental.endValue'],
  )
})

it('are all told at once: of keys, of values, and of what resources say about each other', () => {
  assert.equal(
    places(
      { name: 'typo', endpoint: { data_selectr: 'x' } },
      { name: 'value', endpoint: { method: 'PUT' } },
      { name: 'merged', write_disposition: 'merge' },
      { name: 'orphan', endpoint: 'a/{resources.nobody.id}' },
      { name: 'child of a wrong one', endpoint: 'a/{resources.value.id}' },
      'merged',
      { name: 'one', endpoint: 'a/{resources.other.id}' },
      { name: 'other', endpoint: 'a/{resources.one.id}' },
      { name: 'per parent', endpoint: { incremental: { cursor_path: 'a', per_parent: true, step: 1 } } },
    ),
    [
      'resources[0].endpoint.data_selectr',
      'resources[1].endpoint.method',
      'resources[2].primary_key',
      'resources[5]',
      'resources[8].endpoint.incremental.step',
      'resources[8].endpoint.incremental.per_parent',
      'resources[3].endpoint',
      'resources[6].endpoint',
      'resources[7].endpoint',
    ],
  )
})

it.run()
