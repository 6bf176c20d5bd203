import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createConverter, fromArrow, growSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { joinFiles, readAs } from '@millrace/merge'
import { writeParquetFile } from '@millrace/parquet'
import type { Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('joinFiles')

it('writes the rows of files with different columns in their order, and finds out what was asked for', async () => {
  await withTempFolder(async (folder) => {
    const pages: readonly (readonly Row[])[] = [
      [
        { id: 3, inside: { a: 1 } },
        { id: 1, inside: { a: 2 } },
      ],
      [{ id: 2, inside: { a: 3 } }],
      [{ id: 9, inside: { a: 4 }, late: 'y' }],
      [{ id: 0, inside: { a: 5 } }],
    ]
    // DuckDB takes such a name for a pattern.
    const { paths, schema } = await write(folder, pages, 'a[1]*')
    const before = await Promise.all(paths.map((path) => readFile(path)))
    const [joined, ...others] = await joinFiles({
      schema,
      paths,
      folder: join(folder, 'joined'),
      spillFolder: join(folder, 'spill'),
      statistics: { columns: ['id'], textLength: 10 },
    })
    assert.is(others.length, 0)
    assert.equal([joined?.rows, joined?.columns.get('id')], [5, { nulls: 0, min: 0n, max: 9n }])
    assert.equal(
      (await rowsOf([joined?.path ?? ''], schema)).map(({ id, inside, late }) => [id, JSON.stringify(inside), late]),
      [
        [3, '{"a":1}', null],
        [1, '{"a":2}', null],
        [2, '{"a":3}', null],
        [9, '{"a":4}', 'y'],
        [0, '{"a":5}', null],
      ],
    )
    assert.equal(await Promise.all(paths.map((path) => readFile(path))), before)
    assert.not.ok(existsSync(join(folder, 'spill')))
  })
})

it('sorts all rows, into files that do not meet', async () => {
  await withTempFolder(async (folder) => {
    // A file is cut where a row group ends, of 122,880 rows.
    const rows = Array.from({ length: 300_007 }, (_, index) => ({ id: (index * 7_919) % 300_007 }))
    const { paths, schema } = await write(folder, [rows.slice(0, 100_000), rows.slice(100_000)], 'part')
    const joined = await joinFiles({
      schema,
      paths,
      sortBy: ['id'],
      fileBytes: 1_000,
      folder: join(folder, 'joined'),
      spillFolder: join(folder, 'spill'),
      statistics: { columns: [], textLength: 0 },
    })
    assert.equal(
      joined.map(({ path }) => basename(path)),
      ['data_0.parquet', 'data_1.parquet', 'data_2.parquet'],
    )
    const ids = (
      await rowsOf(
        joined.map(({ path }) => path),
        schema,
      )
    ).map(({ id }) => Number(id))
    assert.is(ids.length, 300_007)
    assert.ok(ids.every((id, index) => id === index))
  })
})

it('fails by the name of a file that is none, and makes nothing of no files', async () => {
  await withTempFolder(async (folder) => {
    const { paths, schema } = await write(folder, [[{ id: 1 }]], 'part')
    const options = {
      schema,
      folder: join(folder, 'joined'),
      spillFolder: join(folder, 'spill'),
      statistics: { columns: [], textLength: 0 },
    }
    assert.equal(await joinFiles({ ...options, paths: [] }), [])
    const missing = join(folder, 'missing.parquet')
    const error = await failureOf(joinFiles({ ...options, paths: [...paths, missing] }))
    assert.is(error.code, 'E_DUCKDB')
    assert.match(error.message, 'missing.parquet')
  })
})

it.run()

async function write(
  folder: string,
  pages: readonly (readonly Row[])[],
  name: string,
): Promise<{ paths: readonly string[]; schema: Schema }> {
  const paths: string[] = []
  let schema: Schema | undefined
  for (const [index, page] of pages.entries()) {
    const batch = createConverter().convert(page)
    const path = join(folder, `${name}-${index}.parquet`)
    await writeParquetFile(path, batch.schema, [batch])
    paths.push(path)
    schema = growSchema(schema, batch.schema)
  }
  if (!schema) throw new Error('no pages')
  return { paths, schema }
}

async function rowsOf(paths: readonly string[], schema: Schema): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const batch of readAs(paths, schema)) for (const row of fromArrow(batch)) rows.push(row)
  return rows
}
