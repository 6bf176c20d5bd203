import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter, toSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { lake, openLake, optimizeLake, vacuumLake, verifyLake } from '@millrace/lake'
import { upsertRules } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkPartitions } from '../../../test/support/check-partitions.ts'
import { deltaEntries, deltaFiles } from '../../../test/support/delta-files.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { loadRows, rowsOf, tableRef } from './load-rows.ts'
import { type LogAction, readLogCommit } from './log-of-events.ts'

const it = suite('partitioned tables')

it('have one partition in each file, and its values in the log', async () => {
  await withTempFolder(async (folder) => {
    const row = (id: number): Row => ({ id, day: `2024-05-0${(id % 3) + 1}`, country: id % 2 === 0 ? 'ü/=% x' : null })
    const rows = Array.from({ length: 60 }, (_, id) => row(id))
    await loadRows(folder, 'r1', rows.slice(0, 40), { partitionBy: ['day', 'country'] })
    // As the table has it, where nothing is said.
    await loadRows(folder, 'r2', rows.slice(40))
    const partitions = await checkPartitions(join(folder, 'events'))
    assert.equal(
      partitions,
      new Map(
        ['2024-05-01', '2024-05-02', '2024-05-03']
          .flatMap((day) => [null, 'ü/=% x'].map((country): [string, number] => [JSON.stringify({ day, country }), 10]))
          .sort(),
      ),
    )
    assert.is((await deltaFiles(join(folder, 'events'))).length, 12)
    assert.equal(await rowsOf(folder), rows.map((each) => JSON.stringify(each)).sort())
    const [first, second] = [await readLogCommit(folder, 0), await readLogCommit(folder, 1)]
    assert.equal(metadataOf(first)['partitionColumns'], ['day', 'country'])
    assert.equal(metadataOf(second)['partitionColumns'], ['day', 'country'])
    assert.equal((await openLake(folder).table('events')).partitionBy, ['day', 'country'])
    const stats = JSON.parse(String(first.find(({ add }) => add)?.['add']?.['stats'])) as { minValues: object }
    assert.equal(Object.keys(stats.minValues), ['id'])
    assert.equal((await verifyLake(folder)).findings, [])
  })
})

it('take in staged files of one partition as they are', async () => {
  await withTempFolder(async (folder) => {
    const ref = tableRef({ partitionBy: ['day'] })
    const session = await lake(folder, { segmentRows: 2 }).open({ pipeline: 'p', run: 'r' })
    const checkpoint = { position: { page: 1 }, pages: 1, rows: 2 }
    const converter = createConverter()
    for (const day of ['x', 'y']) {
      const batch = converter.convert([
        { id: 1, day },
        { id: 2, day },
      ])
      await session.stage([{ table: ref, batch }], checkpoint)
    }
    const { tables } = await session.commit({
      tables: [{ table: ref, checkpoint, replace: false, merge: false }],
    })
    await session.close()
    assert.equal([tables[0]?.filesAdded, tables[0]?.rows], [2, 4])
    const names = (await deltaFiles(join(folder, 'events'))).map((path) => path.slice(-13))
    assert.equal(names, ['00000.parquet', '00001.parquet'])
  })
})

it('are merged across partitions: a row moves with its value, and only files that lose one are written anew', async () => {
  await withTempFolder(async (folder) => {
    const options = { primaryKey: ['id'], partitionBy: ['state'] }
    const states = ['open', 'paid', 'lost']
    const rows = Array.from({ length: 30 }, (_, id): Row => ({ id, state: states[id % 3] ?? '', n: 0 }))
    await loadRows(folder, 'r1', rows, options)
    const before = await deltaEntries(join(folder, 'events'))
    const moved = [
      { id: 0, state: 'paid', n: 1 },
      { id: 99, state: 'new', n: 1 },
    ]
    await loadRows(folder, 'r2', moved, options)
    const expected = [...rows.filter(({ id }) => id !== 0), ...moved]
    assert.equal(await rowsOf(folder), expected.map((each) => JSON.stringify(each)).sort())
    assert.equal(
      await checkPartitions(join(folder, 'events')),
      new Map([
        ['{"state":"paid"}', 11],
        ['{"state":"lost"}', 10],
        ['{"state":"open"}', 9],
        ['{"state":"new"}', 1],
      ]),
    )
    const kept = new Set((await deltaFiles(join(folder, 'events'))).values())
    const gone = before.filter(({ path }) => !kept.has(path)).map(({ partitionValues }) => partitionValues['state'])
    assert.equal(gone, ['open'])
  })
})

it('have only files opened of partitions that may hold a key', async () => {
  for (const [part, texts] of [
    ['text', ['x', 'y']],
    ['number', [7, 8]],
  ] as const) {
    await withTempFolder(async (folder) => {
      const options = { primaryKey: ['id', 'part'], partitionBy: ['part'] }
      const rows = texts.map((value): Row => ({ id: 1, part: value, n: 0 }))
      await loadRows(folder, 'r1', rows, options)
      const [mine, other] = await deltaEntries(join(folder, 'events'))
      assert.is(mine?.partitionValues['part'], String(texts[0]), part)
      await rm(other?.path ?? '')
      await loadRows(folder, 'r2', [{ id: 1, part: texts[0], n: 1 }], options)
      const files = await deltaFiles(join(folder, 'events'))
      assert.ok(files.includes(other?.path ?? '') && !files.includes(mine?.path ?? ''), part)
    })
  }
})

it('do not have files of two partitions joined, by a merge or by optimizeLake', async () => {
  await withTempFolder(async (folder) => {
    const options = { primaryKey: ['id'], partitionBy: ['part', 'other'] }
    // Joined by a character, these two would be the same.
    const parts = [
      { part: 'a\nb', other: 'c' },
      { part: 'a', other: 'b\nc' },
      { part: 'null', other: null },
      { part: null, other: 'null' },
    ]
    const rows = parts.flatMap((part, index): Row[] => [0, 1, 2].map((id) => ({ id: index * 10 + id, ...part, n: 0 })))
    for (const id of [0, 1, 2])
      await loadRows(
        folder,
        `r${id}`,
        rows.filter((row) => Number(row['id']) % 10 === id),
        options,
      )
    assert.is((await deltaFiles(join(folder, 'events'))).length, 12)
    const changed = rows.map((row): Row => ({ ...row, n: 1 }))
    const partial = changed.filter(({ id }: Row) => Number(id) % 10 < 2)
    await loadRows(folder, 'r3', partial, options)
    const each = new Map(parts.map((part) => [JSON.stringify(part), 3]))
    const inOrder = (found: ReadonlyMap<string, number>): readonly (readonly [string, number])[] => [...found].sort()
    assert.equal(inOrder(await checkPartitions(join(folder, 'events'))), inOrder(each))

    const joined = await optimizeLake(folder, { sortBy: ['id'] })
    assert.is(joined.tables[0]?.files, 4)
    assert.equal(inOrder(await checkPartitions(join(folder, 'events'))), inOrder(each))
    const expected = [...partial, ...rows.filter(({ id }) => Number(id) % 10 === 2)]
    assert.equal(await rowsOf(folder), expected.map((row) => JSON.stringify(row)).sort())
    const { tables } = await optimizeLake(folder, { sortBy: ['id'] })
    assert.is(tables[0]?.version, joined.tables[0]?.version)
    assert.equal((await verifyLake(folder)).findings, [])

    // Only the partition that has changed is sorted again.
    await loadRows(folder, 'r4', [{ id: 100, ...parts[0], n: 0 }], options)
    const again = await optimizeLake(folder, { sortBy: ['id'] })
    assert.equal([again.tables[0]?.filesRemoved, again.tables[0]?.files], [2, 4])
    assert.equal(metadataOf(await readLogCommit(folder, 0))['partitionColumns'], options.partitionBy)
  })
})

it('refuse what the log of a table cannot say, before it is staged', async () => {
  const columns = { ratio: { dataType: 'double' }, at: { dataType: 'timestamp' }, day: { dataType: 'date' } } as const
  const converter = (): ReturnType<typeof createConverter> => createConverter({ columns: toSchema(columns) })
  for (const [by, value, code, message] of [
    ['text', '', 'E_PARTITION_VALUE', /row 1 .* empty text, .* column "text"/],
    ['text', 'a\0', 'E_PARTITION_VALUE', /row 1 .*U\+0000/],
    ['at', '0000-12-31T00:00:00Z', 'E_PARTITION_VALUE', /row 1 .*time outside of the years/],
    ['day', '0000-12-31', 'E_PARTITION_VALUE', /row 1 .*time outside of the years/],
    ['ratio', 1.5, 'E_PARTITION_COLUMN', /column "ratio": it is of type Float64/],
    ['inside', { a: 1 }, 'E_PARTITION_COLUMN', /column "inside": it is of type Struct/],
  ] as const) {
    await withTempFolder(async (folder) => {
      const session = await lake(folder).open({ pipeline: 'p', run: 'r' })
      const table = tableRef({ partitionBy: [by] })
      const batch = converter().convert([{ id: 1 }, { id: 2, [by]: value }])
      const checkpoint = { position: {}, pages: 1, rows: 2 }
      const error = await failureOf(session.stage([{ table, batch }], checkpoint))
      assert.is(error.code, code, by)
      assert.match(error.message, message)
      assert.is(await session.unfinished(), undefined)
      await session.close()
    })
  }
})

it('refuse columns that cannot be partitioned by, and leave no table', async () => {
  for (const [partitionBy, message, row] of [
    [['nowhere'], /column "nowhere": it is none of its columns: id, part/, {}],
    [['id', 'part'], /leave no column/, {}],
    [['id', 'id'], /column "id": it is named twice/, {}],
  ] as const) {
    await withTempFolder(async (folder) => {
      const error = await failureOf(loadRows(folder, 'r', [{ id: 1, part: 'x', ...row }], { partitionBy }))
      assert.is(error.code, 'E_PARTITION_COLUMN')
      assert.match(error.message, message)
      assert.equal(await openLake(folder).tables(), [])
    })
  }
  await withTempFolder(async (folder) => {
    const table = { ...tableRef({ primaryKey: ['id'], partitionBy: ['_deleted_at'] }), merge: upsertRules }
    const session = await lake(folder).open({ pipeline: 'p', run: 'r' })
    const checkpoint = { position: {}, pages: 1, rows: 1 }
    await session.stage([{ table, batch: createConverter().convert([{ id: 1 }]) }], checkpoint)
    const merge = { ...upsertRules, deletedRows: 'mark', isWhole: true, at: 0 } as const
    const error = await failureOf(session.commit({ tables: [{ table, checkpoint, replace: false, merge }] }))
    assert.match(error.message, /column "_deleted_at": it is filled by the merge/)
    await session.close()
  })
})

it('refuse a column with too many values', async () => {
  await withTempFolder(async (folder) => {
    const rows = Array.from({ length: 10_001 }, (_, id) => ({ id, n: 1 }))
    const error = await failureOf(loadRows(folder, 'r', rows, { partitionBy: ['id'] }))
    assert.is(error.code, 'E_PARTITION_VALUE')
    assert.match(error.message, /10001 different values of id/)
  })
})

it('keep their partitions, unless all rows are replaced', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1, a: 'x', b: 'y' }], { partitionBy: ['a'] })
    for (const partitionBy of [['b'], [], ['a', 'b']]) {
      const error = await failureOf(loadRows(folder, 'r2', [{ id: 2, a: 'x', b: 'y' }], { partitionBy }))
      assert.is(error.code, 'E_PARTITION_COLUMN')
      assert.match(error.message, /table "events" is partitioned by a/)
    }
    const ref = { ...tableRef({ partitionBy: ['b'] }), mode: 'full-refresh' } as const
    const session = await lake(folder).open({ pipeline: 'p', run: 'r3' })
    const checkpoint = { position: {}, pages: 1, rows: 2 }
    const schema = await session.schema(ref)
    const batch = createConverter(schema ? { schema } : {}).convert([
      { id: 3, a: '', b: 'y' },
      { id: 4, a: '', b: null },
    ])
    await session.stage([{ table: ref, batch }], checkpoint)
    await session.commit({ tables: [{ table: ref, checkpoint, replace: true, merge: false }] })
    await session.close()
    assert.equal(
      await checkPartitions(join(folder, 'events')),
      new Map([
        ['{"b":"y"}', 1],
        ['{"b":null}', 1],
      ]),
    )
    assert.equal(await rowsOf(folder), ['{"id":3,"a":"","b":"y"}', '{"id":4,"a":"","b":null}'])
    // As it was, too.
    assert.equal(await rowsOf(folder, 'events', 0), ['{"id":1,"a":"x","b":"y"}'])
  })
})

it('cost no disk for what was split: staged files are gone after the commit', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(
      folder,
      'r1',
      [
        { id: 1, a: 'x' },
        { id: 2, a: 'y' },
      ],
      { partitionBy: ['a'] },
    )
    const files = await deltaFiles(join(folder, 'events'))
    const { tables } = await vacuumLake(folder, { retentionHours: 0, allowShortRetention: true, dryRun: true })
    assert.equal([files.length, tables[0]?.files], [2, []])
    for (const path of files) assert.ok((await stat(path)).size > 0 && (await readFile(path)).length > 0)
  })
})

it.run()

function metadataOf(actions: readonly LogAction[]): Record<string, unknown> {
  return actions.find((action) => action['metaData'])?.['metaData'] ?? {}
}
