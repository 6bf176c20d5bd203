import { existsSync } from 'node:fs'
import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Row } from '@millrace/core'
import { openLake, optimizeLake, vacuumLake, verifyLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkPartitions } from '../../../test/support/check-partitions.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { loadRows } from './load-rows.ts'
import { foreignCommit, readLogCommit } from './log-of-events.ts'

const it = suite('a partitioned table of another writer')

const columns: readonly (readonly [name: string, type: string])[] = [
  ['day', 'date'],
  ['id', 'long'],
  ['country', 'string'],
  ['big', 'long'],
  ['small', 'byte'],
  ['ratio', 'double'],
  ['price', 'decimal(20,3)'],
  ['flag', 'boolean'],
  ['at', 'timestamp'],
  ['name', 'string'],
]
const partitions = columns.map(([name]) => name).filter((name) => name !== 'id' && name !== 'name')

const full = {
  day: '2024-02-29',
  country: "it's ü/ö",
  big: '9007199254740993',
  small: '-7',
  ratio: '0.5',
  price: '12345678901234567.891',
  flag: 'true',
  at: '2024-05-01 12:00:00.000001',
}
const fullRow = {
  ...full,
  big: 9007199254740993n,
  small: -7,
  ratio: 0.5,
  flag: true,
  at: '2024-05-01T12:00:00.000001Z',
}
const none = Object.fromEntries(partitions.map((name) => [name, null]))

it('is read with the values of its log, typed, in the order of its columns', async () => {
  await withTempFolder(async (folder) => {
    await makeTable(folder, [
      ["SELECT 1::BIGINT AS id, 'a' AS name UNION ALL SELECT 2, 'b'", full],
      ['SELECT 3::BIGINT AS id', { ...none, country: '' }],
      ["SELECT 4::BIGINT AS id, 'd' AS name, DATE '1999-01-01' AS day", { ...none, day: '2024-03-01' }],
    ])
    const table = await openLake(folder).table('events')
    const rows: Row[] = []
    for await (const row of table.rows()) rows.push(row)
    const expected = [
      { id: 1n, name: 'a', ...fullRow },
      { id: 2n, name: 'b', ...fullRow },
      { id: 3n, name: null, ...none },
      { id: 4n, name: 'd', ...none, day: '2024-03-01' },
    ]
    assert.equal(rows.map(comparable), expected.map(comparable))
    assert.equal(
      Object.keys(rows[0] ?? {}),
      columns.map(([name]) => name),
    )

    const sql = `SELECT day::VARCHAR, country, big, small, ratio, price, flag, epoch_us("at"), id, name FROM (${table.sql()}) ORDER BY id`
    const micros = '1714564800000001'
    const first = ['2024-02-29', "it's ü/ö", '9007199254740993', -7, 0.5, '12345678901234567.891', true, micros]
    const nothing = Array.from({ length: 7 }, () => null)
    assert.equal(await query(sql), [
      [...first, '1', 'a'],
      [...first, '2', 'b'],
      [null, ...nothing, '3', null],
      ['2024-03-01', ...nothing, '4', 'd'],
    ])
  })
})

it('is refused where its log has no value for a file, or one of another type', async () => {
  for (const values of [
    { ...full, day: undefined },
    { ...full, small: '300' },
    { ...full, day: 'yesterday' },
  ]) {
    await withTempFolder(async (folder) => {
      await makeTable(folder, [['SELECT 1::BIGINT AS id', values]])
      const table = await openLake(folder).table('events')
      const error = await failureOf(table.rows()[Symbol.asyncIterator]().next())
      assert.is(error.code, 'E_CORRUPT', error.message)
      assert.match(error.message, /part-0\.parquet/)
      assert.throws(() => table.sql(), /part-0\.parquet/)
    })
  }
})

it('is merged into, optimized and vacuumed, with the values of its log', async () => {
  await withTempFolder(async (folder) => {
    const by = ['day', 'country', 'at', 'price', 'flag']
    const values = { day: full.day, country: full.country, at: full.at, price: full.price, flag: full.flag }
    const empty = Object.fromEntries(by.map((name) => [name, null]))
    const rest = '7::BIGINT AS big, 1::TINYINT AS small, 0.5::DOUBLE AS ratio'
    await makeTable(
      folder,
      [
        [`SELECT 1::BIGINT AS id, 'a' AS name, ${rest} UNION ALL SELECT 2, 'b', ${rest}`, values, 'country=x/day=y'],
        [`SELECT 3::BIGINT AS id, 'c' AS name, ${rest}`, values, 'country=x/day=y'],
        [`SELECT 4::BIGINT AS id, 'd' AS name, ${rest}`, empty],
        [`SELECT 5::BIGINT AS id, 'e' AS name, ${rest}`, values, 'country=x/day=y'],
      ],
      by,
    )
    const old = join(folder, 'events', 'country=x', 'day=y', 'part-0.parquet')
    const before = await sortedRows(folder)
    const changed = [
      { ...before[0], name: 'A' },
      { ...before[3], flag: false },
      { ...before[3], id: 9n, day: '2024-03-01' },
    ] as Row[]
    const all = [changed[0], before[1], before[2], changed[1], before[4], changed[2]].map((row) =>
      comparable(row ?? {}),
    )
    await loadRows(folder, 'r1', changed, { primaryKey: ['id'] })
    assert.equal((await sortedRows(folder)).map(comparable), all)
    const added = (await readLogCommit(folder, 1)).flatMap(({ add }) => (add ? [add['partitionValues']] : []))
    const time = { ...values, at: '2024-05-01T12:00:00.000001Z' }
    assert.equal(
      new Set(added.map((each) => JSON.stringify(each))),
      new Set([time, { ...empty, flag: 'false' }, { ...empty, day: '2024-03-01' }].map((each) => JSON.stringify(each))),
    )

    await loadRows(folder, 'r2', [{ ...before[2], id: 10n } as Row])
    const { tables } = await optimizeLake(folder)
    // The two of the other writer say their time in another way.
    assert.equal([tables[0]?.filesRemoved, tables[0]?.filesAdded], [5, 2])
    assert.equal((await sortedRows(folder)).map(comparable), [...all, comparable({ ...before[2], id: 10n })])
    // All files are of this package now, and say by themselves what is in them.
    assert.is((await checkPartitions(join(folder, 'events'))).size, 4)
    assert.ok(existsSync(old))
    const long = new Date(Date.now() - 48 * 3_600_000)
    for (const each of await readdir(join(old, '..'))) await utimes(join(old, '..', each), long, long)
    await vacuumLake(folder, { retentionHours: 0, allowShortRetention: true })
    assert.equal(await readdir(join(old, '..')), [])
    assert.equal((await sortedRows(folder)).length, 7)
    assert.equal((await verifyLake(folder)).findings, [])
  })
})

it('is not written to where it is partitioned by a kind of number that has more than one text', async () => {
  await withTempFolder(async (folder) => {
    await makeTable(folder, [['SELECT 1::BIGINT AS id', full]])
    const error = await failureOf(loadRows(folder, 'r', [{ id: 2 }]))
    assert.is(error.code, 'E_PARTITION_COLUMN')
    assert.match(error.message, /column "ratio"/)
    assert.is((await openLake(folder).table('events')).version, 0)
  })
})

it.run()

async function sortedRows(folder: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of (await openLake(folder).table('events')).rows()) rows.push(row)
  return rows.sort((a, b) => Number(a['id']) - Number(b['id']))
}

/** @param files - The rows in each file, and its values in the log. */
async function makeTable(
  folder: string,
  files: readonly (readonly [
    sql: string,
    partitionValues: Readonly<Record<string, string | null | undefined>>,
    folder?: string,
  ])[],
  partitionColumns: readonly string[] = partitions,
): Promise<void> {
  await mkdir(join(folder, 'events', '_delta_log'), { recursive: true })
  const adds: object[] = []
  for (const [index, [sql, partitionValues, inside = '.']] of files.entries()) {
    const path = posix.join(inside, `part-${index}.parquet`)
    await mkdir(join(folder, 'events', inside), { recursive: true })
    await query(`COPY (${sql}) TO '${join(folder, 'events', path)}' (FORMAT parquet)`)
    adds.push({ add: { path, partitionValues, size: 1, modificationTime: 0, dataChange: true } })
  }
  const fields = columns.map(([name, type]) => ({ name, type, nullable: true, metadata: {} }))
  const metaData = {
    id: 'x',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({ type: 'struct', fields }),
    partitionColumns,
    configuration: {},
  }
  await foreignCommit(folder, 0, [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }, ...adds])
}

function comparable(row: object): object {
  return Object.fromEntries(
    Object.entries(row)
      .map(([name, value]) => [name, value === null || value === undefined ? null : String(value)] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  )
}

async function query(sql: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'America/New_York'")
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
