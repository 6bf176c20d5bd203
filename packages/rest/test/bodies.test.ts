import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler, RecordedRequest, Reply } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { createServe, load, read } from './configured-api.ts'

const it = suite('bodies of a configuration')
const serve = createServe(it)

const oneRow: Handler = () => ({ json: [{ id: 1, at: 5 }] })

/** The request that an endpoint makes. */
async function sent(endpoint: object, more: object = {}): Promise<RecordedRequest> {
  const server = await serve(oneRow)
  await read(server, {
    client: { paginator: 'single_page' },
    ...more,
    resources: [{ name: 'items', endpoint: { method: 'POST', ...endpoint } }],
  })
  const [request] = server.requests
  if (!request) throw new Error('no request')
  return request
}

/** The request for a child of one parent, whose row is this. */
async function sentForParent(parent: object, endpoint: object): Promise<RecordedRequest> {
  const server = await serve(({ path }) => ({ json: [path === '/parents' ? parent : { id: 1 }] }))
  await read(
    server,
    {
      client: { paginator: 'single_page' },
      resources: [
        { name: 'parents', endpoint: { data_selector: '$' } },
        { name: 'children', endpoint: { path: 'search', method: 'POST', data_selector: '$', ...endpoint } },
      ],
    },
    { stream: 'children' },
  )
  const [, request] = server.requests
  if (!request) throw new Error('no request')
  return request
}

it('data is sent as a form: fields by name, lists as repeated fields, null left out', async () => {
  const { body, headers } = await sent({ data: { q: 'a b&c', tags: ['x', 'y'], on: true, n: 1, no: null } })
  assert.is(headers['content-type'], 'application/x-www-form-urlencoded')
  assert.is(body, 'q=a+b%26c&tags=x&tags=y&on=true&n=1')
})

it('data as pairs keeps their order and their repetitions', async () => {
  const { body } = await sent({
    data: [
      ['b', 1],
      ['a', 'x'],
      ['b', 2],
    ],
  })
  assert.is(body, 'b=1&a=x&b=2')
})

it('data as text is sent as it stands, and a header says what it is', async () => {
  const plain = await sent({ data: '<q>{ braces }</q>' })
  assert.equal([plain.body, plain.headers['content-type']], ['<q>{ braces }</q>', 'text/plain;charset=UTF-8'])
  const xml = await sent({ data: '<q/>', headers: { 'Content-Type': 'application/xml' } })
  assert.equal([xml.body, xml.headers['content-type']], ['<q/>', 'application/xml'])
  const client = await sent({ data: '<q/>' }, { client: { headers: { 'content-type': 'text/xml' } } })
  assert.is(client.headers['content-type'], 'text/xml')
})

it('data takes values of a parent: in forms, pairs and text, in names and in values', async () => {
  const parent = { id: 7, name: 'a b', list: [1, 2], none: null }
  const form = { 'x{resources.parents.id}': '{resources.parents.name}', l: '{resources.parents.list}' }
  assert.is((await sentForParent(parent, { data: form })).body, 'x7=a+b&l=1&l=2')
  const pairs = [
    ['id', '{resources.parents.id}'],
    ['id', 'n {resources.parents.id}'],
    ['none', '{resources.parents.none}'],
  ]
  assert.is((await sentForParent(parent, { data: pairs })).body, 'id=7&id=n+7')
  const text = 'find {resources.parents.id} {{"{resources.parents.name}"}}'
  assert.is((await sentForParent(parent, { data: text })).body, 'find 7 {"a b"}')
})

it('data takes the start value, and leaves out what has none', async () => {
  for (const [initial_value, form, text] of [
    [3, 'since=3&q=a', 'since 3'],
    [undefined, 'q=a', ''],
  ] as const) {
    const incremental = { cursor_path: 'at', ...(initial_value !== undefined && { initial_value }) }
    const asForm = await sent({ data: { since: '{incremental.start_value}', q: 'a' }, incremental })
    const asText = await sent({ data: 'since {incremental.start_value}', incremental })
    assert.equal([asForm.body, asText.body], [form, text])
  }
})

it('json keeps the types of what it is given, at any depth', async () => {
  const json = { n: 1, f: 1.5, ok: true, no: null, list: [1, 'a', null, { b: [] }], text: '1', empty: '' }
  const { body, headers } = await sent({ json })
  assert.equal(JSON.parse(body), json)
  assert.is(headers['content-type'], 'application/json')
  assert.is((await sent({ json: [1, 2] })).body, '[1,2]')
  assert.is((await sent({ json: 'text' })).body, '"text"')
  const patch = await sent({ json, headers: { 'content-type': 'application/merge-patch+json' } })
  assert.is(patch.headers['content-type'], 'application/merge-patch+json')
})

it('json takes a value with its type where it is all there is, and as text within text', async () => {
  const parent = { id: 7, f: 1.5, ok: false, none: null, list: [1, { a: 'b' }], text: '7' }
  const fields = Object.keys(parent)
  const json = Object.fromEntries(fields.map((field) => [field, `{resources.parents.${field}}`]))
  const { body } = await sentForParent(parent, { json: { deep: [json], text: 'no. {resources.parents.id}' } })
  assert.equal(JSON.parse(body), { deep: [parent], text: 'no. 7' })
})

it('a name that a parent gives is a name, whatever it is', async () => {
  for (const id of ['__proto__', 'constructor', 'toString']) {
    const name = '{resources.parents.id}'
    const json = await sentForParent({ id }, { json: { [name]: { polluted: 1 } }, params: { [name]: 2 } })
    assert.is(json.body, `{"${id}":{"polluted":1}}`)
    assert.is(json.url, `/search?${id}=2`)
    assert.is((await sentForParent({ id }, { data: { [name]: 3 } })).body, `${id}=3`)
  }
  assert.is(({} as Record<string, unknown>)['polluted'], undefined)
})

it('a cursor goes into the body beside what the configuration says', async () => {
  const server = await serve(({ body }) => {
    const { page } = JSON.parse(body) as { page?: { after?: number } }
    const after = page?.after ?? 0
    return { json: { data: [{ id: after }], next: after < 2 ? after + 1 : null } }
  })
  const endpoint = {
    method: 'POST',
    json: { page: { size: 1 }, q: 'a' },
    paginator: { type: 'cursor', cursor_path: 'next', cursor_body_path: 'page.after' },
  }
  assert.equal((await read(server, { resources: [{ name: 'items', endpoint }] })).ids, [0, 1, 2])
  assert.equal(JSON.parse(server.requests[2]?.body ?? ''), { page: { size: 1, after: 2 }, q: 'a' })
})

const csv = 'id,name,note\r\n1,"a, b","two\nlines"\r\n2,"say ""hi""",\r\n'
const ndjson = '{"id":1,"big":9007199254740993}\n{"id":2,"big":null}\n'
const text = (body: string, type?: string): Reply => ({ body, ...(type && { headers: { 'content-type': type } }) })

it('NDJSON and CSV are read by their content type, and by response_format whatever it is', async () => {
  const cases: [format: string, body: string, types: (string | undefined)[]][] = [
    ['ndjson', ndjson, ['application/x-ndjson', 'application/jsonl', 'application/ndjson; charset=utf-8']],
    ['csv', csv, ['text/csv', 'text/csv; charset=utf-8; header=present']],
  ]
  for (const [format, body, types] of cases) {
    for (const [type, endpoint] of [
      ...types.map((each) => [each, {}] as const),
      ['application/octet-stream', { response_format: format }] as const,
      [undefined, { response_format: format }] as const,
      ['application/json', { response_format: format }] as const,
    ]) {
      const server = await serve(() => text(body, type))
      const { rows } = await read(server, { resources: [{ name: 'items', endpoint }] })
      assert.equal(
        rows.map(({ id }) => Number(id)),
        [1, 2],
        `${format} as ${type}`,
      )
    }
  }
})

it('response_format asks for its format, and json for a body that says it is something else', async () => {
  const server = await serve(({ headers }) => ({
    headers: { 'content-type': 'text/csv' },
    body: JSON.stringify([{ id: headers['accept'] }]),
  }))
  const endpoint = { response_format: 'json' }
  assert.equal((await read(server, { resources: [{ name: 'items', endpoint }] })).ids, ['application/json'])
  for (const [response_format, body, accept] of [
    ['csv', csv, /^text\/csv/],
    ['ndjson', ndjson, /^application\/x-ndjson/],
  ] as const) {
    const asked = await serve(() => text(body))
    await read(asked, { resources: [{ name: 'items', endpoint: { response_format } }] })
    assert.match(String(asked.requests[0]?.headers['accept']), accept)
  }
})

it('NDJSON is loaded page by page, with a cursor in a header, and read back exactly', async () => {
  const lines = Array.from(
    { length: 7 },
    (_, index) => `{"id":${index + 1},"big":${9007199254740990n + BigInt(index)}}\n`,
  )
  const server = await serve(({ query }) => {
    const start = Number(query.get('cursor') ?? 0)
    const next = start + 3 < lines.length ? { next: String(start + 3) } : {}
    return {
      body: lines.slice(start, start + 3).join(''),
      headers: { 'content-type': 'application/x-ndjson', ...next },
    }
  })
  await withTempFolder(async (folder) => {
    const paginator = { type: 'header_cursor', cursor_key: 'next' }
    const config = { resources: [{ name: 'items', endpoint: { response_format: 'ndjson', paginator } }] }
    const report = await load(server, config, folder)
    assert.equal([report.streams[0]?.pages, report.streams[0]?.read], [3, 7])
    const { rows } = await readDelta(join(folder, 'items'), 'id')
    assert.equal(
      rows.map(({ id, big }) => `{"id":${id},"big":${big}}\n`),
      lines,
    )
  })
})

it('CSV is loaded with quotes, line breaks and empty fields, and paged by offset', async () => {
  const table = [
    ['1', 'a, b', 'two\nlines'],
    ['2', 'say "hi"', ''],
    ['3', 'ä 漢', 'x'],
  ]
  const written = (rows: string[][]) =>
    [['id', 'name', 'note'], ...rows]
      .map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
      .join('\r\n')
  const server = await serve(({ query }) => {
    const offset = Number(query.get('offset'))
    return text(written(table.slice(offset, offset + 2)), 'text/csv')
  })
  await withTempFolder(async (folder) => {
    const config = { resources: [{ name: 'items', endpoint: { paginator: { type: 'offset', limit: 2 } } }] }
    assert.is((await load(server, config, folder)).streams[0]?.read, 3)
    const { rows } = await readDelta(join(folder, 'items'), 'id')
    assert.equal(
      rows.map(({ id, name, note }) => [String(id), name, note ?? '']),
      table,
    )
  })
})

it('a child reads CSV for each row of a parent in NDJSON', async () => {
  const server = await serve(({ path }) =>
    path === '/parents'
      ? text(ndjson, 'application/x-ndjson')
      : text(`id\n${path.at(-5)}1\n${path.at(-5)}2\n`, 'text/csv'),
  )
  const { rows } = await read(
    server,
    {
      client: { paginator: 'single_page' },
      resources: [
        'parents',
        { name: 'children', include_from_parent: ['big'], endpoint: 'p/{resources.parents.id}/csv' },
      ],
    },
    { stream: 'children' },
  )
  assert.equal(
    rows.map(({ id, _parents_big }) => [id, _parents_big]),
    [
      ['11', 9007199254740993n],
      ['12', 9007199254740993n],
      ['21', null],
      ['22', null],
    ],
  )
})

it('a body that is not in the format is an error that names the place', async () => {
  for (const [response_format, body, place] of [
    ['json', '<html><title>Log in</title></html>', /web page|HTML/],
    ['ndjson', '{"id":1}\n{"id":\n', /line 2/],
    ['csv', 'id,name\n1,"open\n', /line [23]/],
  ] as const) {
    const server = await serve(() => text(body))
    const { code, message } = await failureOf(
      read(server, {
        client: { retry: { max_retries: 0 } },
        resources: [{ name: 'items', endpoint: { response_format } }],
      }),
    )
    assert.is(code, 'E_PAYLOAD')
    assert.match(message, place)
  }
})

it.run()
