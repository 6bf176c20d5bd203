import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Handler, type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { runCli } from './run-cli.ts'

const it = suite('millrace check')

interface Checked {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly streams: readonly Record<string, unknown>[]
}

const env = { API_KEY: 'canary-of-the-environment' }

async function check(server: HttpServer, config: object, ...more: string[]): Promise<Checked> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'api.json')
    const { client, ...rest } = config as { client?: object }
    await writeFile(file, JSON.stringify({ client: { base_url: server.url, ...client }, ...rest }))
    const result = await runCli(['check', file, ...more], { env })
    const json = await runCli(['check', file, '--json', ...more], { env })
    const { streams = [] } = (json.code === 0 ? JSON.parse(json.stdout) : {}) as Partial<Checked>
    return { ...result, streams }
  })
}

/** The ids in the tables that a run makes, by table. */
async function loaded(server: HttpServer, config: object, table: string): Promise<unknown[]> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'api.json')
    const { client, ...rest } = config as { client?: object }
    await writeFile(file, JSON.stringify({ client: { base_url: server.url, ...client }, ...rest }))
    const to = join(folder, 'out')
    const { code, stderr } = await runCli(['run', file, '--to', to], { env })
    assert.is(code, 0, stderr)
    const { stdout } = await runCli(['show', to, table, '--format', 'jsonl', '--limit', '1000'])
    return stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: unknown }).id)
      .sort()
  })
}

async function withServer(handler: Handler, use: (server: HttpServer) => Promise<void>): Promise<void> {
  const server = await startHttpServer(handler)
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

const rows = (start: number, limit = 2) =>
  [1, 2, 3, 4, 5].slice(start, start + limit).map((id) => ({ id, name: `row ${id}` }))

const family: Handler = ({ path, query }) => {
  if (path === '/posts') {
    const skip = Number(query.get('skip') ?? 0)
    return { json: { posts: rows(skip), skip, limit: 2, total: 5 } }
  }
  return {
    json: path.endsWith('comments')
      ? { data: [{ id: `${path} 1` }] }
      : { id: Number(path.split('/')[2]), kind: 'post' },
  }
}

const familyConfig = {
  client: { auth: { type: 'api_key', name: 'x-key', api_key: '${API_KEY}' } },
  resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
  resources: [
    'posts',
    { name: 'details', parallelized: true, endpoint: 'posts/{resources.posts.id}' },
    {
      name: 'comments',
      write_disposition: 'append',
      table_name: 'remarks',
      unique_parents: true,
      endpoint: {
        path: 'posts/{resources.posts.id}/comments',
        method: 'POST',
        json: { since: '{incremental.start_value}' },
        data_selector: 'data',
        paginator: { type: 'offset', limit: 2 },
        auth: { token: 'canary-of-the-file' },
        incremental: { cursor_path: 'id' },
      },
    },
    { name: 'open', endpoint: { path: 'posts', auth: null, paginator: 'single_page', data_selector: 'posts' } },
  ],
}

it('explains every stream: its request, parent, paginator, rows, auth, and where it is loaded', async () => {
  await withServer(family, async (server) => {
    const { code, stdout, stderr } = await check(server, familyConfig)
    assert.is(code, 0, stderr)
    const about = (name: string): string =>
      stdout.split('\n\n').find((each) => each.trimStart().startsWith(`${name}:`)) ??
      stdout.slice(stdout.indexOf(`${name}:`))
    for (const line of [
      /^posts: merge by id into "posts"; the first page has 2 of 5 rows; about 3 requests for all$/m,
      /^ {2}request +GET posts$/m,
      /^ {2}paginator +found out from the first answer$/m,
      /^ {2}rows +found out from the first answer$/m,
      /^ {2}auth +api_key$/m,
    ]) {
      assert.match(about('posts'), line)
    }
    for (const line of [
      /^details: merge by id into "details"; the first page has 1 row$/m,
      /^ {2}parent +posts, one read for each row, several at once$/m,
      /^ {2}paginator +single_page$/m,
      /^ {2}rows +\$$/m,
    ]) {
      assert.match(about('details'), line)
    }
    for (const line of [
      /^comments: append by id into "remarks"/m,
      /^ {2}request +POST posts\/\{resources\.posts\.id\}\/comments$/m,
      /^ {2}parent +posts, one read for each different row$/m,
      /^ {2}paginator +offset$/m,
      /^ {2}auth +bearer$/m,
      /^ {2}incremental +by id$/m,
    ]) {
      assert.match(about('comments'), line)
    }
    assert.match(about('open'), /^ {2}auth +none$/m)
    assert.match(stdout, /api\.json is fine: 4 streams answered\n$/)
  })
})

it('shows no secret of the environment or of the file, also where the API says it', async () => {
  await withServer(family, async (server) => {
    const { code, stdout, stderr, streams } = await check(server, familyConfig)
    assert.is(code, 0, stderr)
    assert.not.match(`${stdout}${stderr}${JSON.stringify(streams)}`, /canary/)
    assert.ok(server.requests.some(({ headers }) => headers['x-key'] === env.API_KEY))
  })
  await withServer(family, async (server) => {
    const { stdout, streams } = await check(server, { resources: [{ name: 'a', endpoint: 'a?q=b&token=canary' }] })
    assert.match(stdout, /request +GET a\?q=b&token=\[redacted\]/)
    assert.not.match(`${stdout}${JSON.stringify(streams)}`, /canary/)
  })
  const telling: Handler = (request, index) =>
    request.method === 'POST'
      ? { status: 403, body: `not with ${request.headers['authorization']}` }
      : family(request, index)
  await withServer(telling, async (server) => {
    const { code, stdout, stderr } = await check(server, familyConfig)
    assert.is(code, 1)
    assert.match(stderr, /answered 403.*not with Bearer/)
    assert.not.match(`${stdout}${stderr}`, /canary/)
  })
})

it('gives all of it as JSON', async () => {
  await withServer(family, async (server) => {
    const { streams } = await check(server, familyConfig, '--only', 'posts,details')
    assert.equal(streams, [
      {
        stream: 'posts',
        table: 'posts',
        disposition: 'merge',
        primaryKey: ['id'],
        details: {
          request: 'GET posts',
          paginator: 'found out from the first answer',
          rows: 'found out from the first answer',
          auth: 'api_key',
        },
        detected: {
          paginator: {
            type: 'offset',
            limit: 2,
            offset_param: 'skip',
            limit_param: 'limit',
            total_path: 'total',
          },
          data_selector: 'posts',
          reason: '"posts" is the only list of objects; "skip" is 0 and "total" is 5',
        },
        rows: 2,
        total: 5,
        requests: 3,
        columns: [
          { name: 'id', type: 'Int64' },
          { name: 'name', type: 'Utf8' },
        ],
      },
      {
        stream: 'details',
        table: 'details',
        disposition: 'merge',
        primaryKey: ['id'],
        details: {
          request: 'GET posts/{resources.posts.id}',
          parent: 'posts, one read for each row, several at once',
          paginator: 'single_page',
          rows: '$',
          auth: 'api_key',
        },
        rows: 1,
        columns: [
          { name: 'id', type: 'Int64' },
          { name: 'kind', type: 'Utf8' },
        ],
      },
    ])
  })
})

const shapes: Readonly<Record<string, Handler>> = {
  'pages from 1': ({ query }) => {
    const page = Number(query.get('page') ?? 1)
    return { json: { posts: rows((page - 1) * 2), page, total_pages: 3 } }
  },
  'pages from 0': ({ query }) => {
    const page = Number(query.get('page') ?? 0)
    return { json: { results: rows(page * 2), page, total_pages: 3 } }
  },
  offsets: family,
  cursors: ({ query }) => {
    const start = Number(query.get('cursor'))
    return { json: { data: rows(start), meta: { next_cursor: start < 4 ? start + 2 : null } } }
  },
  'cursors in a header': ({ query }) => {
    const start = Number(query.get('cursor'))
    return { json: rows(start), headers: { 'x-next-cursor': start < 4 ? `${start + 2}` : '' } }
  },
  'links in the body': ({ query }) => {
    const start = Number(query.get('after'))
    return { json: { value: rows(start), '@odata.nextLink': start < 4 ? `?after=${start + 2}` : undefined } }
  },
  'links in a header': ({ query, headers }) => {
    const start = Number(query.get('after'))
    const link = start < 4 ? `<http://${headers['host']}/posts?after=${start + 2}>; rel="next"` : ''
    return { json: rows(start), headers: { link } }
  },
}

for (const [shape, handler] of Object.entries(shapes)) {
  it(`finds out ${shape}, and what it prints gives the same rows when it is pasted`, async () => {
    await withServer(handler, async (server) => {
      const { stdout, streams } = await check(server, { resources: ['posts'] })
      const detected = streams[0]?.['detected'] as { paginator?: unknown; data_selector?: unknown; reason: string }
      assert.match(stdout, /found out from the first answer \(.*\); to be sure of it, paste into the endpoint:/)
      // As a person would do it: the lines as they stand.
      const lines = stdout.split('\n').filter((line) => /^ {4}"/.test(line))
      const pasted = JSON.parse(`{${lines.join(',')}}`) as object
      assert.equal(pasted, {
        paginator: detected.paginator,
        ...(detected.data_selector !== undefined && { data_selector: detected.data_selector }),
      })
      const found = await loaded(server, { resources: ['posts'] }, 'posts')
      assert.equal(found, [1, 2, 3, 4, 5])
      const configured = { resources: [{ name: 'posts', endpoint: pasted }] }
      assert.equal(await loaded(server, configured, 'posts'), found)
      const again = await check(server, configured)
      assert.is(again.streams[0]?.['detected'], undefined)
    })
  })
}

it('looks for a page with rows: beyond an empty page 0, beyond parents without children, and no further than 5 pages', async () => {
  const api: Handler = ({ path, query }) => {
    const page = Number(query.get('page'))
    if (path === '/numbered') return { json: page === 1 ? rows(0) : [] }
    if (path === '/nothing') return { json: { data: [], more: true } }
    if (path === '/posts') return { json: [{ id: 1 }, { id: 2 }] }
    return { json: path === '/posts/2/comments' ? rows(0) : [] }
  }
  await withServer(api, async (server) => {
    const endless = { type: 'page_number', stop_after_empty_page: false, has_more_path: 'more' }
    const { streams } = await check(server, {
      client: { paginator: 'single_page' },
      resources: [
        { name: 'numbered', endpoint: { paginator: 'page_number' } },
        'posts',
        { name: 'comments', endpoint: 'posts/{resources.posts.id}/comments' },
        { name: 'nothing', endpoint: { paginator: endless } },
      ],
    })
    assert.equal(
      streams.map((each) => each['rows']),
      [2, 2, 2, 0],
    )
    // Twice: once for people, once as JSON.
    assert.is(server.requests.filter(({ path }) => path === '/nothing').length, 2 * 5)
  })
})

it('names every problem of a configuration and asks for nothing', async () => {
  await withServer(family, async (server) => {
    const { code, stderr } = await check(server, {
      resources: ['posts', { name: 'a', endpoint: { path: 'a/{resources.post.id}', paginatr: 'auto' } }],
    })
    assert.is(code, 2)
    assert.match(stderr, /resources\[1\]\.endpoint\.paginatr: unknown key; did you mean "paginator"\?/)
    assert.match(stderr, /resources\[1\]\.endpoint\.path: reads from "post".*did you mean "posts"\?/)
    assert.is(server.requests.length, 0)
  })
})

it('says which stream failed, and at which request', async () => {
  await withServer(
    (request, index) => (request.path.endsWith('comments') ? { status: 403, body: 'no' } : family(request, index)),
    async (server) => {
      const { code, stderr } = await check(server, familyConfig)
      assert.is(code, 1)
      assert.match(stderr, /POST .*\/posts\/1\/comments.* answered 403.*\(stream "comments", page 1\)/)
    },
  )
})

it.run()
