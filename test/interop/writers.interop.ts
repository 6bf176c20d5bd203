import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '@millrace/core'
import { openLake, optimizeLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { withTempFolder } from '../support/temp-folder.ts'
import { startDeltaRs } from './delta-rs.ts'
import { type Reader, readAlike, refusalOf } from './hold-readers.ts'
import { load } from './load.ts'
import { byId } from './scenario.ts'
import { takeTurns } from './take-turns.ts'

const it = suite('other writers')

const { python, readers } = startDeltaRs()
it.after(() => python.close())

/** The newest rows, once all readers and we have read the same. */
async function rowsOf(folder: string, by: readonly Reader[] = readers): Promise<readonly Row[]> {
  const table = await openLake(folder).table('events')
  assert.is(await python.ask('version', { path: table.location }), table.version)
  await readAlike(table, by)
  const rows: Row[] = []
  for await (const row of table.rows()) rows.push(row)
  return rows.sort((a, b) => Number(a['id']) - Number(b['id']))
}

const first: readonly Row[] = [
  { id: 1, name: 'a', at: '2024-01-01T00:00:00.000001Z', tags: ['x', null], o: { n: 9_007_199_254_740_993n } },
  { id: 2, name: 'b', at: null, tags: null, o: null },
  { id: 3, name: null, at: '1969-12-31T23:59:59.999999Z', tags: [], o: { n: null } },
]

/** What a writer does to the table of {@link first}, the rows that are there then, and the pages of the stored position. */
const changes: Readonly<Record<string, { readonly how: Row; readonly rows: readonly Row[]; readonly pages?: number }>> =
  {
    append: {
      how: { rows: [{ id: 4, name: 'd', at: '2024-02-29T12:00:00.123456+00:00', tags: ['y'], o: { n: 1 } }] },
      rows: [...first, { id: 4, name: 'd', at: '2024-02-29T12:00:00.123456Z', tags: ['y'], o: { n: 1 } }],
    },
    overwrite: {
      how: { rows: [{ id: 5, name: 'e', at: null, tags: null, o: null }] },
      rows: [{ id: 5, name: 'e', at: null, tags: null, o: null }],
    },
    merge: {
      how: {
        key: 'id',
        rows: [
          { id: 2, name: 'B', at: null, tags: ['z'], o: { n: 2 } },
          { id: 4, name: 'd', at: null, tags: null, o: null },
        ],
      },
      rows: [
        ...first.slice(0, 1),
        { id: 2, name: 'B', at: null, tags: ['z'], o: { n: 2 } },
        ...first.slice(2),
        { id: 4, name: 'd', at: null, tags: null, o: null },
      ],
    },
    update: {
      how: { predicate: 'id >= 2', updates: { name: "'changed'" } },
      rows: first.map((row) => (Number(row['id']) >= 2 ? { ...row, name: 'changed' } : row)),
    },
    delete: { how: { predicate: 'name IS NULL' }, rows: first.slice(0, 2) },
    'replace-where': {
      how: { predicate: 'id = 2', rows: [{ id: 2, name: 'B', at: null, tags: null, o: null }] },
      rows: [...first.slice(0, 1), { id: 2, name: 'B', at: null, tags: null, o: null }, ...first.slice(2)],
    },
    // With what was stored of the stream: the next run reads again what this has taken away.
    restore: { how: { version: 0 }, rows: first.slice(0, 2), pages: 1 },
    'set-properties': { how: { properties: { 'delta.logRetentionDuration': 'interval 2 days' } }, rows: first },
    'z-order': { how: { columns: ['id', 'name'] }, rows: first },
    repair: { how: {}, rows: first },
    'compact-log': { how: {}, rows: first },
    optimize: { how: {}, rows: first },
    vacuum: { how: {}, rows: first },
    checkpoint: { how: {}, rows: first },
  }

for (const [change, { how, rows, pages = 2 }] of Object.entries(changes)) {
  it(`${change}: we read what delta-rs has left of our table, merge into it, and it reads that`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'events')
      await load(folder, [first.slice(0, 2)], byId)
      // The first file is written anew, so that vacuum and optimize have something to do.
      await load(folder, [first.slice(1, 2), first.slice(2)], byId)
      await python.ask(change, { path, ...how })
      assert.equal(await rowsOf(folder), rows)

      const [state] = await openLake(folder).state()
      assert.equal(state?.position, { page: pages })
      const id = Number(rows[0]?.['id'])
      const next = { id, name: 'ours', at: null, tags: null, o: null }
      await load(folder, [[next, { ...next, id: 100, late: true }]], byId)
      assert.equal(await rowsOf(folder), [
        { ...next, late: null },
        ...rows.slice(1).map((row) => ({ ...row, late: null })),
        { ...next, id: 100, late: true },
      ])
    })
  })
}

for (const [seed, whoVacuums, partitionBy] of [
  [1, 'we', []],
  [2, 'they', []],
  [3, 'we', ['kind']],
  [4, 'they', ['kind']],
] as const) {
  const what = partitionBy.length > 0 ? 'partitioned table' : 'table'
  it(`delta-rs and we write one ${what} in turn, until ${whoVacuums} vacuum it, and behind that`, async () => {
    // It reads no table with some files in folders of their partition, and others, which are ours, beside them.
    const able = partitionBy.length > 0 ? readers.filter(({ name }) => name !== 'Polars') : readers
    const options = { seed, turns: 15, writers: [python], readers: able, whoVacuums, partitionBy }
    await withTempFolder((folder) => takeTurns(folder, options))
  })
}

it('a column that delta-rs has added is there for our next run', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 1 }, { id: 2 }]], byId)
    await python.ask('append', { path, rows: [{ id: 3, theirs: 'x' }] })
    await load(folder, [[{ id: 1, theirs: 'ours' }]], byId)
    assert.equal(await rowsOf(folder), [
      { id: 1, theirs: 'ours' },
      { id: 2, theirs: null },
      { id: 3, theirs: 'x' },
    ])
  })
})

it('a column that delta-rs has added without rows is there for our next run', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 1 }]], byId)
    await python.ask('add-columns', { path, columns: { theirs: 'double', day: 'date' } })
    assert.equal(await rowsOf(folder), [{ id: 1, theirs: null, day: null }])
    await load(folder, [[{ id: 2, theirs: 1.5, day: '2024-02-29' }]], byId)
    assert.equal(await rowsOf(folder), [
      { id: 1, theirs: null, day: null },
      { id: 2, theirs: 1.5, day: '2024-02-29' },
    ])
  })
})

it('a table with a constraint of delta-rs is read, and not written', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 1 }], [{ id: 2 }]], byId)
    await python.ask('add-constraint', { path, constraint: { positive: 'id > 0' } })
    for (const write of [() => load(folder, [[{ id: 3 }]], byId), () => optimizeLake(folder, { table: 'events' })]) {
      const { code, message } = await failureOf(write())
      assert.is(code, 'E_UNSUPPORTED_TABLE')
      assert.match(message, 'it asks for writer version 3')
    }
    assert.equal(await rowsOf(folder), [{ id: 1 }, { id: 2 }])
  })
})

it('a table that delta-rs has made is loaded into, appended and merged', async () => {
  await withTempFolder(async (folder) => {
    const columns = { id: 'int64', name: 'string', small: 'int32' }
    const rows = [
      { id: 1, name: 'a', small: 1 },
      { id: 2, name: 'b', small: 2 },
    ]
    await python.ask('create', { path: join(folder, 'events'), columns, rows })
    assert.equal(await rowsOf(folder), rows)
    await load(folder, [[{ id: 3, name: 'c', small: 3 }]])
    await load(folder, [[{ id: 1, name: 'A', small: 4 }]], byId)
    assert.equal(await rowsOf(folder), [
      { id: 1, name: 'A', small: 4 },
      { id: 2, name: 'b', small: 2 },
      { id: 3, name: 'c', small: 3 },
    ])
  })
})

it('a table whose early commits are gone in favour of a checkpoint of delta-rs is read and merged into', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [first], byId)
    await python.ask('append', { path, rows: [{ id: 4, name: 'd' }] })
    await python.ask('checkpoint', { path })
    await rm(join(path, '_delta_log', `${'0'.repeat(20)}.json`))
    await load(folder, [[{ id: 4, name: 'ours' }]], byId)
    const names = (await rowsOf(folder)).map(({ name }) => name)
    assert.equal(names, ['a', 'b', null, 'ours'])
    assert.equal((await openLake(folder).state())[0]?.position, { page: 1 })
  })
})

it('a partitioned table of delta-rs is read, appended to and merged into, and then read by all but Polars', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    const rows = [
      { id: 1, day: 'a b/ü=%20' },
      { id: 2, day: null },
      { id: 3, day: '2' },
    ]
    await python.ask('create', { path, columns: { id: 'int64', day: 'string' }, rows, partition_by: 'day' })
    assert.equal(await rowsOf(folder), rows)
    const ours = [
      { id: 4, day: 'a b/ü=%20' },
      { id: 5, day: null },
    ]
    await load(folder, [ours])
    // It takes the names of folders for columns, where one file is in such a folder, and ours are in none.
    const polars = readers.filter(({ name }) => name === 'Polars')
    const others = readers.filter((reader) => !polars.includes(reader))
    for (const reader of polars) {
      assert.match(
        (await refusalOf(reader, path)) ?? 'can read it',
        /column not present in the given Hive schema: "day"/,
      )
    }
    assert.equal(await rowsOf(folder, others), [...rows, ...ours])

    await load(folder, [[1, 2, 6].map((id) => ({ id, day: '2' }))], byId)
    await python.ask('delete', { path, predicate: 'day IS NULL' })
    await optimizeLake(folder, { table: 'events' })
    assert.equal(
      await rowsOf(folder, others),
      [1, 2, 3, 4, 6].map((id) => ({ id, day: id === 4 ? 'a b/ü=%20' : '2' })),
    )
  })
})

it('an append of delta-rs that meets a commit of ours is refused as a conflict, and is there when tried again', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 1 }]])
    await python.ask('hold', { path })
    await load(folder, [[{ id: 2 }]])
    const rows = [{ id: 3 }]
    const refused = await python.ask('append-held', { path, rows }).catch(String)
    assert.match(String(refused), 'CommitFailedError: Failed to commit transaction: Metadata changed since last commit')
    assert.equal(await rowsOf(folder), [{ id: 1 }, { id: 2 }])
    await python.ask('append', { path, rows })
    assert.equal(await rowsOf(folder), [{ id: 1 }, { id: 2 }, { id: 3 }])
  })
})

it('delta-rs and we commit to one table at the same time, and neither loses a row', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'events')
    await load(folder, [[{ id: 0, by: 'us' }]], byId)
    const theirs = Array.from({ length: 15 }, (_, index) => ({ id: 1_000 + index, by: 'them' }))
    const ours = Array.from({ length: 15 }, (_, index) => ({ id: 1 + index, by: 'us' }))
    const appending = python.ask('append-each', { path, rows: theirs })
    for (const row of ours) await load(folder, [[{ id: 0, by: `us ${row.id}` }, row]], byId)
    await appending
    assert.equal(await rowsOf(folder), [{ id: 0, by: 'us 15' }, ...ours, ...theirs])
    const history: readonly { version: number; operation: string }[] = await python.ask('history', { path })
    assert.equal(
      history.map(({ version }) => version),
      Array.from({ length: 31 }, (_, index) => 30 - index),
    )
    assert.equal(history.filter(({ operation }) => operation === 'MERGE').length, 16)
  })
})

it.run()
