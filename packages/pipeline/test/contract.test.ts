import { join } from 'node:path'
import type { MillraceEvent, Page, Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type RunReport, run, type SchemaHints, type Source, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('the schema contract of a stream')

interface Load {
  readonly folder: string
  readonly pages: readonly (readonly Row[])[]
  readonly schema?: SchemaHints
  readonly stream?: Partial<Stream>
  readonly failAt?: number
  readonly emit?: (event: MillraceEvent) => void
}

function load({ folder, pages, schema, stream, failAt, emit = () => {} }: Load): Promise<RunReport> {
  async function* read({ checkpoint }: Parameters<Stream['read']>[0]): AsyncGenerator<Page> {
    for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
      if (page === failAt) throw new Error('gone')
      yield { rows: pages[page] ?? [], position: { page: page + 1 } }
    }
  }
  const orders: Stream = { name: 'orders', disposition: 'append', ...stream, ...(schema && { schema }), read }
  const source: Source = { name: 'test', streams: () => [orders] }
  return run(source, lake(folder), { emit })
}

const rowsIn = async (folder: string, table = 'orders'): Promise<unknown[]> => [
  ...(await readDelta(join(folder, table), '1')).rows,
]

it('lets the first run make the table, and holds later ones to it', async () => {
  await withTempFolder(async (folder) => {
    const schema: SchemaHints = { contract: { columns: 'freeze', dataType: 'freeze' } }
    await load({ folder, schema, pages: [[{ id: 1 }], [{ id: 2, note: 'x' }]] })
    const column = await failureOf(load({ folder, schema, pages: [[{ id: 3 }], [{ id: 4, more: 1 }]] }))
    assert.is(column.code, 'E_SCHEMA_FROZEN')
    assert.match(column.message, 'row 0 brings a column "more" (1)')
    assert.equal([column.context['stream'], column.context['page']], ['orders', 2])
    const type = await failureOf(load({ folder, schema, pages: [[{ id: 3 }], [{ id: 'n/a' }]] }))
    assert.match(type.message, 'row 0 has "n/a" in column "id" of type Int64')
    assert.is((await rowsIn(folder)).length, 2)
  })
})

it('counts what it drops, with a sample, in events and in the report', async () => {
  await withTempFolder(async (folder) => {
    await load({ folder, pages: [[{ id: 1, note: 'x' }]] })
    const events: MillraceEvent[] = []
    const report = await load({
      folder,
      schema: { contract: { columns: 'discardValue', dataType: 'discardRow' } },
      pages: [
        [{ id: 2, more: 'a' }, { id: 3, more: 'b' }, { id: 'x' }],
        [{ id: 4.5 }, { id: 5, more: null }, { id: 6, more: 'c' }],
      ],
      emit: (event) => events.push(event),
    })
    const [stream] = report.streams
    assert.equal([stream?.read, stream?.inserted, stream?.tableRows], [6, 4, 5])
    assert.equal(stream?.discarded, [
      { table: 'orders', dropped: 'row', reason: 'type', column: 'id', count: 2, sample: '"x"' },
      { table: 'orders', dropped: 'value', reason: 'column', column: 'more', count: 3, sample: '"a"' },
    ])
    assert.equal(
      events.flatMap((event) => (event.type === 'discarded' ? [[event.dropped, event.count, event.sample]] : [])),
      [
        ['row', 1, '"x"'],
        ['value', 2, '"a"'],
        ['row', 1, '4.5'],
        ['value', 1, '"c"'],
      ],
    )
    assert.equal(
      (await rowsIn(folder)).map((row) => (row as Row)['id']),
      ['1', '2', '3', '5', '6'],
    )
  })
})

it('is the same for a first run that died and went on: the table is still being made', async () => {
  await withTempFolder(async (folder) => {
    const schema: SchemaHints = { contract: { columns: 'freeze' } }
    const pages = [[{ id: 1 }], [{ id: 2, note: 'x' }]]
    await failureOf(load({ folder, schema, pages, failAt: 1 }))
    const report = await load({ folder, schema, pages })
    assert.equal([report.streams[0]?.resumedPages, report.streams[0]?.tableRows], [1, 2])
    assert.is((await failureOf(load({ folder, schema, pages: [[{ id: 3, other: 1 }]] }))).code, 'E_SCHEMA_FROZEN')
  })
})

it('lets no new table be made, and so no table of nested rows either', async () => {
  await withTempFolder(async (folder) => {
    const frozen: SchemaHints = { contract: { tables: 'freeze' }, nested: 'tables' }
    const root = await failureOf(load({ folder, schema: frozen, pages: [[{ id: 1 }]] }))
    assert.is(root.code, 'E_SCHEMA_FROZEN')
    await load({ folder, schema: { nested: 'tables' }, pages: [[{ id: 1 }]] })
    const child = await failureOf(load({ folder, schema: frozen, pages: [[{ id: 2, items: [{ no: 1 }] }]] }))
    assert.is(child.code, 'E_SCHEMA_FROZEN')
    assert.match(child.message, 'orders__items')

    const report = await load({
      folder,
      schema: { contract: { tables: 'discardRow' }, nested: 'tables' },
      pages: [[{ id: 2, items: [{ no: 1 }, { no: 2 }] }]],
    })
    assert.equal(report.streams[0]?.discarded, [{ table: 'orders__items', dropped: 'row', reason: 'table', count: 2 }])
    assert.is((await rowsIn(folder)).length, 2)
  })
})

it('names the row of the page where a key is missing among rows that were dropped', async () => {
  await withTempFolder(async (folder) => {
    const stream = { disposition: 'merge', primaryKey: ['id'] } as const
    await load({ folder, stream, pages: [[{ id: 1, n: 1 }]] })
    const failure = await failureOf(
      load({
        folder,
        stream,
        schema: { contract: { dataType: 'discardRow' } },
        pages: [[{ id: 2, n: 'x' }, { id: 3, n: 3 }, { n: 4 }]],
      }),
    )
    assert.is(failure.code, 'E_KEY_MISSING')
    assert.match(failure.message, 'row 2 (counted from 0) of the page has nothing in its primary key "id"')
  })
})

it.run()
