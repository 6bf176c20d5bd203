import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter, fromArrow, toArrow } from '@millrace/arrow'
import { pipe, type Row } from '@millrace/core'
import {
  batchesAhead,
  type ParquetReport,
  parquetjsLite,
  parquetWasm,
  readParquet,
  type WriteFolderOptions,
  writeParquetFolder,
} from '@millrace/parquet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { canMount, withSmallDisk } from '../../../test/support/small-disk.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

async function* pages(...all: (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* all
}

const numbered = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, tags: [`t${from + i}`], odd: (from + i) % 2 === 1 }))

async function rowsOf(path: string): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of readParquet(path)) rows.push(...fromArrow(batch))
  return rows
}

const it = suite('writeParquetFolder')

it('ends files by rows, exactly, wherever the batches end, and reports every file', async () => {
  await withTempFolder(async (parent) => {
    for (const rowGroupRows of [1, 7, 100_000]) {
      const folder = join(parent, `new ${rowGroupRows}`, 'inner')
      const seen: ParquetReport[] = []
      const options = { fileRows: 10, rowGroupRows, onFile: (file: ParquetReport) => void seen.push(file) }
      const all = [numbered(0, 3), numbered(3, 35), [], numbered(35, 40), numbered(40, 42)]
      const report = await pipe(pages(...all), toArrow(), writeParquetFolder(folder, options))
      assert.equal(
        report.files.map(({ path, rows }) => [path, rows]),
        [0, 1, 2, 3, 4].map((n) => [join(folder, `part-0000${n}.parquet`), n === 4 ? 2 : 10]),
      )
      assert.equal(
        await readdir(folder),
        report.files.map(({ path }) => path.slice(folder.length + 1)),
      )
      assert.equal(seen, report.files)
      const found = await Promise.all(report.files.map(({ path }) => rowsOf(path)))
      assert.equal(found.flat(), numbered(0, 42))
      const sizes = await Promise.all(report.files.map(async ({ path }) => (await stat(path)).size))
      assert.equal(
        report.files.map(({ bytes }) => bytes),
        sizes,
      )
      assert.is(report.rows, 42)
      assert.is(
        report.bytes,
        sizes.reduce((total, size) => total + size, 0),
      )
    }
  })
})

it('writes no empty file after the last full one', async () => {
  await withTempFolder(async (folder) => {
    const report = await pipe(
      pages(numbered(0, 10), numbered(10, 20)),
      toArrow(),
      writeParquetFolder(folder, { fileRows: 10 }),
    )
    assert.is(report.files.length, 2)
  })
})

it('ends files by bytes, at a row group, and a few batches later at most', async () => {
  await withTempFolder(async (parent) => {
    const rows = Array.from({ length: 200 }, (_, id) => ({ id, text: `${id * 7919} `.repeat(200) }))
    for (const encoder of [undefined, parquetWasm(), parquetjsLite()]) {
      const folder = join(parent, encoder?.name ?? 'default')
      const options: WriteFolderOptions = { fileBytes: 500_000, rowGroupRows: 200, compression: 'none' }
      const all = Array.from({ length: 60 }, () => rows)
      const report = await pipe(
        pages(...all),
        toArrow(),
        writeParquetFolder(folder, { ...options, ...(encoder ? { encoder } : {}) }),
      )
      assert.is(report.rows, 12_000)
      assert.ok(report.files.length >= 4, `${report.files.length} files of ${report.bytes} bytes`)
      const group = report.bytes / 60
      for (const { bytes } of report.files.slice(0, -1)) {
        assert.ok(
          bytes >= 500_000 && bytes < 500_000 + (8 + batchesAhead) * group,
          `${bytes} bytes, a row group has ${group}`,
        )
      }
    }
  })
})

it('begins a file where a batch brings a column, and keeps the columns it has', async () => {
  await withTempFolder(async (folder) => {
    const all = [[{ a: 1 }], [{ a: 2 }], [{ a: 3, b: 'x' }], [{ b: 'y' }], [{ a: 'text' }]]
    const report = await pipe(pages(...all), toArrow(), writeParquetFolder(folder, { rowGroupRows: 1 }))
    assert.equal(await Promise.all(report.files.map(({ path }) => rowsOf(path))), [
      [{ a: 1 }, { a: 2 }],
      [
        { a: 3, b: 'x' },
        { a: null, b: 'y' },
      ],
      [{ a: null, b: null, a__v_utf8: 'text' }],
    ])
  })
})

it('begins no file for columns that come within the first row group, or are in the schema', async () => {
  await withTempFolder(async (folder) => {
    const all = [[{ a: 1 }], [{ a: 2, b: 'x' }]]
    const one = await pipe(pages(...all), toArrow(), writeParquetFolder(join(folder, '1')))
    assert.is(one.files.length, 1)
    const { schema } = createConverter().convert([{ a: 1, b: 'x' }])
    const options = { schema, rowGroupRows: 1 }
    const other = await pipe(pages(...all), toArrow(), writeParquetFolder(join(folder, '2'), options))
    assert.is(other.files.length, 1)
  })
})

it('needs rows or a schema', async () => {
  await withTempFolder(async (folder) => {
    assert.is((await failureOf(pipe(pages(), toArrow(), writeParquetFolder(folder)))).code, 'E_NO_ROWS')
    assert.equal(await readdir(folder), [])
    const { schema } = createConverter().convert([{ a: 1 }])
    const report = await pipe(pages(), toArrow(), writeParquetFolder(folder, { schema }))
    assert.equal([report.files.length, report.rows], [1, 0])
    assert.equal(await rowsOf(join(folder, 'part-00000.parquet')), [])
  })
})

it('refuses a folder that has such files, and touches nothing in it', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'other.parquet'), 'other')
    await writeFile(join(folder, 'part-00007.parquet'), 'old')
    let pulled = 0
    async function* source(): AsyncGenerator<readonly Row[]> {
      pulled += 1
      yield [{ a: 1 }]
    }
    const failure = await failureOf(pipe(source(), toArrow(), writeParquetFolder(folder)))
    assert.is(failure.code, 'E_FILE_EXISTS')
    assert.match(failure.message, 'part-00007.parquet')
    assert.equal(failure.context, { path: folder })
    assert.is(pulled, 0)
    assert.equal(await readdir(folder), ['other.parquet', 'part-00007.parquet'])
  })
})

it('keeps the files that are whole where it fails, removes the one it was at, and says so', async () => {
  await withTempFolder(async (parent) => {
    const boom = new Error('boom')
    const seen: string[] = []
    let returned = 0
    async function* failing(thrown?: Error): AsyncGenerator<readonly Row[]> {
      try {
        yield numbered(0, 25)
        if (thrown) throw thrown
        yield [{ id: 1, tags: 'a', odd: true, '': 1 }]
      } finally {
        returned += 1
      }
    }
    const options = {
      fileRows: 10,
      rowGroupRows: 5,
      onFile: ({ path }: ParquetReport) => void seen.push(path.slice(-18)),
    }
    const ours = join(parent, 'ours')
    // The error of a step of ours says what is finished; that of somebody else is passed on as it is.
    const failure = await failureOf(pipe(failing(), toArrow(), writeParquetFolder(ours, options)))
    assert.is(failure.code, 'E_COLUMN_NAME')
    assert.match(failure.message, `2 files with 20 rows are whole in ${ours}`)
    assert.is(failure.context['finishedFiles'], 2)
    assert.is(failure.context['finishedRows'], 20)
    assert.is(returned, 1)

    const theirs = join(parent, 'theirs')
    assert.is(await rejection(pipe(failing(boom), toArrow(), writeParquetFolder(theirs, options))), boom)
    assert.is(returned, 2)
    const whole = ['part-00000.parquet', 'part-00001.parquet']
    assert.equal(seen, [...whole, ...whole])
    for (const folder of [ours, theirs]) {
      assert.equal(await readdir(folder), whole)
      assert.equal((await Promise.all(whole.map((name) => rowsOf(join(folder, name))))).flat(), numbered(0, 20))
    }
  })
})

it('keeps the whole files on a disk that gets full', async () => {
  if (!canMount) return
  await withSmallDisk(1_048_576, async (disk) => {
    const folder = join(disk, 'events')
    const rows = Array.from({ length: 200 }, (_, id) => ({ id, text: `${id * 7919} `.repeat(200) }))
    async function* endless(): AsyncGenerator<readonly Row[]> {
      for (;;) yield rows
    }
    const options = { fileRows: 200, compression: 'none' } as const
    const failure = await failureOf(pipe(endless(), toArrow(), writeParquetFolder(folder, options)))
    assert.is(failure.code, 'E_WRITE_FILE')
    assert.match(failure.message, /the disk is full.*; \d+ files with \d+ rows are whole in /)
    const names = await readdir(folder)
    assert.is(names.length, failure.context['finishedFiles'])
    for (const name of names) assert.is((await rowsOf(join(folder, name))).length, 200)
  })
})

it('refuses limits that are none', () => {
  for (const wrong of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => writeParquetFolder('a', { fileRows: wrong }), /fileRows/)
    assert.throws(() => writeParquetFolder('a', { fileBytes: wrong }), /fileBytes/)
  }
})

it('names the folder that it cannot make', async () => {
  await withTempFolder(async (parent) => {
    await writeFile(join(parent, 'file'), '')
    await mkdir(join(parent, 'folder'))
    const folder = join(parent, 'file', 'inner')
    const failure = await failureOf(pipe(pages([{ a: 1 }]), toArrow(), writeParquetFolder(folder)))
    assert.is(failure.code, 'E_WRITE_FILE')
    assert.equal(failure.context, { path: folder })
  })
})

it.run()
