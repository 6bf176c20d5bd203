import { join } from 'node:path'
import { lake } from '@millrace/lake'
import { type RunReport, run } from '@millrace/pipeline'
import { type ResourceConfig, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { type Fault, type Reply, startHttpServer } from '../support/http-server.ts'
import { readDelta } from '../support/read-delta.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('rows that an API no longer has')

interface Api {
  /** What there is; pages of two. */
  rows: readonly { readonly id: number; readonly at: number }[]
  /** Requests for pages from this one on fail. */
  failsFrom: number
  load(resource: Partial<ResourceConfig>): Promise<RunReport>
  /** Ids, those that are marked with a minus. */
  ids(): Promise<readonly string[]>
}

async function withApi(use: (api: Api) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const answer = (query: URLSearchParams): Reply | Fault => {
      const [page, since] = [Number(query.get('page')), Number(query.get('since') ?? 0)]
      if (page >= api.failsFrom) return { status: 400, json: {} }
      return { json: api.rows.filter(({ at }) => at >= since).slice((page - 1) * 2, page * 2) }
    }
    const server = await startHttpServer(({ query }) => answer(query))
    const api: Api = {
      rows: [1, 2, 3, 4].map((id) => ({ id, at: id })),
      failsFrom: Number.POSITIVE_INFINITY,
      load: (resource) =>
        run(
          restSource({
            client: { baseUrl: server.url, paginator: { type: 'page_number', basePage: 1 } },
            resources: [
              {
                name: 'items',
                primaryKey: 'id',
                writeDisposition: { disposition: 'merge', deletedRows: 'mark' },
                ...resource,
              },
            ],
          }),
          lake(folder),
        ),
      ids: async () =>
        (await readDelta(join(folder, 'items'), 'id')).rows.map(
          ({ id, _deleted_at }) => `${_deleted_at ? '-' : ''}${id}`,
        ),
    }
    try {
      await use(api)
    } finally {
      await server.close()
    }
  })
}

it('are marked by each read that is whole, also where it takes two runs', async () => {
  await withApi(async (api) => {
    assert.equal((await api.load({})).warnings, [])
    api.rows = api.rows.filter(({ id }) => id !== 1)
    assert.equal((await api.load({})).warnings, [])
    assert.equal(await api.ids(), ['-1', '2', '3', '4'])
    api.failsFrom = 2
    await failureOf(api.load({}))
    assert.equal(await api.ids(), ['-1', '2', '3', '4'])
    api.failsFrom = Number.POSITIVE_INFINITY
    api.rows = api.rows.filter(({ id }) => id !== 4)
    const { streams, warnings } = await api.load({})
    assert.equal([streams[0]?.resumedPages, streams[0]?.deleted, warnings], [1, 1, []])
    assert.equal(await api.ids(), ['-1', '2', '3', '-4'])
  })
})

it('are left as they are by an incremental read, which says so', async () => {
  await withApi(async (api) => {
    const endpoint = {
      params: { since: '{incremental.start_value}' },
      incremental: { cursorPath: 'at', initialValue: 0 },
    }
    await api.load({ endpoint })
    api.rows = [{ id: 5, at: 5 }]
    const { warnings } = await api.load({ endpoint })
    assert.match(warnings[0] ?? '', /were left as they are.*does not read all rows there are/)
    assert.equal(await api.ids(), ['1', '2', '3', '4', '5'])
  })
})

it.run()
