import { join } from 'node:path'
import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock } from '../../../test/support/fake-clock.ts'
import { type Handler, type HttpServer, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { settle } from '../../../test/support/turns.ts'
import { configuredSource, createServe, type FileConfig } from './configured-api.ts'

const it = suite('a REST source, stopped in order')
const serve = createServe(it)
const reason = new Error('stopped by a person')

/** A shop: 5 posts in pages of 2; each has 3 comments in pages of 2, and one like. */
const shop: Handler = ({ path, query }): Reply => {
  const page = Number(query.get('page') ?? 0)
  const paged = (ids: readonly number[]): Reply => ({
    json: { data: ids.slice(page * 2, page * 2 + 2).map((id) => ({ id })), pages: Math.ceil(ids.length / 2) },
  })
  const [, , id = '', below] = path.split('/')
  if (id === '') return paged([1, 2, 3, 4, 5])
  return paged(below === 'likes' ? [Number(id)] : [1, 2, 3].map((number) => Number(id) * 100 + number))
}

const expected = {
  posts: [1, 2, 3, 4, 5],
  comments: [1, 2, 3, 4, 5].flatMap((post) => [1, 2, 3].map((number) => post * 100 + number)),
  likes: [1, 2, 3, 4, 5],
}

/** 3 pages of posts, for each post 2 of comments and 1 of likes. */
const requests = 18

function family(parallelized: boolean): FileConfig {
  return {
    client: { paginator: { type: 'page_number', total_path: 'pages' } },
    resource_defaults: { endpoint: { data_selector: 'data' } },
    resources: [
      'posts',
      { name: 'comments', parallelized, endpoint: { path: 'posts/{resources.posts.id}/comments' } },
      { name: 'likes', endpoint: { path: 'posts/{resources.posts.id}/likes' } },
    ],
  }
}

/** Stops a run at its n-th request, and lets the next one go to the end. Returns false where there is no n-th. */
async function stopAt(nth: number, server: HttpServer, stopper: { onRequest(): void }, config: FileConfig) {
  let wasStopped = false
  await withTempFolder(async (folder) => {
    const stop = new AbortController()
    const before = server.requests.length
    stopper.onRequest = () => {
      if (server.requests.length - before === nth) stop.abort(reason)
    }
    const source = configuredSource(server, config, { name: 'shop' })
    const outcome = await run(source, lake(folder), { stop: stop.signal }).catch((thrown: unknown) => thrown)
    wasStopped = outcome === reason
    if (stop.signal.aborted && !wasStopped) throw outcome
    if (wasStopped) await run(source, lake(folder))
    for (const [table, ids] of Object.entries(expected)) {
      const { rows } = await readDelta(join(folder, table), 'id')
      assert.equal(
        rows.map(({ id }) => Number(id)),
        ids,
        `stopped at request ${nth}: ${table}`,
      )
    }
    const urls = server.requests.slice(before).map(({ url }) => url)
    const again = urls.length - new Set(urls).size
    // Of the pages of the parent one, where some have taken it and others not; with several children at once those ahead.
    const most = config.resources.some((each) => (each as { parallelized?: boolean }).parallelized) ? 5 : 1
    assert.ok(again <= most, `stopped at request ${nth}: ${again} pages were fetched again`)
  })
  return wasStopped
}

for (const parallelized of [false, true]) {
  const how = parallelized ? 'several parents at once' : 'one after the other'
  it(`stops parents and children at any request, ${how}, and the next run converges`, async () => {
    const stopper = { onRequest: (): void => {} }
    const server = await serve((request, index) => {
      stopper.onRequest()
      return shop(request, index)
    })
    const config = family(parallelized)
    for (let nth = parallelized ? 2 : 1; nth <= requests; nth += 2) {
      assert.ok(await stopAt(nth, server, stopper, config), `request ${nth}`)
    }
    assert.not(await stopAt(requests + 1, server, stopper, config))
  })
}

it('does not sit through a pause that the server asked for, nor through the wait for a retry', async () => {
  for (const reply of [{ status: 429, headers: { 'retry-after': '600' } }, { status: 503 }] satisfies Reply[]) {
    await withTempFolder(async (folder) => {
      const clock = createFakeClock()
      const server = await startHttpServer((_, index) =>
        index === 0 ? { json: { data: [{ id: 1 }], next: '/things?page=2' } } : reply,
      )
      const config = {
        client: { paginator: { type: 'json_link', next_url_path: 'next' } },
        resources: [{ name: 'things', endpoint: { data_selector: 'data' } }, 'others'],
      }
      const stop = new AbortController()
      const source = configuredSource(server, config, { name: 'shop', clock })
      const running = rejection(run(source, lake(folder), { stop: stop.signal }))
      // One waits for a retry of its own, the other for that or for the pause.
      while (server.requests.length < 2 || clock.sleeping === 0) await settle(1)
      stop.abort(reason)
      assert.is(await running, reason)
      assert.is(clock.sleeping, 0)
      await server.close()
    })
  }
})

it.run()
