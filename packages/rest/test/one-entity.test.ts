import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Handler } from '../../../test/support/http-server.ts'
import { createServe, read } from './configured-api.ts'

const it = suite('paths that name one entity')
const serve = createServe(it)

/** Two posts, what each of them is, and lists in pages of two under it and beside it. */
const blog: Handler = ({ path, query }) => {
  const page = Number(query.get('page') ?? 0)
  const list = (of: string) => {
    const items = [1, 2, 3].map((number) => ({ id: `${of}-${number}` }))
    return { json: { data: items.slice(page * 2, page * 2 + 2), pages: 2, page } }
  }
  const [, top = '', id, below] = path.split('/')
  if (top === 'posts' && id === undefined) return { json: { data: [{ id: 1 }, { id: 2 }], pages: 1, page: 0 } }
  if (below) return list(`${below} of ${id}`)
  if (top !== 'posts') return list(`${top} of ${query.get('post')}`)
  return { json: { id: Number(id), data: [{ id: 'no row' }], tags: ['a', 'b'], pages: 9, page, next: '/posts/99' } }
}

const config = (endpoint: unknown, more: { client?: object; defaults?: object } = {}) => ({
  client: { paginator: { type: 'page_number', total_path: 'pages' }, ...more.client },
  ...(more.defaults && { resource_defaults: { endpoint: more.defaults } }),
  resources: [
    { name: 'posts', endpoint: { data_selector: 'data', paginator: { type: 'page_number', total_path: 'pages' } } },
    { name: 'child', endpoint },
  ],
})

async function child(...settings: Parameters<typeof config>) {
  const server = await serve(blog)
  const { ids, rows } = await read(server, config(...settings), { stream: 'child' })
  return { ids, rows, requests: server.requests.length - 1 }
}

const six = (what: string) => [1, 2].flatMap((post) => [1, 2, 3].map((number) => `${what} of ${post}-${number}`))

it('are one page and one row each, whatever lists the row holds and the client pages by', async () => {
  for (const path of ['posts/{resources.posts.id}', '/posts/{resources.posts.id}/', 'posts/{resources.posts.id}?a=b']) {
    const { ids, rows, requests } = await child(path)
    assert.equal([ids, requests], [[1, 2], 2], path)
    assert.equal(rows[0]?.['tags'], ['a', 'b'])
  }
})

it('may be written in the older form too', async () => {
  const params = { id: { type: 'resolve', resource: 'posts', field: 'id' } }
  assert.equal((await child({ path: 'posts/{id}', params })).ids, [1, 2])
})

it('are not those that end in something else: a list below an entity is paged', async () => {
  const { ids, requests } = await child({ path: 'posts/{resources.posts.id}/comments', data_selector: 'data' })
  assert.equal([ids, requests], [six('comments'), 4])
  assert.equal((await child('posts/{resources.posts.id}/comments')).ids, six('comments'))
})

it('are not those with the placeholder in the query: a list about an entity is paged', async () => {
  for (const endpoint of ['c?post={resources.posts.id}', { path: 'c', params: { post: '{resources.posts.id}' } }]) {
    const { ids, requests } = await child(endpoint)
    assert.equal([ids, requests], [six('c'), 4])
  }
})

it('are not those where the placeholder is a part of the last segment', async () => {
  for (const path of ['list-{resources.posts.id}', '{resources.posts.id}.json']) {
    const server = await serve(({ path: asked, query }) =>
      asked === '/posts' ? { json: [{ id: 1 }] } : { json: { data: query.get('page') === '0' ? [{ id: 2 }] : [] } },
    )
    const resources = [
      { name: 'posts', endpoint: { paginator: 'single_page' } },
      { name: 'child', endpoint: path },
    ]
    const { ids } = await read(server, { client: { paginator: 'page_number' }, resources }, { stream: 'child' })
    assert.equal([ids, server.requests.length], [[2], 3], path)
  }
})

it('give way to a paginator and a selector of the endpoint, and of the defaults', async () => {
  const path = 'posts/{resources.posts.id}'
  assert.equal((await child({ path, data_selector: 'data' })).ids, ['no row', 'no row'])
  assert.equal((await child({ path: 'posts' }, { defaults: { data_selector: 'data' } })).ids, [1, 2])
  assert.equal((await child(path, { defaults: { data_selector: 'data' } })).ids, ['no row', 'no row'])
  const two = { type: 'page_number', maximum_page: 2 }
  const byPage = await child({ path, paginator: two })
  assert.equal([byPage.ids.length, byPage.requests], [4, 4])
})

it.run()
