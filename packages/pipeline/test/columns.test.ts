import { join } from 'node:path'
import { fromJsonSchema } from '@millrace/arrow'
import type { MillraceEvent, Page, Row } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { previewTables, run, type SchemaHints, type Source, type Stream } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('columns of a stream')

interface Options extends Partial<Stream> {
  readonly fail?: (page: number) => void
}

/** A stream of these pages, which goes on where a run stopped. */
function streamOf(pages: readonly (readonly Row[])[], schema: SchemaHints | undefined, options: Options = {}): Stream {
  const { fail, ...rest } = options
  return {
    name: 'orders',
    disposition: 'append',
    ...(schema && { schema }),
    ...rest,
    async *read({ checkpoint }): AsyncGenerator<Page> {
      for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
        fail?.(page)
        yield { rows: pages[page] ?? [], position: { page: page + 1 } }
      }
    },
  }
}

const sourceOf = (...streams: Stream[]): Source => ({ name: 'test', streams: () => streams })

async function columnsOf(folder: string, table = 'orders'): Promise<Record<string, string>> {
  const { fields } = (await openLake(folder).table(table)).schema
  return Object.fromEntries(fields.map(({ name, type, nullable }) => [name, String(type) + (nullable ? '' : '!')]))
}

it('are there from the start where they are declared, with their types', async () => {
  await withTempFolder(async (folder) => {
    const schema: SchemaHints = {
      columns: {
        id: { dataType: 'bigint', nullable: false },
        note: { dataType: 'text' },
        later: { dataType: 'timestamp' },
        extra: { dataType: 'json' },
      },
    }
    await run(sourceOf(streamOf([[{ new: true, note: 5, id: 1, extra: { a: 1 } }]], schema)), lake(folder))
    assert.equal(await columnsOf(folder), {
      id: 'Int64!',
      note: 'Utf8',
      later: 'Timestamp<MICROSECOND, UTC>',
      extra: 'Utf8',
      new: 'Bool',
    })
    const { rows } = await readDelta(join(folder, 'orders'))
    assert.equal([rows[0]?.['note'], rows[0]?.['extra']], ['5', '{"a":1}'])
  })
})

it('are there in a stream without a row, too', async () => {
  await withTempFolder(async (folder) => {
    const report = await run(sourceOf(streamOf([[]], { columns: { id: { dataType: 'bigint' } } })), lake(folder))
    assert.is(report.streams[0]?.version, 0)
    assert.equal(await columnsOf(folder), { id: 'Int64' })
  })
})

it('are taken from an Arrow schema, structs and lists and all', async () => {
  await withTempFolder(async (folder) => {
    const columns = fromJsonSchema({
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'integer' },
        buyerData: { type: 'object', properties: { firstName: { type: 'string' } } },
      },
    })
    const rows = [{ id: 1, buyerData: { firstName: 'Zoë' } }]
    await run(sourceOf(streamOf([rows], { columns, names: 'snake_case' })), lake(folder))
    assert.equal(await columnsOf(folder), { id: 'Int64!', buyer_data: 'Struct<{first_name:Utf8}>' })
  })
})

it('keep what the table has: a type or a null declared otherwise ends the run, naming both', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(streamOf([[{ id: 1, name: 'a' }]], undefined)), lake(folder))
    const again = (schema: SchemaHints): Promise<unknown> =>
      run(sourceOf(streamOf([[{ id: 2 }]], schema)), lake(folder))
    const other = await failureOf(again({ columns: { name: { dataType: 'bigint' } } }))
    assert.is(other.code, 'E_SCHEMA_CONFLICT')
    assert.match(other.message, 'column "name" of table "orders" is of type Utf8, and is declared as of type Int64')
    const strict = await failureOf(again({ columns: { id: { dataType: 'bigint', nullable: false } } }))
    assert.is(strict.code, 'E_SCHEMA_CONFLICT')
    assert.match(strict.message, 'is one that may be null, and is declared as one that may not')
    await again({ columns: { id: { dataType: 'bigint' }, more: { dataType: 'bool' } } })
    assert.equal(await columnsOf(folder), { id: 'Int64', name: 'Utf8', more: 'Bool' })
  })
})

it('that may not be null let no row in without a value, and say which', async () => {
  await withTempFolder(async (folder) => {
    const schema: SchemaHints = { columns: { id: { dataType: 'bigint', nullable: false } } }
    const failure = await failureOf(run(sourceOf(streamOf([[{ id: 1 }], [{ id: 2 }, { a: 1 }]], schema)), lake(folder)))
    assert.is(failure.code, 'E_NOT_NULL')
    assert.match(failure.message, /^row 1 has nothing in column "id".*stream "orders", page 2/)
  })
})

it('have the names that dlt gives them, the primary key too, and a key that is missing is named so', async () => {
  await withTempFolder(async (folder) => {
    const merge: Options = { disposition: 'merge', primaryKey: ['orderId'] }
    const schema: SchemaHints = { names: 'snake_case', columns: { totalPrice: { dataType: 'double' } } }
    const rows = [{ orderId: 1, 'Line-Items': [{ skuNo: 'a' }] }]
    await run(sourceOf(streamOf([rows], schema, merge)), lake(folder))
    await run(sourceOf(streamOf([[{ orderId: 1, totalPrice: 5 }]], schema, merge)), lake(folder))
    const { rows: found } = await readDelta(join(folder, 'orders'))
    assert.equal(found, [{ total_price: 5, order_id: '1', line_items: null }])
    const failure = await failureOf(run(sourceOf(streamOf([[{ orderId: null }]], schema, merge)), lake(folder)))
    assert.is(failure.code, 'E_KEY_MISSING')
    assert.match(failure.message, 'has null in its primary key "order_id"')
  })
})

it('with one name are an error, on whatever pages they stand', async () => {
  await withTempFolder(async (folder) => {
    const pages = [[{ userId: 1 }], [{ user_id: 2 }]]
    const failure = await failureOf(run(sourceOf(streamOf(pages, { names: 'snake_case' })), lake(folder)))
    assert.is(failure.code, 'E_COLUMN_COLLISION')
    assert.match(failure.message, /the keys "userId" and "user_id".*page 2/)
  })
})

it('hold nested values as JSON text where that is asked for', async () => {
  await withTempFolder(async (folder) => {
    const rows = [{ id: 1, buyerData: { firstName: 'Zoë' }, tags: ['a'] }]
    await run(sourceOf(streamOf([rows], { nested: 'json', names: 'snake_case' })), lake(folder))
    const { rows: found } = await readDelta(join(folder, 'orders'))
    assert.equal(found, [{ id: '1', buyer_data: '{"firstName":"Zoë"}', tags: '["a"]' }])
  })
})

const nestedPages = [
  [{ id: 1, buyer: { name: 'Zoë' }, items: [{ sku: 'a', sizes: [1, 2] }] }],
  [{ id: 2, items: [] }],
  [{ id: 3, items: [{ sku: 'b' }, { sku: 'c', gift: true }] }],
]

it('make tables of nested rows, which fit together and are reported with their stream', async () => {
  await withTempFolder(async (folder) => {
    const events: MillraceEvent[] = []
    const report = await run(sourceOf(streamOf(nestedPages, { nested: 'tables' })), lake(folder), {
      emit: (event) => void events.push(event),
    })
    const [stream] = report.streams
    assert.is(report.streams.length, 1)
    assert.equal([stream?.table, stream?.read, stream?.inserted, stream?.tableRows], ['orders', 3, 3, 3])
    assert.equal(
      stream?.nested?.map(({ table, inserted, tableRows, version }) => [table, inserted, tableRows, version]),
      [
        ['orders__items', 3, 3, 0],
        ['orders__items__sizes', 2, 2, 0],
      ],
    )
    const tables = await Promise.all(
      ['orders', 'orders__items', 'orders__items__sizes'].map(
        async (name) => (await readDelta(join(folder, name))).rows,
      ),
    )
    const [orders = [], items = [], sizes = []] = tables
    const idOf = (rows: typeof orders, key: string, value: unknown): unknown =>
      rows.find((row) => row[key] === value)?.['_dlt_id']
    assert.is(orders.find(({ id }) => id === '1')?.['buyer__name'], 'Zoë')
    const [b, c] = ['b', 'c'].map((sku) => items.find((row) => row['sku'] === sku))
    assert.equal(
      [b?.['_dlt_parent_id'], b?.['_dlt_list_idx'], c?.['_dlt_list_idx']],
      [idOf(orders, 'id', '3'), '0', '1'],
    )
    for (const size of sizes) {
      assert.is(size['_dlt_parent_id'], idOf(items, 'sku', 'a'))
      assert.is(size['_dlt_root_id'], idOf(orders, 'id', '1'))
    }
    const added = events.flatMap((event) => (event.type === 'column-added' ? [`${event.stream}: ${event.column}`] : []))
    assert.ok(added.includes('orders: buyer__name') && added.includes('orders: orders__items.sku'), added.join())
    const commits = events.flatMap((event) =>
      event.type === 'commit' ? [[event.stream, event.table, event.rows]] : [],
    )
    assert.equal(commits, [
      ['orders', 'orders', 3],
      ['orders', 'orders__items', 3],
      ['orders', 'orders__items__sizes', 2],
    ])
  })
})

it('go on with their tables in the next run, and replace all of them in a full refresh', async () => {
  await withTempFolder(async (folder) => {
    const count = async (table: string): Promise<number> => (await readDelta(join(folder, table))).rows.length
    const source = sourceOf(streamOf(nestedPages, { nested: 'tables' }))
    await run(source, lake(folder))
    await run(source, lake(folder))
    assert.equal(await Promise.all(['orders', 'orders__items', 'orders__items__sizes'].map(count)), [6, 6, 4])
    const report = await run(sourceOf(streamOf([[{ id: 9 }]], { nested: 'tables' })), lake(folder), {
      mode: 'full-refresh',
    })
    assert.equal(await Promise.all(['orders', 'orders__items', 'orders__items__sizes'].map(count)), [1, 0, 0])
    assert.equal(
      report.streams[0]?.nested?.map(({ deleted }) => deleted),
      [6, 4],
    )
    // Nested rows of now are nested in the rows themselves: no stale ones are left beside them.
    await run(source, lake(folder), { mode: 'full-refresh' })
    await run(sourceOf(streamOf(nestedPages, undefined)), lake(folder), { mode: 'full-refresh' })
    assert.equal(await Promise.all(['orders', 'orders__items', 'orders__items__sizes'].map(count)), [3, 0, 0])
  })
})

it('take over the nested rows of a run that died with its pages', async () => {
  await withTempFolder(async (folder) => {
    const schema: SchemaHints = { nested: 'tables' }
    const fail = (page: number): void => {
      if (page === 2) throw new Error('gone')
    }
    await failureOf(run(sourceOf(streamOf(nestedPages, schema, { fail })), lake(folder)))
    const report = await run(sourceOf(streamOf(nestedPages, schema)), lake(folder))
    assert.is(report.streams[0]?.resumedPages, 2)
    assert.is((await readDelta(join(folder, 'orders__items'))).rows.length, 3)
    assert.is((await readDelta(join(folder, 'orders__items__sizes'))).rows.length, 2)
  })
})

it('keep what is nested deeper than asked for as JSON text', async () => {
  await withTempFolder(async (folder) => {
    await run(sourceOf(streamOf(nestedPages, { nested: 'tables', maxNesting: 1 })), lake(folder))
    assert.equal(await openLake(folder).tables(), ['orders', 'orders__items'])
    const { rows } = await readDelta(join(folder, 'orders__items'))
    assert.is(rows.find(({ sku }) => sku === 'a')?.['sizes'], '[1,2]')
  })
})

it('refuse structs declared for tables of nested rows', async () => {
  await withTempFolder(async (folder) => {
    const columns = fromJsonSchema({ properties: { a: { properties: { b: { type: 'integer' } } } } })
    const declared = await failureOf(run(sourceOf(streamOf([[]], { columns, nested: 'tables' })), lake(folder)))
    assert.is(declared.code, 'E_SCHEMA')
    assert.match(
      declared.message,
      'column "a" is declared as Struct<{b:Int64}>, and nested: "tables" makes other columns of it',
    )
  })
})

it('refuse a table of nested rows that another stream has the name of', async () => {
  for (const other of [{ name: 'orders__items' }, { name: 'x', table: 'orders__items' }]) {
    await withTempFolder(async (folder) => {
      const streams = [streamOf(nestedPages, { nested: 'tables' }), streamOf([], undefined, other)]
      const failure = await failureOf(run(sourceOf(...streams), lake(folder), { only: ['orders'] }))
      assert.is(failure.code, 'E_STREAM_INVALID')
      assert.match(failure.message, `go to table "orders__items", and stream "${other.name}"`)
    })
  }
})

it('name the table and the row of a nested value that no column can hold', async () => {
  await withTempFolder(async (folder) => {
    const pages = [[{ id: 1, items: [{ n: 1 }, { n: Number.NaN }] }]]
    const failure = await failureOf(run(sourceOf(streamOf(pages, { nested: 'tables' })), lake(folder)))
    assert.is(failure.code, 'E_VALUE')
    assert.match(failure.message, /^row 1, column "n" holds NaN.*nested rows for table "orders__items".*page 1/)
    assert.is(failure.context['table'], 'orders__items')
  })
})

it('drop what was staged under other settings, and may change between runs', async () => {
  const settings: readonly (SchemaHints | undefined)[] = [
    undefined,
    { nested: 'json' },
    { names: 'snake_case' },
    { nested: 'tables' },
    { nested: 'tables', maxNesting: 1 },
    { columns: { id: { dataType: 'bigint' } } },
    { columns: { id: { dataType: 'bigint' }, a: { dataType: 'text' } } },
    { contract: { columns: 'freeze' } },
  ]
  for (const [index, schema] of settings.entries()) {
    await withTempFolder(async (folder) => {
      const fail = (page: number): void => {
        if (page === 1) throw new Error('gone')
      }
      await failureOf(run(sourceOf(streamOf(nestedPages, schema, { fail })), lake(folder)))
      const same = await failureOf(run(sourceOf(streamOf(nestedPages, schema, { fail })), lake(folder)))
      assert.match(same.message, 'checkpoint kept at page 1', 'goes on under the same')
      const { contract: _, ...other } = settings[(index + 1) % settings.length] ?? {}
      const report = await run(sourceOf(streamOf(nestedPages, other)), lake(folder))
      assert.is(report.streams[0]?.resumedPages, 0, JSON.stringify([schema, other]))
      assert.match(report.warnings[0] ?? '', 'the configuration of the stream has changed')
      assert.is(report.streams[0]?.tableRows, 3)
    })
  }
})

it('come from a configuration as they do from a stream', async () => {
  await withTempFolder(async (folder) => {
    const source = restSource({
      client: { baseUrl: 'https://api.example.com' },
      resources: [
        {
          name: 'orders',
          rows: [{ orderId: 1, lineItems: [{ skuNo: 'a' }] }],
          columns: { orderId: { dataType: 'bigint', nullable: false } },
          nested: 'tables',
          names: 'snake_case',
        },
      ],
    })
    await run(source, lake(folder))
    assert.equal(await columnsOf(folder), { order_id: 'Int64!', _dlt_id: 'Utf8' })
    assert.equal(Object.keys(await columnsOf(folder, 'orders__line_items')), [
      'sku_no',
      '_dlt_parent_id',
      '_dlt_list_idx',
      '_dlt_root_id',
      '_dlt_id',
    ])
  })
})

it('can be looked at before anything is loaded', async () => {
  const tables = await previewTables(streamOf([], { nested: 'tables', names: 'snake_case' }), [
    { orderId: 1, lineItems: [{ skuNo: 'a' }] },
  ])
  assert.equal(
    tables.map(({ table, schema }) => [table, schema.names.filter((name) => !String(name).startsWith('_dlt'))]),
    [
      ['orders', ['order_id']],
      ['orders__line_items', ['sku_no']],
    ],
  )
})

it.run()
