import { join } from 'node:path'
import type { MillraceEvent } from '@millrace/core'
import { lake } from '@millrace/lake'
import { run, type Stream } from '@millrace/pipeline'
import { mostSeenParents, type ResourceConfig, readRestConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Handler, type HttpServer, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { columnOf, readPages, recordEvents, rowsAndPositions } from '../../../test/support/read-pages.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('parents and children')

let server: HttpServer
async function serve(handler: Handler): Promise<string> {
  server = await startHttpServer(handler)
  return server.url
}
it.after.each(() => server.close())

/** A shop: 5 posts in pages of 2; each has 3 comments in pages of 2, and each comment 2 replies at once. */
const shop: Handler = ({ path, query }) => {
  const page = Number(query.get('page') ?? 0)
  const paged = (items: readonly unknown[]): Reply => ({
    json: { data: items.slice(page * 2, page * 2 + 2), pages: Math.ceil(items.length / 2) },
  })
  const [, top, id = '', below] = path.split('/')
  if (top === 'posts' && id === '')
    return paged([1, 2, 3, 4, 5].map((post) => ({ id: post, title: `post ${post}`, author: { id: post * 10 } })))
  if (below === 'comments') return paged([1, 2, 3].map((number) => ({ id: Number(id) * 100 + number })))
  if (below === 'likes') return { json: { data: [{ id: `like of ${id}` }], pages: 1 } }
  if (top === 'comments' && below === 'replies') {
    return { json: { data: [1, 2].map((number) => ({ id: Number(id) * 10 + number })), pages: 1 } }
  }
  return { status: 404 }
}

const paginator = { type: 'page_number', totalPath: 'pages' } as const
const posts: ResourceConfig = { name: 'posts', endpoint: { path: 'posts' } }
const comments: ResourceConfig = { name: 'comments', endpoint: { path: 'posts/{resources.posts.id}/comments' } }
const likes: ResourceConfig = { name: 'likes', endpoint: { path: 'posts/{resources.posts.id}/likes' } }
const replies: ResourceConfig = { name: 'replies', endpoint: { path: 'comments/{resources.comments.id}/replies' } }
const allComments = [1, 2, 3, 4, 5].flatMap((post) => [1, 2, 3].map((number) => post * 100 + number))
const allReplies = allComments.flatMap((comment) => [comment * 10 + 1, comment * 10 + 2])

function sourceOf(baseUrl: string, ...resources: ResourceConfig[]) {
  return restSource({
    client: { baseUrl, retry: { maxRetries: 0 }, paginator },
    resourceDefaults: { endpoint: { dataSelector: 'data' } },
    resources,
  })
}

function streamOf(source: ReturnType<typeof sourceOf>, name: string): Stream {
  const found = source.streams().find((stream) => stream.name === name)
  if (!found) throw new Error(`no stream ${name}`)
  return found
}

const pathsOf = (part: string) => server.requests.map(({ url }) => url).filter((url) => url.includes(part))
const isOf = (part: RegExp) => server.requests.filter(({ path }) => part.test(path))

it('reads a child for each row of its parent, as a dlt configuration describes it', async () => {
  const url = await serve(shop)
  const source = restSource(
    readRestConfig({
      client: { base_url: url, paginator: { type: 'page_number', total_path: 'pages' } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [
        'posts',
        {
          name: 'comments',
          include_from_parent: ['id', 'title'],
          endpoint: { path: 'posts/{resources.posts.id}/comments', params: { author: '{resources.posts.author.id}' } },
        },
      ],
    }),
  )
  const pages = await readPages(streamOf(source, 'comments'))
  assert.equal(columnOf(pages, 'id'), allComments)
  assert.equal(pages[2]?.rows[0], { id: 201, _posts_id: 2, _posts_title: 'post 2' })
  assert.equal(isOf(/comments/)[0]?.query.get('author'), '10')
  assert.is(isOf(/^\/posts$/).length, 3)
})

it('takes the older forms of dlt: resolve parameters, and a parameter in the path', async () => {
  const url = await serve(shop)
  const source = restSource(
    readRestConfig({
      client: { base_url: url, paginator: { type: 'page_number', total_path: 'pages' } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [
        { name: 'posts', selected: false, endpoint: { path: '{list}', params: { list: 'posts', x: 1 } } },
        {
          name: 'comments',
          endpoint: {
            path: 'posts/{post_id}/comments',
            params: { post_id: { type: 'resolve', resource: 'posts', field: 'id' }, y: 'z' },
          },
        },
      ],
    }),
  )
  assert.equal(
    source.streams().map(({ name }) => name),
    ['comments'],
  )
  assert.equal(columnOf(await readPages(streamOf(source, 'comments')), 'id'), allComments)
  assert.is(server.requests[0]?.url, '/posts?x=1&page=0')
  assert.is(isOf(/comments/)[0]?.url, '/posts/1/comments?y=z&page=0')
})

it('fetches every page once, however many children a resource has', async () => {
  const url = await serve(shop)
  await withTempFolder(async (folder) => {
    const report = await run(sourceOf(url, replies, comments, posts, likes), lake(folder))
    assert.equal(
      report.streams.map(({ stream, read, complete }) => [stream, read, complete]),
      [
        ['replies', 30, true],
        ['comments', 15, true],
        ['posts', 5, true],
        ['likes', 5, true],
      ],
    )
    const stored = await readDelta(join(folder, 'replies'), 'id')
    assert.equal(
      stored.rows.map(({ id }) => Number(id)),
      allReplies,
    )
  })
  assert.is(isOf(/^\/posts$/).length, 3)
  assert.is(isOf(/comments$/).length, 10)
  assert.is(isOf(/likes$/).length, 5)
  assert.is(isOf(/replies$/).length, 15)
  assert.is(new Set(server.requests.map((request) => request.url)).size, server.requests.length)
})

it('asks for the next page of a parent when its children are done with this one', async () => {
  const url = await serve(shop)
  await withTempFolder((folder) => run(sourceOf(url, posts, comments, replies), lake(folder)))
  const order = server.requests.map((request) => request.url)
  const lastFor = (ids: readonly number[]): number =>
    order.findLastIndex((each) =>
      ids.some((id) => each.startsWith(`/posts/${id}/`) || each.startsWith(`/comments/${id}`)),
    )
  assert.ok(lastFor([1, 2]) < order.indexOf('/posts?page=1'), order.join(' '))
  assert.ok(lastFor([3, 4]) < order.indexOf('/posts?page=2'), order.join(' '))
})

it('stores of a parent with many rows on a page nothing but what its children still need', async () => {
  const url = await serve(({ path }) => ({
    json: path === '/parents' ? Array.from({ length: 1_000 }, (_, id) => ({ id, text: 'x'.repeat(100) })) : [],
  }))
  const source = restSource({
    client: { baseUrl: url },
    resources: ['parents', { name: 'children', endpoint: { path: 'c/{resources.parents.id}/x', dataSelector: '$' } }],
  })
  const pages = await readPages(streamOf(source, 'children'))
  assert.is(pages.length, 1_000)
  // Numbers of three digits, brackets and commas, and what every position has.
  assert.ok(JSON.stringify(pages[0]?.position).length < 1_000 * 6 + 600)
  assert.ok(JSON.stringify(pages[999]?.position).length < 600)
})

it('goes on after a kill at any request: no row twice, and at most one page of each endpoint again', async () => {
  const ideal = 3 + 10 + 5 + 15
  for (let failing = 0; failing < ideal; failing += 1) {
    let count = 0
    let isDown = true
    const url = await serve((request, index) => {
      if (isDown && count++ >= failing) return { status: 403 }
      return shop(request, index)
    })
    await withTempFolder(async (folder) => {
      await failureOf(run(sourceOf(url, posts, comments, likes, replies), lake(folder)))
      isDown = false
      const answered = failing
      const before = server.requests.length
      const report = await run(sourceOf(url, posts, comments, likes, replies), lake(folder))
      assert.equal(
        report.streams.map(({ tableRows }) => tableRows),
        [5, 15, 5, 30],
        `failing at request ${failing}`,
      )
      // Four endpoints are running: a page of each may have been on its way.
      assert.ok(
        server.requests.length - before <= ideal - answered + 4,
        `failing at ${failing}: ${server.requests.length - before}`,
      )
    })
    await server.close()
  }
  await serve(shop)
})

it('goes on from every position of a child, and asks for nothing that lies behind', async () => {
  const url = await serve(shop)
  for (const name of ['comments', 'replies']) {
    const source = sourceOf(url, posts, comments, replies)
    const all = await readPages(streamOf(source, name))
    for (const [index, page] of all.entries()) {
      const before = server.requests.length
      const rest = await readPages(streamOf(source, name), { checkpoint: page.position })
      assert.equal(rowsAndPositions(rest), rowsAndPositions(all.slice(index + 1)))
      const again = server.requests.slice(before).map((request) => request.url)
      assert.is(new Set(again).size, again.length)
    }
    assert.equal(all.at(-1)?.rows.length, name === 'comments' ? 1 : 2)
  }
})

it('reads several parents at once on request, and keeps the order of the rows', async () => {
  let running = 0
  let most = 0
  const url = await serve(async (request, index) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 10 - (index % 5)))
    running -= 1
    return shop(request, index)
  })
  const pages = await readPages(streamOf(sourceOf(url, posts, { ...comments, parallelized: true }), 'comments'))
  assert.equal(columnOf(pages, 'id'), allComments)
  assert.ok(most > 2, `at most ${most} at once`)

  const before = server.requests.length
  const rest = await readPages(streamOf(sourceOf(url, posts, { ...comments, parallelized: true }), 'comments'), {
    checkpoint: pages[4]?.position ?? {},
  })
  assert.equal(rowsAndPositions(rest), rowsAndPositions(pages.slice(5)))
  assert.is(server.requests.length - before, 5 + 1)
})

it('reads one parent after the other otherwise', async () => {
  let running = 0
  const url = await serve(async (request, index) => {
    running += 1
    assert.is(running, 1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    return shop(request, index)
  })
  assert.equal(columnOf(await readPages(streamOf(sourceOf(url, posts, comments), 'comments')), 'id'), allComments)
})

it('fills placeholders in path, query, headers and bodies, and keeps types in JSON', async () => {
  const url = await serve(({ path, method }) =>
    path === '/parents' && method === 'GET'
      ? {
          headers: { 'content-type': 'application/json' },
          body: '[{"id":7,"ok":true,"nothing":null,"list":["a","b"],"deep":{"big":9007199254740993,"text":"ä b"}}]',
        }
      : { json: [{ id: 1 }] },
  )
  const source = restSource({
    client: { baseUrl: url, paginator: 'single_page' },
    resources: [
      'parents',
      {
        name: 'children',
        endpoint: {
          path: 'children/{resources.parents.id}',
          method: 'POST',
          dataSelector: '$',
          params: {
            q: '{resources.parents.deep.text}',
            list: '{resources.parents.list}',
            no: '{resources.parents.nothing}',
          },
          headers: { 'x-{resources.parents.id}': 'is {resources.parents.ok}' },
          json: {
            id: '{resources.parents.id}',
            text: 'no {resources.parents.id}',
            ok: '{resources.parents.ok}',
            nothing: '{resources.parents.nothing}',
            list: '{resources.parents.list}',
            deep: { big: '{resources.parents.deep.big}', query: 'query { a { b } }' },
          },
        },
      },
    ],
  })
  assert.equal(columnOf(await readPages(streamOf(source, 'children')), 'id'), [1])
  const request = server.requests[1]
  assert.is(request?.url, '/children/7?q=%C3%A4%20b&list=a&list=b')
  assert.is(request?.headers['x-7'], 'is true')
  assert.is(
    request?.body,
    '{"id":7,"text":"no 7","ok":true,"nothing":null,"list":["a","b"],"deep":{"big":9007199254740993,"query":"query { a { b } }"}}',
  )
})

it('encodes what a parent says as one segment of the path, and refuses to climb', async () => {
  const hostile = [
    ...[
      'a/b',
      '/a',
      'a/',
      '//',
      '/..',
      '../x',
      '..\\x',
      'a/../../b',
      './x',
      '.../x',
      '..;/',
      '..%2f',
      '%2e%2e',
      '%252e',
    ],
    ...[
      'e?x=1',
      '?',
      '??',
      'a?b#c',
      '#',
      '#/x',
      'a&b=c',
      '&',
      '=',
      ';',
      ';x=1',
      '*',
      "'",
      '"',
      '<x>',
      '`',
      '|',
      '^',
      '{x}',
    ],
    ...[
      '//evil.example.com',
      'http://evil.example.com/',
      'https:evil.example.com',
      '@evil.example.com',
      'a@b',
      '@',
      ':80',
    ],
    ...['a\\b', '\\\\evil', ' ', ' a', '\n', '\r\nx: y', '\t', '\0', '%00', '\u007f', '\u2028', '\u202e', '\ufeff'],
    ...['é', 'e\u0301', '日本', '😀', '\ud800', '__proto__', 'constructor', 'null', 'x'.repeat(2_000), '1e400', '0x10'],
  ]
  assert.ok(hostile.length >= 50)
  let values: readonly unknown[] = hostile
  const url = await serve(({ path }) => ({ json: path === '/parents' ? values.map((id) => ({ id })) : [] }))
  const source = restSource({
    client: { baseUrl: `${url}`, paginator: 'single_page', retry: { maxRetries: 0 } },
    resources: ['parents', { name: 'children', endpoint: { path: 'c/{resources.parents.id}/z', dataSelector: '$' } }],
  })
  await readPages(streamOf(source, 'children'))
  const asked = server.requests.slice(1)
  assert.is(asked.length, hostile.length)
  for (const { url: target } of asked) assert.match(target, /^\/c\/[^/?#\\]+\/z$/)
  for (const [value, code] of [
    ['.', 'E_PATH'],
    ['..', 'E_PATH'],
    ['', 'E_PATH'],
    [null, 'E_PATH'],
  ] as const) {
    values = [value]
    const before = server.requests.length
    const failure = await failureOf(readPages(streamOf(source, 'children')))
    assert.is(failure.code, code)
    assert.match(failure.message, /the value of \{resources\.parents\.id\} in the path "c\/\{/)
    assert.is(server.requests.length, before + 1)
  }
})

it('names the row of the parent that lacks the field, and the keys it has', async () => {
  const url = await serve(() => ({ json: { data: [{ id: 1 }, { key: 2, name: 'x' }], pages: 1 } }))
  const failure = await failureOf(readPages(streamOf(sourceOf(url, posts, comments), 'comments')))
  assert.is(failure.code, 'E_PARENT_FIELD')
  assert.match(
    failure.message,
    /row 1 \(counted from 0\) of "posts" of http.* has no "id", which "comments" reads.*key, name/,
  )
})

it('reads for equal parents once on request', async () => {
  const ids = [1, 1, 2, 1, 3, 2]
  const url = await serve(({ path }) => ({ json: path === '/parents' ? ids.map((id) => ({ id })) : [{ id: path }] }))
  const source = (uniqueParents: boolean) =>
    restSource({
      client: { baseUrl: url, paginator: 'single_page' },
      resources: ['parents', { name: 'children', uniqueParents, endpoint: { path: 'c/{resources.parents.id}/x' } }],
    })
  assert.is((await readPages(streamOf(source(false), 'children'))).length, 6)
  const pages = await readPages(streamOf(source(true), 'children'))
  assert.equal(columnOf(pages, 'id'), ['/c/1/x', '/c/2/x', '/c/3/x'])
  const rest = await readPages(streamOf(source(true), 'children'), { checkpoint: pages[0]?.position ?? {} })
  assert.equal(columnOf(rest, 'id'), ['/c/2/x', '/c/3/x'])
  assert.is(mostSeenParents, 1_000)
})

it('takes any iterable of rows as a parent, and loads it too', async () => {
  const url = await serve(shop)
  async function* ids() {
    yield { id: 1 }
    yield [{ id: 2 }, { id: 3 }]
  }
  const source = restSource({
    client: { baseUrl: url, paginator },
    resources: [
      { name: 'ids', rows: ids, primaryKey: 'id' },
      { name: 'comments', endpoint: { path: 'posts/{resources.ids.id}/comments', dataSelector: 'data' } },
    ],
  })
  assert.equal(columnOf(await readPages(streamOf(source, 'ids')), 'id'), [1, 2, 3])
  const pages = await readPages(streamOf(source, 'comments'))
  assert.equal(columnOf(pages, 'id'), allComments.slice(0, 9))
  for (const [index, { position }] of pages.entries()) {
    const rest = await readPages(streamOf(source, 'comments'), { checkpoint: position })
    assert.equal(rowsAndPositions(rest), rowsAndPositions(pages.slice(index + 1)))
  }
  await withTempFolder(async (folder) => {
    const report = await run(source, lake(folder))
    assert.equal(
      report.streams.map(({ tableRows }) => tableRows),
      [3, 9],
    )
  })
})

it('says whose rows failed, and after how many', async () => {
  const url = await serve(shop)
  const failing = [
    [
      function* () {
        yield { id: 1 }
        throw new Error('the file ended')
      },
      /the rows of "ids" failed after 1 items: the file ended/,
    ],
    [() => 5 as never, /the rows of "ids" failed after 0 items: the function gave number, expected an iterable/],
    [(() => Promise.resolve([])) as never, /the function gave object, expected an iterable/],
  ] as const
  for (const [rows, message] of failing) {
    const source = restSource({ client: { baseUrl: url }, resources: [{ name: 'ids', rows }] })
    const failure = await failureOf(readPages(streamOf(source, 'ids')))
    assert.is(failure.code, 'E_ROW_FUNCTION')
    assert.match(failure.message, message)
  }
})

it('refuses rows from code that are no objects', async () => {
  const url = await serve(shop)
  const source = restSource({ client: { baseUrl: url }, resources: [{ name: 'ids', rows: [{ id: 1 }, 5 as never] }] })
  const failure = await failureOf(readPages(streamOf(source, 'ids')))
  assert.is(failure.code, 'E_ROW')
  assert.match(failure.message, /row 1 \(counted from 0\) of "ids"/)
})

it('shows children the rows of their parent as its steps left them', async () => {
  const url = await serve(shop)
  const filtered = { ...posts, processingSteps: [{ filter: (row: object) => 'id' in row && Number(row.id) > 3 }] }
  const pages = await readPages(streamOf(sourceOf(url, filtered, comments), 'comments'))
  assert.equal(columnOf(pages, 'id'), allComments.slice(9))
  assert.is(isOf(/comments/).length, 4)
})

it('ends in order where the parent has no rows', async () => {
  const url = await serve(() => ({ json: { data: [], pages: 1 } }))
  await withTempFolder(async (folder) => {
    const report = await run(sourceOf(url, posts, comments, replies), lake(folder))
    assert.equal(
      report.streams.map(({ read, complete }) => [read, complete]),
      [
        [0, true],
        [0, true],
        [0, true],
      ],
    )
  })
  assert.ok(server.requests.every(({ path }) => path === '/posts'))
})

it('goes on where a limit of pages stopped a family of streams', async () => {
  const url = await serve(shop)
  await withTempFolder(async (folder) => {
    const limited = () => run(sourceOf(url, posts, comments), lake(folder), { maxPages: 2 })
    const first = await limited()
    assert.equal(
      first.streams.map(({ read, complete }) => [read, complete]),
      [
        [4, false],
        [3, false],
      ],
    )
    for (let runs = 0; runs < 4; runs += 1) await limited()
    const { rows } = await readDelta(join(folder, 'comments'), 'id')
    assert.equal(
      rows.map(({ id }) => Number(id)),
      allComments,
    )
  })
})

it('stops where a limit of pages cuts a child off within a parent, and loses none of its rows', async () => {
  const url = await serve(shop)
  for (const parallelized of [false, true]) {
    const limited: ResourceConfig = {
      ...comments,
      parallelized,
      endpoint: { path: 'posts/{resources.posts.id}/comments', paginator: { ...paginator, maxPages: 1 } },
    }
    await withTempFolder(async (folder) => {
      const counts: number[] = []
      for (let runs = 0; runs < 6; runs += 1) {
        const report = await run(sourceOf(url, posts, limited), lake(folder))
        counts.push(report.streams[1]?.read ?? 0)
      }
      assert.equal(counts, [2, 3, 3, 3, 3, 1])
      const { rows } = await readDelta(join(folder, 'comments'), 'id')
      assert.equal(
        rows.map(({ id }) => Number(id)),
        allComments,
      )
    })
  }
})

it('says that a child is incomplete where its parent is', async () => {
  const url = await serve((request, index) =>
    request.path === '/posts' && request.query.get('page') === '1' ? { status: 404 } : shop(request, index),
  )
  const ignoring = {
    ...posts,
    selected: false,
    endpoint: { path: 'posts', responseActions: [{ statusCode: 404, action: 'ignore' as const }] },
  }
  const events = recordEvents()
  const pages = await readPages(streamOf(sourceOf(url, ignoring, comments), 'comments'), { emit: events.emit })
  assert.equal(columnOf(pages, 'id'), allComments.slice(0, 6))
  assert.ok(
    events.of('incomplete').some((event) => (event as MillraceEvent & { stream: string }).stream === 'comments'),
  )
})

it('names unknown parents, circles and a second parent before any request', async () => {
  const url = await serve(shop)
  const problems = (resources: readonly object[]): string => {
    try {
      readRestConfig({ client: { base_url: url }, resources })
    } catch (thrown) {
      return (thrown as Error).message
    }
    throw new Error('expected a problem')
  }
  assert.match(
    problems([{ name: 'posts' }, { name: 'c', endpoint: 'c/{resources.postz.id}' }]),
    /resources\[1\]\.endpoint: reads from "postz".*did you mean "posts"/,
  )
  assert.match(
    problems([
      { name: 'a', endpoint: 'a/{resources.b.id}' },
      { name: 'b', endpoint: 'b/{resources.a.id}' },
    ]),
    /circle: a → b → a/,
  )
  assert.match(problems([{ name: 'a', endpoint: 'a/{resources.a.id}' }]), /circle: a → a/)
  assert.match(
    problems([
      'a',
      'b',
      { name: 'c', endpoint: { path: 'c/{resources.a.id}', params: { x: '{resources.b.id}' } } },
    ] as never),
    /resources\[2\]\.endpoint: has placeholders of more than one resource \(a, b\)/,
  )
  assert.match(problems([{ name: 'a', include_from_parent: ['id'] }]), /include_from_parent: there is no parent/)
  assert.match(
    problems([{ name: 'a', endpoint: 'a/{id}' }]),
    /resources\[0\]\.endpoint: has \{id\}, and there is no parameter "id"/,
  )
  assert.is(pathsOf('').length, 0)
})

it.run()
