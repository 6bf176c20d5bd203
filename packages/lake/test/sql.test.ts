import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { lake, openLake, optimizeLake } from '@millrace/lake'
import { run, type Source, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { editCommit } from './edit-commit.ts'
import { rowsOf } from './load-rows.ts'

const it = suite('a table as a query for DuckDB')

function source(rows: readonly Record<string, unknown>[], stream: Partial<Stream> = {}): Source {
  const read: Stream['read'] = async function* () {
    yield { rows, position: { done: true } }
  }
  return { name: 'shop', streams: () => [{ name: 'events', disposition: 'append', read, ...stream }] }
}

async function query(sql: string, view: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(`CREATE VIEW events AS ${view}`)
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

it('is a view of all rows, with columns that some files lack, or all of them', async () => {
  await withTempFolder(async (home) => {
    // A folder whose name is a pattern to DuckDB, and looks like a partition.
    const folder = join(home, "year=2024 [1] it's")
    const declared = { schema: { columns: { never: { dataType: 'decimal', precision: 9, scale: 2 } } } } as const
    await run(source([{ id: 1, 'first "name"': 'Ada' }], declared), lake(folder))
    await run(source([{ id: 2, tags: ['a', 'b'], 'first "name"': 'Grace' }], declared), lake(folder))
    const table = await openLake(folder).table('events')
    assert.is(table.files.length, 2)
    const rows = await query(`SELECT id, "first ""name""", tags, never FROM events ORDER BY id`, table.sql())
    assert.equal(rows, [
      ['1', 'Ada', null, null],
      ['2', 'Grace', ['a', 'b'], null],
    ])
    const types = await query('SELECT column_name, column_type FROM (DESCRIBE events)', table.sql())
    assert.equal(Object.fromEntries(types as [string, string][]), {
      never: 'DECIMAL(9,2)',
      id: 'BIGINT',
      'first "name"': 'VARCHAR',
      tags: 'VARCHAR[]',
    })
  })
})

it('has no column that the files have and the table does not, and neither has what is read and merged', async () => {
  await withTempFolder(async (folder) => {
    await run(source([{ id: 1, gone: 'x', last: true }]), lake(folder))
    await run(source([{ id: 2, last: false }]), lake(folder))
    await editCommit(join(folder, 'events', '_delta_log', `${'0'.repeat(19)}1.json`), (text) =>
      text.replace(/\{\\"name\\":\\"gone\\".*?\},/, ''),
    )
    const table = await openLake(folder).table('events')
    assert.equal(table.schema.names, ['id', 'last'])
    assert.equal(await query('SELECT * FROM events ORDER BY id', table.sql()), [
      ['1', true],
      ['2', false],
    ])
    assert.equal(await rowsOf(folder), ['{"id":1,"last":true}', '{"id":2,"last":false}'])
    await optimizeLake(folder)
    await run(source([{ id: 1 }], { disposition: 'merge', primaryKey: ['id'] }), lake(folder))
    assert.equal(await rowsOf(folder), ['{"id":1,"last":null}', '{"id":2,"last":false}'])
  })
})

it('is a view of the version that was asked for, and of no rows', async () => {
  await withTempFolder(async (folder) => {
    await run(source([{ id: 1 }], { disposition: 'replace' }), lake(folder))
    await run(source([{ id: 2 }, { id: 3 }], { disposition: 'replace' }), lake(folder))
    await run(source([], { disposition: 'replace' }), lake(folder))
    for (const [version, expected] of [['1'], ['2', '3'], []].entries()) {
      const table = await openLake(folder).table('events', { version })
      assert.equal((await query('SELECT id FROM events ORDER BY id', table.sql())).flat(), expected)
    }
  })
})

it.run()
