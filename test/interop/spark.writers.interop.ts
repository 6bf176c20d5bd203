import { join } from 'node:path'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { withTempFolder } from '../support/temp-folder.ts'
import { canonicalLines } from './canonical.ts'
import { startDeltaRs } from './delta-rs.ts'
import { readAlike } from './hold-readers.ts'
import { load } from './load.ts'
import { byId } from './scenario.ts'
import { startSpark } from './spark.ts'

const it = suite('Spark as a writer')

const { python, reader } = startSpark()
const deltaRs = startDeltaRs()
const readers = [reader, ...deltaRs.readers]
it.after(async () => {
  await python.close()
  await deltaRs.python.close()
})

/** All readers and we read the same of the newest version. */
async function assertSame(lake: string): Promise<void> {
  await readAlike(await openLake(lake).table('events'), readers)
}

const timestampType = 'spark.sql.parquet.outputTimestampType'

it('appends to our table, merges into it, deletes and compacts, and we go on with each', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
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
    await assertSame(folder)
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
    await assertSame(folder)
    await python.ask('merge', {
      path,
      key: 'id',
      rows: [
        { id: 1, ...nothing, name: 'theirs' },
        { id: 5, ...nothing, at },
      ],
    })
    await assertSame(folder)
    await python.ask('delete', { path, predicate: 'id = 2' })
    await python.ask('optimize', { path })
    await assertSame(folder)
    await load(folder, [[{ id: 5, name: 'ours', late: true }]], byId)
    await assertSame(folder)

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
    await assertSame(folder)
  })
})

async function canonicalRows(folder: string): Promise<readonly string[]> {
  const table = await openLake(folder).table('events')
  return canonicalLines(table.rows(), table.schema)
}

it.run()
