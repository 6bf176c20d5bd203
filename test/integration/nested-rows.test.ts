import { join } from 'node:path'
import type { JsonValue } from '@millrace/core'
import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startHttpServer } from '../support/http-server.ts'
import { readDelta } from '../support/read-delta.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('rows nested in those of an API that change')

interface Order {
  readonly id: number
  readonly at: number
  readonly gone?: true
  readonly lines: readonly { readonly sku: string; readonly tags?: readonly string[] }[]
}

/** Loads what an API has, as its configuration says, and gives the lines and tags that are in the tables then. */
async function loadInto(
  folder: string,
  orders: readonly Order[],
): Promise<Record<'lines' | 'tags', readonly string[]>> {
  const server = await startHttpServer(({ query }) => {
    const changed = orders.filter(({ at }) => at >= Number(query.get('since')))
    const from = Number(query.get('offset'))
    return { json: changed.slice(from, from + 2) as unknown as JsonValue }
  })
  try {
    const source = restSource({
      client: { baseUrl: server.url },
      resources: [
        {
          name: 'orders',
          primaryKey: 'id',
          writeDisposition: 'merge',
          columns: { gone: { dataType: 'bool', hardDelete: true }, at: { dedupSort: 'desc' } },
          nested: 'tables',
          endpoint: {
            path: 'orders',
            paginator: { type: 'offset', limit: 2, totalPath: null },
            incremental: { cursorPath: 'at', startParam: 'since', initialValue: 0 },
          },
        },
      ],
    })
    await run(source, lake(folder), { commitEvery: { rows: 3 } })
  } finally {
    await server.close()
  }
  const [found, lines, tags] = await Promise.all(
    ['orders', 'orders__lines', 'orders__lines__tags'].map(async (name) => (await readDelta(join(folder, name))).rows),
  )
  const idOf = new Map(found?.map(({ id, _dlt_id: own }) => [own, id]))
  const skuOf = new Map(lines?.map(({ sku, _dlt_id: own }) => [own, sku]))
  return {
    lines: (lines ?? []).map(({ sku, _dlt_root_id: root }) => `${idOf.get(root)} ${sku}`).sort(),
    tags: (tags ?? []).map(({ value, _dlt_parent_id: parent }) => `${skuOf.get(parent)} ${value}`).sort(),
  }
}

it('are those of the newest version of each row, run after run', async () => {
  await withTempFolder(async (folder) => {
    const first: readonly Order[] = [
      { id: 1, at: 1, lines: [{ sku: 'a', tags: ['x', 'y'] }, { sku: 'b' }] },
      { id: 2, at: 2, lines: [{ sku: 'c', tags: ['z'] }] },
      { id: 3, at: 3, lines: [{ sku: 'd' }] },
    ]
    assert.equal(await loadInto(folder, first), { lines: ['1 a', '1 b', '2 c', '3 d'], tags: ['a x', 'a y', 'c z'] })
    const next: readonly Order[] = [
      { id: 1, at: 5, lines: [{ sku: 'B', tags: ['w'] }] },
      // Late: the one behind it is newer, and comes with another commit.
      { id: 4, at: 7, lines: [{ sku: 'new' }] },
      { id: 2, at: 8, gone: true, lines: [{ sku: 'c' }] },
      { id: 4, at: 6, lines: [{ sku: 'old', tags: ['old'] }] },
      { id: 3, at: 9, lines: [] },
    ]
    const expected = { lines: ['1 B', '4 new'], tags: ['B w'] }
    assert.equal(await loadInto(folder, [...first.slice(2), ...next]), expected)
    assert.equal(await loadInto(folder, [...first.slice(2), ...next]), expected, 'what comes again changes nothing')
  })
})

it.run()
