import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { type LiveFile, type MergedFiles, type MergeFilesOptions, mergeFiles, readAs } from '@millrace/merge'
import { writeParquetFile } from '@millrace/parquet'
import { Schema } from 'apache-arrow'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('mergeFiles')

it('adds staged files as they are where no key matches and none comes twice', async () => {
  await inFolder(async ({ write, merge }) => {
    const live = await write([{ id: 1 }, { id: 2 }])
    const staged = [await write([{ id: 3 }]), await write([{ id: 4 }])]
    const result = await merge([{ path: live }], staged)
    assert.equal(outline(result), { added: staged, removed: [], inserted: 2, updated: 0, deleted: 0 })
  })
})

it('writes only those live files again that hold a matched key', async () => {
  await inFolder(async ({ write, merge, rows }) => {
    const live = [
      await write([
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ]),
      await write([{ id: 3, v: 'c' }]),
    ]
    const staged = await write([
      { id: 2, v: 'B' },
      { id: 4, v: 'd' },
    ])
    const { added, removed, inserted, updated } = await merge(
      live.map((path) => ({ path })),
      [staged],
    )
    assert.equal(removed, [live[0]])
    assert.equal([inserted, updated], [1, 1])
    assert.equal(
      added.map(({ rows }) => rows),
      [1, 2],
    )
    assert.is(added[1]?.path, staged)
    assert.equal(await rows(added.map(({ path }) => path)), [
      { id: 1, v: 'a' },
      { id: 2, v: 'B' },
      { id: 4, v: 'd' },
    ])
  })
})

it('adds nothing in place of a live file that loses all its rows', async () => {
  await inFolder(async ({ write, merge, folder }) => {
    const live = await write([{ id: 1 }])
    const staged = await write([{ id: 1, v: 'new' }])
    const result = await merge([{ path: live }], [staged])
    assert.equal(outline(result), { added: [staged], removed: [live], inserted: 0, updated: 1, deleted: 0 })
    assert.equal((await readdir(folder)).sort(), ['0.parquet', '1.parquet'])
  })
})

it('lets the last arrival win over the order of staged files and of rows in them', async () => {
  await inFolder(async ({ write, merge, rows }) => {
    const staged = [
      await write([
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
        { id: 1, v: 'c' },
      ]),
      await write([{ id: 3, v: 'd' }]),
      await write([
        { id: 2, v: 'e' },
        { id: 2, v: 'f' },
      ]),
    ]
    const { added, inserted } = await merge([], staged)
    assert.is(inserted, 3)
    assert.is(added[1]?.path, staged[1])
    assert.equal(await rows(added.map(({ path }) => path)), [
      { id: 1, v: 'c' },
      { id: 3, v: 'd' },
      { id: 2, v: 'f' },
    ])
  })
})

it('opens no live file whose key range is outside of what is staged', async () => {
  await inFolder(async ({ write, merge }) => {
    const nowhere = '/nowhere/at/all.parquet'
    const staged = await write([
      { id: 10, k: 'm' },
      { id: 20, k: 'p' },
    ])
    const far: LiveFile[] = [
      { path: nowhere, keyRanges: { id: { min: 21n, max: 9007199254740993n } } },
      { path: nowhere, keyRanges: { id: { min: -5n, max: 9n } } },
    ]
    assert.equal(outline(await merge(far, [staged])), {
      added: [staged],
      removed: [],
      inserted: 2,
      updated: 0,
      deleted: 0,
    })
    const byText: LiveFile[] = [{ path: nowhere, keyRanges: { k: { min: 'q', max: 'z' } } }]
    await merge(byText, [staged], ['k'])
    await fails(() => merge([{ path: nowhere, keyRanges: { id: { min: 20n, max: 30n } } }], [staged]), 'E_DUCKDB')
    await fails(() => merge([{ path: nowhere }], [staged]), 'E_DUCKDB')
  })
})

it('compares key ranges of text by their bytes, as files have them', async () => {
  await inFolder(async ({ write, merge }) => {
    // By UTF-16 code units the emoji comes before U+FFFD; by bytes, after it.
    const live = await write([{ id: '\ufffd' }, { id: '🙂', v: 'old' }])
    const staged = await write([{ id: '🙂', v: 'new' }])
    const { updated } = await merge([{ path: live, keyRanges: { id: { min: '\ufffd', max: '🙂' } } }], [staged])
    assert.is(updated, 1)
  })
})

it('keeps live rows without a key, heals live keys that were there twice', async () => {
  await inFolder(async ({ write, merge, rows }) => {
    const live = [
      await write([
        { id: null, v: 'none' },
        { id: 1, v: 'a' },
        { id: 1, v: 'b' },
      ]),
      await write([{ v: 'no such column' }]),
    ]
    const staged = await write([{ id: 1, v: 'c' }])
    const { added, removed, updated } = await merge(
      live.map((path) => ({ path })),
      [staged],
    )
    assert.is(updated, 1)
    assert.equal(removed, [live[0]])
    assert.equal(await rows(added.map(({ path }) => path)), [
      { id: null, v: 'none' },
      { id: 1, v: 'c' },
    ])
  })
})

it('gives a file that is written again all columns of the table, in their order', async () => {
  await inFolder(async ({ write, merge }) => {
    const live = await write([
      { id: 1, v: 'a' },
      { id: 2, v: 'b' },
    ])
    const staged = await write([{ id: 2, n: 1, nested: { list: [1] }, at: '2024-01-01T00:00:00.000001Z', flag: true }])
    const { added } = await merge([{ path: live }], [staged])
    const file = await asyncBufferFromFile(added[0]?.path ?? '')
    const { schema } = await parquetMetadataAsync(file)
    assert.equal(
      schema.map(({ name }) => name),
      ['duckdb_schema', 'id', 'v', 'n', 'nested', 'list', 'list', 'element', 'at', 'flag'],
    )
    const at = schema.find(({ name }) => name === 'at')
    assert.equal(at?.logical_type, { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' })
    assert.equal(await parquetReadObjects({ file, compressors }), [
      { id: 1n, v: 'a', n: null, nested: undefined, at: null, flag: null },
    ])
  })
})

it('keeps the order of a large file that loses rows', async () => {
  await inFolder(async ({ write, merge, folder }) => {
    const large = join(folder, 'large.parquet')
    await sql(`COPY (SELECT n AS id, CAST(n * 7919 % 1000 AS VARCHAR) AS v FROM range(3000000) AS r(n)) TO '${large}'`)
    const staged = await write(Array.from({ length: 50_000 }, (_, index) => ({ id: index * 60, v: 'new' })))
    const { added, updated } = await merge([{ path: large }], [staged])
    assert.is(updated, 50_000)
    const [outOfOrder] = await sql(
      `SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY file_row_number) AS before
       FROM read_parquet('${added[0]?.path}')) WHERE before >= id`,
    )
    assert.equal([added[0]?.rows, outOfOrder], [2_950_000, [0n]])
  })
})

it('names the staged file and row that has no key', async () => {
  await inFolder(async ({ write, merge }) => {
    const staged = [await write([{ id: 1 }]), await write([{ id: 2 }, { id: null, v: 1 }])]
    const error = await fails(() => merge([], staged), 'E_KEY_MISSING')
    assert.match(error.message, /row 1 of .*1\.parquet/)
  })
})

it('leaves neither temporary files nor new ones where it fails', async () => {
  await inFolder(async ({ write, merge, folder }) => {
    const live = await write([
      { id: 1, v: 'a' },
      { id: 2, v: 'text' },
    ])
    const staged = await write([{ id: 1, v: 5 }])
    // "text" is no number, and the table now says that it has to be one.
    await fails(() => merge([{ path: live }], [staged]), 'E_DUCKDB')
    assert.equal((await readdir(folder)).sort(), ['0.parquet', '1.parquet'])
  })
})

it('finds the statistics asked for, and leaves out a bound that would be wrong', async () => {
  await inFolder(async ({ write, merge }) => {
    const long = 'z'.repeat(40)
    const last = '\u{10ffff}'
    const staged = await write([
      {
        id: 9007199254740993n,
        text: long,
        last: `${long.slice(0, 32)}${last}!`,
        at: '1969-12-31T23:59:59.999999Z',
        score: 1.5,
        flag: true,
      },
      { id: -1, text: `a${long}`, at: '2024-01-01T00:00:00Z', score: -1 },
      { id: 3, other: null },
    ])
    const { added } = await merge([], [staged], ['id'], {
      columns: ['id', 'text', 'last', 'at', 'score', 'flag', 'other'],
      textLength: 32,
    })
    const columns = added[0]?.columns
    assert.equal(columns?.get('id'), { nulls: 0, min: -1n, max: 9007199254740993n })
    assert.equal(columns?.get('text'), { nulls: 1, min: `a${'z'.repeat(31)}`, max: `${'z'.repeat(32)}${last}` })
    assert.equal(columns?.get('last'), { nulls: 2, min: 'z'.repeat(32) })
    assert.equal(columns?.get('at'), { nulls: 1, min: -1n, max: 1704067200000000n })
    assert.equal(columns?.get('score'), { nulls: 1, min: -1, max: 1.5 })
    assert.equal(columns?.get('flag'), { nulls: 2, min: true, max: true })
    assert.is(columns?.has('other'), false)
  })
})

it.run()

async function sql(query: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(query)).getRows()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

interface Workbench {
  readonly folder: string
  write(rows: readonly Row[]): Promise<string>
  merge(
    live: readonly LiveFile[],
    staged: readonly string[],
    primaryKey?: readonly string[],
    statistics?: MergeFilesOptions['statistics'],
  ): Promise<MergedFiles>
  rows(paths: readonly string[]): Promise<readonly Row[]>
}

async function inFolder(use: (bench: Workbench) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    let files = 0
    const nextPath = (): string => join(folder, `${files++}.parquet`)
    let schema = new Schema([])
    await use({
      folder,
      async write(rows) {
        const path = nextPath()
        const batch = createConverter().convert(rows)
        const known = new Map([...schema.fields, ...batch.schema.fields].map((field) => [field.name, field]))
        schema = new Schema([...known.values()])
        await writeParquetFile(path, batch.schema, [batch])
        return path
      },
      merge: (live, staged, primaryKey = ['id'], statistics) =>
        mergeFiles({
          schema,
          primaryKey,
          live,
          staged,
          nextPath,
          spillFolder: join(folder, 'spill'),
          ...(statistics ? { statistics } : {}),
        }),
      async rows(paths) {
        const rows: Row[] = []
        for await (const batch of readAs(paths, schema)) rows.push(...fromArrow(batch))
        return rows
      },
    })
  })
}

function outline({ added, ...others }: MergedFiles): unknown {
  return { added: added.map(({ path }) => path), ...others }
}

async function fails(work: () => Promise<unknown>, code: string): Promise<Error> {
  const error = await failureOf(work())
  assert.is(error.code, code)
  return error
}
