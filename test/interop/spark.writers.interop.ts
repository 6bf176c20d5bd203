import { join } from 'node:path'
import { openLake, optimizeLake, verifyLake } from '@millrace/lake'
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
import { takeTurns } from './take-turns.ts'

const it = suite('Spark as a writer')

const { python, reader } = startSpark()
const deltaRs = startDeltaRs()
const writers = [python, deltaRs.python]
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

for (const whoVacuums of ['we', 'they'] as const) {
  it(`and delta-rs and we write one table in turn, until ${whoVacuums} vacuum it, and behind that`, async () => {
    await python.ask('set', { name: timestampType, value: 'TIMESTAMP_MICROS' })
    const seed = whoVacuums === 'we' ? 1 : 2
    await withTempFolder((folder) => takeTurns(folder, { seed, turns: 10, writers, readers, whoVacuums }))
  })
}

/** What Spark does to a table whose rows are 1 to 4, of two versions, and the keys that are there then. */
const statements: Readonly<Record<string, readonly number[]>> = {
  'OPTIMIZE $table ZORDER BY (id)': [1, 2, 3, 4],
  'INSERT OVERWRITE $table VALUES (5, null, null)': [5],
  'ALTER TABLE $table ADD COLUMNS (theirs STRUCT<a: DECIMAL(9, 2), b: ARRAY<DATE>>)': [1, 2, 3, 4],
  "ALTER TABLE $table SET TBLPROPERTIES ('delta.logRetentionDuration' = 'interval 20 days')": [1, 2, 3, 4],
  "COMMENT ON TABLE $table IS 'ours'": [1, 2, 3, 4],
  "ALTER TABLE $table ALTER COLUMN id COMMENT 'a key'": [1, 2, 3, 4],
  // With what is stored of the stream: the next run reads again what it has taken away.
  'RESTORE TABLE $table TO VERSION AS OF 0': [1, 2],
}

for (const [statement, ids] of Object.entries(statements)) {
  it(`${statement}: we read what it leaves, merge into it, and all read that`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'events')
      await load(folder, [[1, 2].map((id) => ({ id, text: 'a' }))], byId)
      await load(folder, [[2, 3, 4].map((id) => ({ id, text: 'b', half: 0.5 }))], byId)
      await python.ask('sql', { path, statement })
      await assertSame(folder)
      assert.equal(await idsOf(folder), ids)
      await load(folder, [[ids[0], 100].map((id) => ({ id, text: 'ours', half: 1.5 }))], byId)
      await assertSame(folder)
      assert.equal(await idsOf(folder), [...ids, 100])
      assert.equal((await verifyLake(folder)).findings, [])
    })
  })
}

/** Features of a table that Spark turns on and we do not know, and whether we still read it. None is written by us. */
const features: Readonly<Record<string, boolean>> = {
  "SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')": false,
  "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')": false,
  "SET TBLPROPERTIES ('delta.checkpointPolicy' = 'v2')": false,
  "SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')": false,
  "SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')": true,
  "SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')": true,
  "SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')": true,
  'ADD CONSTRAINT positive CHECK (id > 0)': true,
}

for (const [feature, isRead] of Object.entries(features)) {
  it(`ALTER TABLE ${feature}: a table that we ${isRead ? 'read, and do not write' : 'refuse'}`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'events')
      await load(folder, [[1, 2, 3].map((id) => ({ id }))], byId)
      await python.ask('sql', { path, statement: `ALTER TABLE $table ${feature}` })
      await python.ask('delete', { path, predicate: 'id = 2' })
      for (const write of [() => load(folder, [[{ id: 4 }]], byId), () => optimizeLake(folder, { table: 'events' })]) {
        assert.is((await failureOf(write())).code, 'E_UNSUPPORTED_TABLE')
      }
      const { lines } = await python.ask<{ lines: readonly string[] }>('read', { reader: reader.name, path })
      assert.equal([...lines].sort(), ['["1"]', '["3"]'])
      if (isRead) await readAlike(await openLake(folder).table('events'), [reader])
      else assert.is((await failureOf(idsOf(folder))).code, 'E_UNSUPPORTED_TABLE')
    })
  })
}

it('and we commit to one table at the same time, and neither loses a row', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 0, by: 'us' }]], byId)
    const theirs = Array.from({ length: 6 }, (_, index) => 1_000 + index)
    const ours = Array.from({ length: 40 }, (_, index) => 1 + index)
    const appending = python.ask('append-each', { path, rows: theirs.map((id) => ({ id, by: 'them' })) })
    for (const id of ours) await load(folder, [[0, id].map((each) => ({ id: each, by: `us ${id}` }))], byId)
    await appending
    await assertSame(folder)
    assert.equal(await idsOf(folder), [0, ...ours, ...theirs])
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

async function idsOf(folder: string): Promise<readonly number[]> {
  const ids: number[] = []
  for await (const { id } of (await openLake(folder).table('events')).rows()) ids.push(Number(id))
  return ids.sort((a, b) => a - b)
}

async function canonicalRows(folder: string): Promise<readonly string[]> {
  const table = await openLake(folder).table('events')
  return canonicalLines(table.rows(), table.schema)
}

it.run()
