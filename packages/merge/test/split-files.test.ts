import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createConverter, fromArrow, toSchema } from '@millrace/arrow'
import { MillraceError, type Row } from '@millrace/core'
import { type Constants, type PartitionFile, readAs, splitFiles } from '@millrace/merge'
import { writeParquetFile } from '@millrace/parquet'
import type { Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('splitFiles')

it('gives every combination of values a file of its own, with the rows in their order', async () => {
  await withTempFolder(async (folder) => {
    const row = (id: number): Row => ({ id, part: ['x', 'y', null][id % 3] ?? null, day: (id * 7) % 2 === 0 })
    const rows = Array.from({ length: 30_000 }, (_, index) => row(index))
    const { paths, schema } = await write(folder, [rows.slice(0, 17_000), rows.slice(17_000)])
    const files = await split(folder, paths, schema, ['part', 'day'])
    const expected = new Map<string, Row[]>()
    for (const each of rows) {
      const key = JSON.stringify({ part: each['part'], day: String(each['day']) })
      expected.set(key, [...(expected.get(key) ?? []), each])
    }
    assert.is(files.length, 6)
    assert.equal(new Set(files.map(({ partition }) => JSON.stringify(partition))), new Set(expected.keys()))
    for (const { path, partition, rows: count, columns } of files) {
      const wanted = (expected.get(JSON.stringify(partition)) ?? []).map(({ id }) => Number(id))
      assert.equal(await idsOf(path, schema), wanted)
      assert.equal([count, columns.get('id')?.nulls], [wanted.length, 0])
    }
    assert.not.ok(existsSync(join(folder, 'spill')))
  })
})

it('leaves files alone that are of one partition each', async () => {
  await withTempFolder(async (folder) => {
    const { paths, schema } = await write(folder, [
      [
        { id: 1, part: 'x' },
        { id: 2, part: 'x' },
      ],
      [{ id: 3 }],
      [
        { id: 4, part: 'y' },
        { id: 5, part: 'x' },
      ],
    ])
    const before = await Promise.all(paths.map((path) => readFile(path)))
    const files = await split(folder, paths, schema, ['part'])
    assert.equal(
      files.map(({ path, partition, rows }) => [basename(path), partition['part'], rows]),
      [
        ['in-0.parquet', 'x', 2],
        ['in-1.parquet', null, 1],
        ['new-0.parquet', 'x', 1],
        ['new-1.parquet', 'y', 1],
      ],
    )
    assert.equal(await Promise.all(paths.map((path) => readFile(path))), before)
  })
})

it('says values as texts: the digits of numbers, times as ISO 8601', async () => {
  await withTempFolder(async (folder) => {
    const row = {
      text: "it's ü/ö=%\\",
      big: 9007199254740993n,
      flag: false,
      at: '2024-05-01T12:00:00.000001+02:00',
      day: '2024-02-29',
      price: '-0.5',
      part: 'x',
    }
    const columns = toSchema({ day: { dataType: 'date' }, price: { dataType: 'decimal', precision: 3, scale: 3 } })
    const { paths, schema } = await write(folder, [[row, { ...row, text: 'other' }]], columns)
    const [file] = await split(folder, paths, schema, ['text', 'big', 'flag', 'at', 'day', 'price'])
    assert.equal(file?.partition, {
      text: row.text,
      big: '9007199254740993',
      flag: 'false',
      at: '2024-05-01T10:00:00.000001Z',
      day: '2024-02-29',
      price: '-0.500',
    })
  })
})

it('tells of the partitions before it writes any, and stops where that throws', async () => {
  await withTempFolder(async (folder) => {
    const { paths, schema } = await write(folder, [[{ part: 'x' }, { part: 'y' }, { part: null }]])
    let seen: readonly Constants[] = []
    const error = await failureOf(
      split(folder, paths, schema, ['part'], (partitions) => {
        seen = partitions
        throw new MillraceError('E_TEST', 'too many')
      }),
    )
    assert.match(error.message, /too many/)
    assert.equal(new Set(seen.map(({ part }) => part)), new Set(['x', 'y', null]))
    assert.not.ok(existsSync(join(folder, 'new-0.parquet')))
  })
})

it('gives nothing for no files', async () => {
  await withTempFolder(async (folder) => {
    const { schema } = await write(folder, [[{ part: 'x' }]])
    assert.equal(await split(folder, [], schema, ['part']), [])
  })
})

it.run()

async function write(
  folder: string,
  pages: readonly (readonly Row[])[],
  columns?: Schema,
): Promise<{ readonly paths: readonly string[]; readonly schema: Schema }> {
  const converter = createConverter(columns ? { columns } : {})
  const paths: string[] = []
  for (const [index, rows] of pages.entries()) {
    const batch = converter.convert(rows)
    const path = join(folder, `in-${index}.parquet`)
    await writeParquetFile(path, batch.schema, [batch])
    paths.push(path)
  }
  return { paths, schema: converter.schema }
}

function split(
  folder: string,
  paths: readonly string[],
  schema: Schema,
  partitionBy: readonly string[],
  check: (partitions: readonly Constants[]) => void = () => {},
): Promise<readonly PartitionFile[]> {
  let files = 0
  return splitFiles({
    schema,
    paths,
    partitionBy,
    check,
    nextPath: () => join(folder, `new-${files++}.parquet`),
    spillFolder: join(folder, 'spill'),
    statistics: { columns: ['id'], textLength: 32 },
  })
}

async function idsOf(path: string, schema: Schema): Promise<readonly number[]> {
  const ids: number[] = []
  for await (const batch of readAs([path], schema)) ids.push(...fromArrow(batch).map(({ id }) => Number(id)))
  return ids
}
