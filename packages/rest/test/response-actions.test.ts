import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, type ResponseFunction, type RuledAnswer, readRestConfig } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler, Reply } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { millrace } from '../../../test/support/run-millrace.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { type ConfiguredRead, createServe, load, read } from './configured-api.ts'

const it = suite('response actions of a configuration')
const serve = createServe(it)

/** Four pages of two rows, with the answer of some page replaced. */
const paged =
  (special: (page: number, path: string) => Reply | undefined): Handler =>
  ({ query, path }) => {
    const page = Number(query.get('page'))
    const rows = page < 4 ? [1, 2].map((row) => ({ id: page * 2 + row })) : []
    return special(page, path) ?? { json: { data: rows } }
  }

const config = (response_actions: unknown, endpoint: object = {}, client: object = {}) => ({
  client: { paginator: 'page_number', ...client },
  resources: [{ name: 'items', endpoint: { data_selector: 'data', response_actions, ...endpoint } }],
})

/** Reads with a clock that takes no time. */
async function readItems(handler: Handler, ...settings: Parameters<typeof config>): Promise<ConfiguredRead & Told> {
  const server = await serve(handler)
  const clock = recordingClock()
  const result = await read(server, config(...settings), { clock, random: () => 0.5 })
  return { ...result, requests: server.requests.length, slept: clock.slept }
}

interface Told {
  readonly requests: number
  readonly slept: readonly number[]
}

const all = [1, 2, 3, 4, 5, 6, 7, 8]
const always =
  (reply: Reply): Handler =>
  () =>
    reply

it('a status matches as a number and as text', async () => {
  for (const status_code of [404, '404']) {
    const { ids, pages, events } = await readItems(always({ status: 404 }), [{ status_code, action: 'ignore' }])
    assert.equal(ids, [])
    assert.is(pages.length, 1)
    assert.equal(events('incomplete'), [])
  }
})

it('content is looked for in the text, and both conditions must hold', async () => {
  const gone = always({ status: 404, body: 'the list is gone for good' })
  await readItems(gone, [{ content: 'gone for good', action: 'ignore' }])
  await readItems(gone, [{ status_code: 404, content: 'gone', action: 'ignore' }])
  for (const rule of [
    { content: 'moved' },
    { status_code: 404, content: 'moved' },
    { status_code: 410, content: 'gone' },
  ]) {
    assert.is((await failureOf(readItems(gone, [{ ...rule, action: 'ignore' }]))).code, 'E_HTTP_STATUS')
  }
})

it('json_path looks into the answer: what it finds counts, null, false and nothing do not', async () => {
  const cases: [body: unknown, json_path: string, holds: boolean][] = [
    [{ error: { code: 'EMPTY' } }, 'error.code', true],
    [{ error: null }, 'error', false],
    [{ ok: false }, 'ok', false],
    [{}, 'error', false],
    [{ errors: [{ code: 'A' }, { code: 'EMPTY' }] }, "$.errors[?@.code == 'EMPTY']", true],
    [{ errors: [{ code: 'A' }] }, "$.errors[?@.code == 'EMPTY']", false],
  ]
  for (const [body, json_path, holds] of cases) {
    const reading = readItems(always({ json: body }), [{ json_path, action: 'ignore' }])
    if (holds) assert.equal((await reading).ids, [])
    else assert.is((await failureOf(reading)).code, 'E_SELECTOR', json_path)
  }
})

it('the first rule that holds decides', async () => {
  const rules = [
    { status_code: 500, action: 'fail' },
    { status_code: 404, content: 'nothing', action: 'ignore' },
    { status_code: 404, action: 'fail' },
  ]
  assert.equal((await readItems(always({ status: 404, body: 'nothing here' }), rules)).ids, [])
  assert.is((await failureOf(readItems(always({ status: 404 }), rules))).code, 'E_RESPONSE_RULE')
})

it('a function gives an action, a new body, or nothing; as a rule, under a condition, and in a list', async () => {
  const seen: RuledAnswer[] = []
  const look: ResponseFunction = (answer) => void seen.push(answer) as undefined
  const ignore: ResponseFunction = () => 'ignore'
  const none: ResponseFunction = () => null
  const rename: ResponseFunction = ({ body }) => ({ body: { data: (body as { rows: { id: number }[] }).rows } })
  const double: ResponseFunction = ({ body }) => ({
    body: { data: (body as { data: { id: number }[] }).data.map(({ id }) => ({ id: id * 2 })) },
  })
  const answer = always({ json: { rows: [{ id: 1 }] }, headers: { 'x-a': 'b' } })
  const single = { paginator: 'single_page' }
  assert.equal((await readItems(answer, [ignore], single)).ids, [])
  assert.equal((await readItems(answer, [look, none, rename], single)).ids, [1])
  assert.equal((await readItems(answer, [{ status_code: 200, action: rename }], single)).ids, [1])
  assert.equal((await readItems(answer, [{ action: [look, rename, none, double] }], single)).ids, [2])
  assert.equal((await readItems(answer, [{ action: [rename, ignore] }], single)).ids, [])
  const [first] = seen
  assert.equal([first?.status, first?.headers.get('x-a'), first?.body], [200, 'b', { rows: [{ id: 1 }] }])
  assert.match(first?.url ?? '', /\/items$/)
})

it('a function that fails, or gives something else, is an error with the answer it was about', async () => {
  const failing: ResponseFunction = () => {
    throw new Error('no such key')
  }
  const error = await failureOf(readItems(always({ json: {} }), [failing]))
  assert.is(error.code, 'E_RESPONSE_RULE')
  assert.match(error.message, /\/items\?page=0 answered 200, and the rule about it failed: no such key/)
  const odd = await failureOf(readItems(always({ json: {} }), [(() => 'skip') as never]))
  assert.match(odd.message, /gave neither "ignore"/)
})

it('an unknown action is a problem before any request, with the word that was meant', () => {
  try {
    readRestConfig({ ...config([{ status_code: '4o4', action: 'ignores' }]), client: { base_url: 'http://h' } })
    assert.unreachable()
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    const paths = thrown.problems.map(({ path }) => path)
    assert.ok(paths.includes('resources[0].endpoint.response_actions[0].action'), thrown.message)
    assert.ok(paths.includes('resources[0].endpoint.response_actions[0].status_code'), thrown.message)
  }
})

it('what is ignored in the middle cuts nothing off in silence: the run is incomplete and goes on there', async () => {
  let isGone = true
  const server = await serve(paged((page) => (isGone && page === 2 ? { status: 404 } : undefined)))
  const rules = config([{ status_code: 404, action: 'ignore' }])
  await withTempFolder(async (folder) => {
    const first = await load(server, rules, folder)
    const [stream] = first.streams
    assert.equal([stream?.complete, stream?.read], [false, 4])
    assert.match(stream?.incomplete ?? '', /GET .*\/items\?page=2 answered 404, which a response action ignores/)
    assert.match(first.warnings.join(), /"items" is incomplete/)

    isGone = false
    const before = server.requests.length
    const second = await load(server, rules, folder)
    assert.equal([second.streams[0]?.complete, second.streams[0]?.read], [true, 4])
    assert.is(server.requests[before]?.url, '/items?page=2')
    assert.equal(
      (await readDelta(join(folder, 'items'), 'id')).rows.map(({ id }) => Number(id)),
      all,
    )
  })
})

it('an answer that is the end ends the pages, and the stream is complete', async () => {
  for (const status of [400, 404, 503]) {
    const beyond = paged((page) => (page >= 4 ? { status, json: { code: 'invalid_page_number' } } : undefined))
    const { ids, events, requests } = await readItems(
      beyond,
      [{ content: 'invalid_page_number', action: 'end' }],
      {},
      { retry: { max_retries: 1 } },
    )
    assert.equal(ids, all)
    assert.equal(events('incomplete'), [])
    // What is tried again is so first.
    assert.is(requests, status === 503 ? 6 : 5)
  }
  const { ids, events } = await readItems(always({ status: 404 }), [() => 'end'])
  assert.equal([ids, events('incomplete')], [[], []])
})

it('what is ignored again where the last run ended is the end', async () => {
  const server = await serve(paged((page) => (page === 2 ? { status: 404 } : undefined)))
  const rules = config([{ status_code: 404, action: 'ignore' }])
  await withTempFolder(async (folder) => {
    assert.is((await load(server, rules, folder)).streams[0]?.complete, false)
    assert.is((await load(server, rules, folder)).streams[0]?.complete, true)
    assert.equal(
      server.requests.map(({ query }) => query.get('page')),
      ['0', '1', '2', '2'],
    )
    assert.equal(
      (await readDelta(join(folder, 'items'), 'id')).rows.map(({ id }) => Number(id)),
      [1, 2, 3, 4],
    )
  })
})

it('the command line ends with code 3, says why, and goes on with the same command', async () => {
  const server = await serve(paged((page) => (page === 2 ? { status: 404 } : undefined)))
  await withTempFolder(async (folder) => {
    const file = join(folder, 'api.json')
    const rules = config([{ status_code: 404, action: 'ignore' }])
    await writeFile(file, JSON.stringify({ ...rules, client: { ...rules.client, base_url: server.url } }))
    const command = ['run', file, '--to', join(folder, 'out'), '--json']
    const first = await millrace(command)
    assert.is(first.code, 3, first.stderr)
    const report = JSON.parse(first.stdout) as { streams: { complete: boolean; incomplete: string }[] }
    assert.is(report.streams[0]?.complete, false)
    assert.match(report.streams[0]?.incomplete ?? '', 'answered 404')
    assert.match(first.stderr, 'warning: items is incomplete: GET')
    assert.is((await millrace(command)).code, 0)
  })
})

const family = (special: (page: number, path: string) => Reply | undefined): Handler => {
  const pages = paged(special)
  return (request, index) =>
    request.path === '/posts' ? { json: { data: [{ id: 1 }, { id: 2 }, { id: 3 }] } } : pages(request, index)
}
const familyConfig = (resource: object = {}) => ({
  client: { paginator: 'page_number' },
  resource_defaults: { endpoint: { data_selector: 'data' } },
  resources: [
    { name: 'posts', endpoint: { paginator: 'single_page' } },
    {
      name: 'comments',
      include_from_parent: ['id'],
      ...resource,
      endpoint: {
        path: 'posts/{resources.posts.id}/comments',
        response_actions: [{ status_code: 404, action: 'ignore' }],
      },
    },
  ],
})

it('a parent without children may answer 404: the others are read, and nothing is incomplete', async () => {
  for (const parallelized of [false, true]) {
    const server = await serve(family((_, path) => (path.includes('/2/') ? { status: 404 } : undefined)))
    const { rows, events } = await read(server, familyConfig({ parallelized }), { stream: 'comments' })
    assert.equal(
      rows.map((row) => row['_posts_id']),
      [...all.map(() => 1), ...all.map(() => 3)],
    )
    assert.equal(events('incomplete'), [])
  }
})

it('a child that is cut off in the middle of one parent goes on there, and then with the parents after it', async () => {
  for (const parallelized of [false, true]) {
    const server = await serve(
      family((page, path) => (path.includes('/2/') && page === 1 ? { status: 404 } : undefined)),
    )
    await withTempFolder(async (folder) => {
      const first = await load(server, familyConfig({ parallelized }), folder)
      assert.equal(
        first.streams.map(({ complete, read: rows }) => [complete, rows]),
        [
          [true, 3],
          [false, 10],
        ],
      )
      const second = await load(server, familyConfig({ parallelized }), folder)
      assert.equal(
        second.streams.map(({ complete }) => complete),
        [true, true],
      )
      const { rows } = await readDelta(join(folder, 'comments'), '_posts_id, id')
      assert.equal(
        [1, 2, 3].map((post) => rows.filter(({ _posts_id }) => Number(_posts_id) === post).length),
        [8, 2, 8],
      )
    })
  }
})

it('a parent that is cut off says so itself, its children with it, and both go on there', async () => {
  for (const stays of [false, true]) {
    let isGone = true
    const server = await serve(({ path, query }) => {
      const page = Number(query.get('page'))
      if (path !== '/posts') return { json: { data: [{ id: path }] } }
      if (isGone && page === 1) return { status: 404 }
      return { json: { data: page < 3 ? [1, 2].map((row) => ({ id: page * 2 + row })) : [] } }
    })
    const rules = {
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [
        {
          name: 'posts',
          endpoint: { paginator: 'page_number', response_actions: [{ status_code: 404, action: 'ignore' }] },
        },
        { name: 'comments', endpoint: { path: 'posts/{resources.posts.id}/comments', paginator: 'single_page' } },
        { name: 'likes', endpoint: { path: 'posts/{resources.posts.id}/likes', paginator: 'single_page' } },
      ],
    }
    await withTempFolder(async (folder) => {
      const first = await load(server, rules, folder)
      assert.equal(
        first.streams.map(({ complete, read: rows }) => [complete, rows]),
        [
          [false, 2],
          [false, 2],
          [false, 2],
        ],
      )
      assert.match(first.streams[0]?.incomplete ?? '', /posts\?page=1 answered 404/)
      assert.is(first.streams[1]?.incomplete, 'its parent "posts" is incomplete')
      assert.is(first.warnings.length, 3)

      isGone = stays
      const before = server.requests.length
      const second = await load(server, rules, folder)
      assert.equal(
        second.streams.map(({ complete, tableRows }) => [complete, tableRows]),
        stays
          ? [
              [true, 2],
              [true, 2],
              [true, 2],
            ]
          : [
              [true, 6],
              [true, 6],
              [true, 6],
            ],
      )
      assert.is(server.requests[before]?.url, '/posts?page=1')
      assert.is(server.requests.length - before, stays ? 1 : 3 + 4 + 4)
    })
  }
})

it('an ignored answer says nothing about how far the stream was read', async () => {
  const cursors = [
    { cursor_path: 'synced_until', cursor_from: 'body', initial_value: 0 },
    { cursor_path: 'clock', cursor_from: 'server_clock', initial_value: '2026-01-01T00:00:00Z' },
  ]
  for (const cursor of cursors) {
    let isGone = false
    let day = 1
    const server = await serve(() => {
      day += 1
      const headers = { date: new Date(Date.UTC(2026, 1, day)).toUTCString() }
      const json = { data: [{ id: day }], synced_until: day }
      return isGone ? { status: 404, headers, json: { synced_until: 99 } } : { headers, json }
    })
    const rules = [{ status_code: 404, action: 'ignore' }]
    const incremental = { ...cursor, start_param: 'since' }
    const settings = config(rules, { paginator: 'single_page', incremental })
    await withTempFolder(async (folder) => {
      isGone = true
      await load(server, settings, folder)
      isGone = false
      await load(server, settings, folder)
      isGone = true
      await load(server, settings, folder)
      await load(server, settings, folder)
      const [first, second, third, fourth] = server.requests.map(({ query }) => query.get('since'))
      assert.is(first, String(cursor.initial_value))
      assert.is(second, first, cursor.cursor_from)
      assert.not.equal(third, first)
      assert.is(fourth, third, cursor.cursor_from)
    })
  }
})

it('retry asks again about a 200 with an error in it, and waits as after a 503', async () => {
  let failures = 2
  const handler = paged((page) =>
    page === 1 && failures-- > 0 ? { json: { error: { code: 'RATE_LIMIT' } } } : undefined,
  )
  const { ids, requests, slept } = await readItems(handler, [{ json_path: 'error.code', action: 'retry' }])
  assert.equal(ids, all)
  assert.is(requests, 5 + 2)
  assert.equal(slept, [2000, 4000])
})

it('retry that is used up is an error that quotes the answer, and keeps the checkpoint', async () => {
  const server = await serve(paged((page) => (page === 1 ? { json: { error: 'busy' } } : undefined)))
  const rules = config([{ json_path: 'error', action: 'retry' }])
  await withTempFolder(async (folder) => {
    const error = await failureOf(load(server, rules, folder, { clock: recordingClock() }))
    assert.is(error.code, 'E_RESPONSE_RULE')
    assert.match(error.message, /answered 200: a rule takes this for a failure that passes.*busy.*after 4 attempts/)
    assert.is(server.requests.length, 1 + 4)
  })
})

it('a status that is retried is retried before it is ignored, and others are ignored at once', async () => {
  for (const [status, requests] of [
    [503, 4],
    [429, 4],
    [500, 4],
    [501, 1],
    [404, 1],
  ] as const) {
    const ignored = await readItems(always({ status }), [{ status_code: status, action: 'ignore' }])
    assert.equal([ignored.ids, ignored.requests], [[], requests], String(status))
  }
  let failures = 2
  const passing = paged(() => (failures-- > 0 ? { status: 503 } : undefined))
  const { ids } = await readItems(passing, [{ status_code: 503, action: 'ignore' }])
  assert.equal(ids, all)
})

it('fail ends the run at a status that would have passed, and at one that would have been retried', async () => {
  for (const reply of [{ json: { data: [], error: 'quota used up' } }, { status: 503, body: 'quota used up' }]) {
    const server = await serve(always(reply))
    const error = await failureOf(read(server, config([{ content: 'quota', action: 'fail' }])))
    assert.is(error.code, 'E_RESPONSE_RULE')
    assert.match(error.message, /a rule takes this for a failure.*quota used up/)
    assert.is(server.requests.length, 1)
  }
})

it('refresh_auth renews the token and asks again, once', async () => {
  const given: string[] = []
  const tokens = await serve((_, index) => {
    given.push(`token-${index + 1}`)
    return { json: { access_token: given.at(-1) } }
  })
  const auth = { type: 'oauth2_client_credentials', access_token_url: tokens.url, client_id: 'i', client_secret: 's' }
  const handler: Handler = (request, index) =>
    request.query.get('page') === '2' && request.headers['authorization'] === 'Bearer token-1'
      ? { json: { error: 'SESSION_EXPIRED' } }
      : paged(() => undefined)(request, index)
  const rules = [{ json_path: 'error', action: 'refresh_auth' }]
  const { ids, requests } = await readItems(handler, rules, {}, { auth })
  assert.equal([ids, requests, given], [all, 6, ['token-1', 'token-2']])

  const refusing = await failureOf(readItems(always({ json: { error: 'SESSION_EXPIRED' } }), rules, {}, { auth }))
  assert.is(refusing.code, 'E_AUTH')
  assert.is(given.length, 4)
})

it.run()
