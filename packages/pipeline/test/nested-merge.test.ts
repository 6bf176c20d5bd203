import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page, Row } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { type MergeHints, type RunReport, run, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('merges of rows with tables of nested rows')

interface Bench {
  readonly folder: string
  /** One run over pages that are read from their beginning. */
  load(
    pages: readonly (readonly Row[])[],
    merge?: MergeHints,
    more?: Partial<Stream>,
    options?: Parameters<typeof run>[2],
  ): Promise<RunReport>
  /** `id: skus` of each row of the table, by what ties them together; what belongs to no row stands at the end. */
  orders(): Promise<readonly string[]>
  /** Rows of a table. */
  count(table: string): Promise<number>
}

async function inLake(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const rowsOf = async (table: string): Promise<readonly Row[]> =>
      (await openLake(folder).tables()).includes(table) ? (await readDelta(join(folder, table))).rows : []
    await use({
      folder,
      load: (pages, merge = {}, more = {}, options = {}) => {
        const stream: Stream = {
          name: 'orders',
          primaryKey: ['id'],
          disposition: 'merge',
          merge,
          schema: { nested: 'tables' },
          readsAll: () => true,
          isFinished: (position) => position['page'] === pages.length,
          async *read({ checkpoint }): AsyncGenerator<Page> {
            for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
              yield { rows: pages[page] ?? [], position: { page: page + 1 } }
            }
          },
          ...more,
        }
        return run({ name: 'test', streams: () => [stream] }, lake(folder), options)
      },
      orders: async () => {
        const items = await rowsOf('orders__items')
        const own = (id: unknown): string =>
          items
            .filter((item) => item['_dlt_root_id'] === id && item['_dlt_parent_id'] === id)
            .sort((a, b) => Number(a['_dlt_list_idx']) - Number(b['_dlt_list_idx']))
            .map(({ sku }) => sku)
            .join('')
        const orders = await rowsOf('orders')
        const ids = new Set(orders.map(({ _dlt_id: id }) => id))
        const lost = items.filter((item) => !ids.has(item['_dlt_root_id'])).map(({ sku }) => `lost ${sku}`)
        return [...orders.map(({ id, _dlt_id: own_ }) => `${id}: ${own(own_)}`).sort(), ...lost]
      },
      count: async (table) => (await rowsOf(table)).length,
    })
  })
}

/** An order with items of these names. */
const order = (id: number, skus: string, more: Row = {}): Row => ({
  id,
  ...more,
  items: [...skus].map((sku) => ({ sku })),
})

const first = [[order(1, 'ab'), order(2, 'c')], [order(3, 'def')]]

it('leave of each row those of its last arrival, also where that has none, and of rows that did not come all', async () => {
  await inLake(async ({ load, orders }) => {
    await load(first)
    assert.equal(await orders(), ['1: ab', '2: c', '3: def'])
    const report = await load([[order(1, 'xyz'), order(2, 'q'), order(4, 'r')], [order(2, '')], [order(1, 'b')]])
    assert.equal(await orders(), ['1: b', '2: ', '3: def', '4: r'])
    const [{ inserted, updated, nested = [] } = {}] = report.streams
    assert.equal([inserted, updated], [1, 2])
    assert.equal(
      nested.map((each) => [each.table, each.inserted, each.deleted, each.tableRows]),
      [['orders__items', 2, 3, 5]],
    )
    await load([[{ id: 3 }]])
    assert.equal(await orders(), ['1: b', '2: ', '3: ', '4: r'])
  })
})

it('reach every level, and tables that come later', async () => {
  await inLake(async ({ load, count }) => {
    const deep = (id: number, sizes: readonly number[], more: Row = {}): Row => ({
      id,
      items: [{ sku: 'a', sizes }],
      ...more,
    })
    await load([[deep(1, [1, 2]), deep(2, [3])]])
    assert.equal([await count('orders__items'), await count('orders__items__sizes')], [2, 3])
    await load([[deep(1, [], { notes: ['n', 'm'] })]])
    assert.equal(
      [await count('orders__items'), await count('orders__items__sizes'), await count('orders__notes')],
      [2, 1, 2],
    )
    await load([[{ id: 1 }, { id: 2 }]])
    for (const table of ['orders__items', 'orders__items__sizes', 'orders__notes'])
      assert.is(await count(table), 0, table)
  })
})

it('write nothing again of rows that come as they are', async () => {
  await inLake(async ({ load, orders }) => {
    await load(first)
    const { streams } = await load([...first, [order(2, 'c')]])
    const tables = [streams[0], ...(streams[0]?.nested ?? [])]
    assert.equal(
      tables.map((each) => [each?.filesAdded, each?.filesRemoved, each?.inserted, each?.updated, each?.deleted]),
      [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ],
    )
    // Only what is nested in it is another.
    const { streams: changed } = await load([[order(2, 'C')]])
    assert.equal([changed[0]?.updated, changed[0]?.inserted], [1, 0])
    assert.equal(await orders(), ['1: ab', '2: C', '3: def'])
  })
})

it('follow the rows by every rule', async () => {
  const cases: readonly (readonly [string, MergeHints, readonly (readonly Row[])[], readonly string[]])[] = [
    [
      'a late row does not win, here or in the load',
      { dedupSort: { column: 'n', order: 'desc' } },
      [[order(1, 'new', { n: 5 })], [order(1, 'late', { n: 4 }), order(2, 'l', { n: 0 }), order(3, '', { n: 3 })]],
      ['1: new', '2: c', '3: '],
    ],
    [
      'a row that is deleted takes its own along, and one that is there stays',
      { hardDelete: 'gone' },
      [[order(1, 'x', { gone: true }), order(2, 'y', { gone: false }), order(9, 'z', { gone: true })]],
      ['2: y', '3: def'],
    ],
    [
      'only rows that are new bring theirs',
      { strategy: 'insert-only' },
      [[order(1, 'x'), order(4, 'y')]],
      ['1: ab', '2: c', '3: def', '4: y'],
    ],
    ['rows that the source has no more', { deletedRows: 'remove' }, [[order(3, 'd')]], ['3: d']],
    ['rows that are marked keep theirs', { deletedRows: 'mark' }, [[order(3, 'd')]], ['1: ab', '2: c', '3: d']],
    ['parts of the table are replaced', { mergeKey: ['n'] }, [[order(7, 'x', { n: 1 })]], ['3: def', '7: x']],
  ]
  for (const [told, merge, pages, expected] of cases) {
    await inLake(async ({ load, orders }) => {
      const n = [1, 1, 3]
      await load(
        first.map((rows) => rows.map((row) => ({ ...row, n: n[Number(row['id']) - 1] }))),
        merge,
      )
      await load(pages, merge)
      assert.equal(await orders(), expected, told)
    })
  }
})

it('keep those of every version of a row, and those of versions that are the same once', async () => {
  await inLake(async ({ load, orders, count }) => {
    const versions: MergeHints = { strategy: 'scd2' }
    await load([[order(1, 'ab'), order(2, 'c')]], versions)
    await load([[order(1, 'x'), order(2, 'c')]], versions)
    assert.equal(await orders(), ['1: ab', '1: x', '2: c'])
    await load([[order(1, 'ab'), order(2, 'c')]], versions)
    assert.equal(await orders(), ['1: ab', '1: ab', '1: x', '2: c'])
    assert.is(await count('orders__items'), 4)
  })
})

it('leave in a full refresh what the last arrivals have, and nothing of before', async () => {
  await inLake(async ({ load, orders, count }) => {
    await load([[{ ...order(1, 'ab'), notes: ['n'] }]])
    await load([[order(5, 'xy'), order(6, 'z')], [order(5, 'u')]], {}, {}, { mode: 'full-refresh' })
    assert.equal(await orders(), ['5: u', '6: z'])
    assert.is(await count('orders__notes'), 0)
  })
})

it('are the same where a stream is committed in parts', async () => {
  await inLake(async ({ load, orders }) => {
    const report = await load(
      [...first, [order(3, ''), order(1, 'x')], [order(1, 'yz')]],
      {},
      {},
      { commitEvery: { rows: 1 } },
    )
    assert.equal(await orders(), ['1: yz', '2: c', '3: '])
    assert.is(report.streams[0]?.version, 3)
  })
})

it('go on in a run that takes over a stage', async () => {
  await inLake(async ({ load, orders }) => {
    await load(first)
    const pages = [[order(1, 'xy')], [order(1, 'z'), order(2, '')]]
    const fails: Partial<Stream> = {
      async *read(): AsyncGenerator<Page> {
        yield { rows: pages[0] ?? [], position: { page: 1 } }
        throw new Error('gone')
      },
    }
    await failureOf(load(pages, {}, fails))
    assert.equal(await orders(), ['1: ab', '2: c', '3: def'])
    assert.is((await load(pages)).streams[0]?.resumedPages, 1)
    assert.equal(await orders(), ['1: z', '2: ', '3: def'])
  })
})

it('take theirs away from rows that are no more in tables, where the settings have changed', async () => {
  await inLake(async ({ load, orders }) => {
    await load(first)
    await load([[order(1, 'x')]], {}, { schema: { nested: 'json' } })
    assert.equal(await orders(), ['1: ', '2: c', '3: def'])
    await load([[order(1, 'x'), order(2, 'c')]])
    assert.equal(await orders(), ['1: x', '2: c', '3: def'])
  })
})

it('change nothing where a table refuses, and go on when it does no more', async () => {
  await inLake(async ({ load, orders, folder }) => {
    await load(first)
    // Somebody says of the rows' own table, which is committed last, that nothing may be taken out of it.
    const log = join(folder, 'orders', '_delta_log')
    const made = (await readFile(join(log, `${'0'.repeat(20)}.json`), 'utf8')).trim().split('\n')
    const { metaData } = Object.assign({}, ...made.map((line) => JSON.parse(line) as object)) as {
      metaData: { configuration: object }
    }
    const configuration = { ...metaData.configuration, 'delta.appendOnly': 'true' }
    const said = join(log, `${'0'.repeat(19)}1.json`)
    await writeFile(said, `${JSON.stringify({ metaData: { ...metaData, configuration } })}\n`)
    const pages = [[order(1, 'x'), order(2, '')]]
    const refused = await failureOf(load(pages))
    assert.is(refused.code, 'E_UNSUPPORTED_TABLE')
    assert.equal(await orders(), ['1: ab', '2: c', '3: def'])
    await rm(said)
    assert.is((await load(pages)).streams[0]?.resumedPages, 1)
    assert.equal(await orders(), ['1: x', '2: ', '3: def'])
  })
})

it('refuse rows that nothing tells apart, ids of their own, and tables that take no ids', async () => {
  await inLake(async ({ load, orders }) => {
    const keyless = await failureOf(load(first, { mergeKey: ['n'] }, { primaryKey: [] }))
    assert.is(keyless.code, 'E_STREAM_INVALID')
    assert.match(keyless.message, /^primaryKey of stream "orders" is missing: of rows that are the same/)
    const own = await failureOf(load([[order(1, 'a', { _dlt_id: 'mine' })]]))
    assert.is(own.code, 'E_VALUE')
    assert.match(own.message, /^row 0 brings a "_dlt_id" of its own/)
    await load([[{ id: 1 }]], {}, { schema: { nested: 'native' } })
    const schema = { nested: 'tables', contract: { columns: 'discardValue' } } as const
    const kept = await failureOf(load([[order(1, 'a')]], {}, { schema }))
    assert.is(kept.code, 'E_SCHEMA_CONFLICT')
    assert.match(kept.message, /^column "_dlt_id" of table "orders" takes no ids/)
    assert.equal(await orders(), ['1: '])
  })
})

it('are refused to a second pipeline, before anything is changed', async () => {
  await inLake(async ({ folder, load, orders }) => {
    await load(first)
    const before = await orders()
    const error = await failureOf(load([[order(1, 'x')]], {}, {}, { pipeline: 'other' }))
    assert.is(error.code, 'E_SHARED_TABLE')
    assert.match(error.message, /table "orders" is loaded by pipeline "test", too/)
    assert.equal(await orders(), before)
    const versions = await Promise.all(['orders', 'orders__items'].map((table) => openLake(folder).table(table)))
    assert.equal(
      versions.map(({ version }) => version),
      [0, 0],
    )
    await load([[order(1, 'x')]])
    assert.equal((await orders())[0], '1: x')
  })
})

it.run()
