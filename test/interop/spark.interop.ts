import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { root } from '../support/source-tree.ts'
import { withTempFolder } from '../support/temp-folder.ts'
import { canonicalColumns, canonicalLines, sameForm } from './canonical.ts'
import { load } from './load.ts'
import { sparkFolder, sparkScript } from './prepare-spark.ts'
import { PythonProcess } from './python-process.ts'
import { scenarios } from './scenarios.ts'
import { outputOf } from './shown-snippets.ts'

const it = suite('Spark')

const python = new PythonProcess(join(root, sparkFolder, 'bin/python'), sparkScript)
it.after(() => python.close())

/** Spark and we read the same of a table's newest version. */
async function assertSame(lake: string, name: string): Promise<void> {
  const table = await openLake(lake).table(name)
  const { version, location: path, schema } = table
  assert.equal(await python.ask('columns', { path, version }), canonicalColumns(schema), name)
  assert.equal(sameForm(await python.ask('lines', { path, version })), await canonicalLines(table.rows(), schema), name)
}

for (const [name, { make, rows, without }] of Object.entries(scenarios)) {
  if (without?.includes('Spark')) continue
  it(`reads ${name} as we do, and tells the history`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-'))
    await make(folder)
    for (const [table, versions] of Object.entries(rows)) {
      await assertSame(folder, table)
      const history: readonly { version: number }[] = await python.ask('history', { path: join(folder, table) })
      assert.is(history[0]?.version, versions.length - 1, table)
    }
    await rm(folder, { recursive: true })
  })
}

const timestampType = 'spark.sql.parquet.outputTimestampType'

it('appends to our table, merges into it, deletes and compacts, and we go on with each', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    const byId = { disposition: 'merge', primaryKey: ['id'] } as const
    const at = '2024-02-29T12:00:00.123456+00:00'
    const nothing = { name: null, at: null, tags: null, o: null }
    await load(
      folder,
      [
        [
          { id: 1, name: 'a', at, tags: ['x'], o: { n: 1 } },
          { id: 2, ...nothing },
        ],
      ],
      byId,
    )
    await python.ask('set', { name: timestampType, value: 'TIMESTAMP_MICROS' })
    await python.ask('append', { path, rows: [{ id: 3, name: 'c', at, tags: ['y', null], o: { n: 2 } }] })
    await assertSame(folder, 'events')
    await load(
      folder,
      [
        [
          { id: 3, name: 'ours' },
          { id: 4, name: 'd' },
        ],
      ],
      byId,
    )
    await assertSame(folder, 'events')
    await python.ask('merge', {
      path,
      key: 'id',
      rows: [
        { id: 1, ...nothing, name: 'theirs' },
        { id: 5, ...nothing, at },
      ],
    })
    await assertSame(folder, 'events')
    await python.ask('delete', { path, predicate: 'id = 2' })
    await python.ask('optimize', { path })
    await assertSame(folder, 'events')
    await load(folder, [[{ id: 5, name: 'ours', late: true }]], byId)
    await assertSame(folder, 'events')

    const names = new Map<unknown, unknown>()
    for await (const row of (await openLake(folder).table('events')).rows()) names.set(row['id'], row['name'])
    assert.equal([...names].sort(), [
      [1, 'theirs'],
      [3, 'ours'],
      [4, 'd'],
      [5, 'ours'],
    ])
  })
})

it('writes timestamps as INT96 by default: we merge them, and refuse to read their rows', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    const byId = { disposition: 'merge', primaryKey: ['id'] } as const
    await load(folder, [[{ id: 1, at: '2024-02-29T12:00:00.123456Z' }]], byId)
    await python.ask('set', { name: timestampType, value: 'INT96' })
    const rows = [
      { id: 2, at: '0001-01-01T00:00:00.000001+00:00' },
      { id: 3, at: '9999-12-31T23:59:59.999999+00:00' },
    ]
    await python.ask('append', { path, rows })
    const { code } = await failureOf(canonicalRows(folder))
    assert.is(code, 'E_SCHEMA_MISMATCH')

    // Written anew by the merge, they can be read.
    await load(folder, [[{ id: 2 }, { id: 3 }].map(({ id }) => ({ id, at: '1969-12-31T23:59:59.999999Z' }))], byId)
    await assertSame(folder, 'events')
  })
})

it('runs what the README of the lake shows', async () => {
  const output = await outputOf(join(root, sparkFolder, 'bin/python'), 'read-with-spark.py')
  assert.match(output, "[Row(kind='return', sum(amount)=2.5), Row(kind='sale', sum(amount)=2.0)]")
})

async function canonicalRows(folder: string): Promise<readonly string[]> {
  const table = await openLake(folder).table('events')
  return canonicalLines(table.rows(), table.schema)
}

it.run()
