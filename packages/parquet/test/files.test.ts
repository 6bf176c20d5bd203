import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { WritableStream } from 'node:stream/web'
import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  type ParquetEncoder,
  parquetjsLite,
  parquetWasm,
  readParquet,
  writeParquet,
  writeParquetFile,
} from '@millrace/parquet'
import type { RecordBatch } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'

let folder = ''
async function makeFolder(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'millrace-parquet-'))
}
async function removeFolder(): Promise<void> {
  await rm(folder, { recursive: true })
}

async function* batchesOf(pages: readonly (readonly Row[])[], failure?: Error): AsyncGenerator<RecordBatch> {
  const converter = createConverter()
  for (const page of pages) yield converter.convert(page)
  if (failure) throw failure
}

async function rowsOf(path: string | Uint8Array): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of readParquet(path)) rows.push(...fromArrow(batch))
  return rows
}

async function codeOf(run: () => Promise<unknown>): Promise<string | undefined> {
  return run().then(
    () => undefined,
    (thrown: unknown) => (thrown as { code?: string }).code ?? String(thrown),
  )
}

const write = suite('writeParquet')
write.before.each(makeFolder)
write.after.each(removeFolder)

write(
  'writes values nested as deep as a converter makes columns of, and deeper ones as the text they become',
  async () => {
    const nest = (depth: number): unknown => JSON.parse(`${'{"n":'.repeat(depth)}1${'}'.repeat(depth)}`)
    const rows = [40, 50, 51, 200].map((depth) => ({ [`depth${depth}`]: nest(depth) }))
    const path = join(folder, 'deep.parquet')
    await writeParquet(path)(batchesOf([[Object.assign({}, ...rows)]]))
    const [row = {}] = await rowsOf(path)
    assert.equal(row['depth50'], nest(50))
    assert.is(row['depth51'], JSON.stringify(nest(51)))
    assert.is(row['depth200'], JSON.stringify(nest(200)))
  },
)

write('writes one file and reports it', async () => {
  const path = join(folder, 'a.parquet')
  const report = await writeParquet(path)(batchesOf([[{ id: 1 }, { id: 2 }], [{ id: 3 }]]))
  assert.equal(report, { path, rows: 3, bytes: (await readFile(path)).length })
  assert.equal(await rowsOf(path), [{ id: 1 }, { id: 2 }, { id: 3 }])
  assert.equal(await readdir(folder), ['a.parquet'])
})

write('takes the columns of all batches of the first row group', async () => {
  const path = join(folder, 'a.parquet')
  await writeParquet(path)(batchesOf([[{ id: 1 }], [{ id: 'x', name: 'y' }]]))
  assert.equal(await rowsOf(path), [
    { id: 1, id__v_utf8: null, name: null },
    { id: null, id__v_utf8: 'x', name: 'y' },
  ])
})

write('refuses a column that comes after the rows that settled the columns, and says what to do', async () => {
  const path = join(folder, 'a.parquet')
  const pages = [[{ id: 1 }], [{ id: 2, late: 3 }]]
  const options = { schemaRows: 1 }
  assert.is(await codeOf(() => writeParquet(path, options)(batchesOf(pages))), 'E_SCHEMA_CHANGED')
  assert.equal(await readdir(folder), [])
  const inside = [[{ o: { a: 1 } }], [{ o: { a: 2, late: 3 } }]]
  const failure = await failureOf(writeParquet(path, options)(batchesOf(inside)))
  assert.match(failure.message, /column "o.late" first appeared after/)
  await writeParquet(path)(batchesOf(inside))
  assert.equal(await rowsOf(path), [{ o: { a: 1, late: null } }, { o: { a: 2, late: 3 } }])
  const { schema } = createConverter().convert([{ id: 1, late: 2 }])
  await writeParquet(path, { ...options, schema })(batchesOf(pages))
  assert.equal(await rowsOf(path), [
    { id: 1, late: null },
    { id: 2, late: 3 },
  ])
})

write('replaces a file only by a whole one, and leaves nothing behind when it fails', async () => {
  const path = join(folder, 'a.parquet')
  await writeFile(path, 'old')
  const boom = new Error('boom')
  for (const encoder of [parquetWasm(), parquetjsLite()]) {
    for (const pages of [[], [[{ id: 1 }]], [[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]]) {
      const thrown = await writeParquet(path, { encoder, rowGroupRows: 1 })(batchesOf(pages, boom)).catch(
        (error: unknown) => error,
      )
      assert.is(thrown, boom)
      assert.equal(await readdir(folder), ['a.parquet'])
      assert.is(await readFile(path, 'utf8'), 'old')
    }
  }
  await writeParquet(path)(batchesOf([[{ id: 1 }]]))
  assert.equal(await rowsOf(path), [{ id: 1 }])
})

write('writes to streams of Node and the web, and ends them', async () => {
  const pages = [[{ id: 1 }, { id: 2 }], [{ id: 3 }]]
  const pieces: Uint8Array[] = []
  const web = new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) })
  const report = await writeParquet(web)(batchesOf(pages))
  const target = new PassThrough()
  const read = target.toArray()
  assert.equal(await writeParquet(target)(batchesOf(pages)), report)
  for (const bytes of [Buffer.concat(pieces), Buffer.concat(await read)]) {
    assert.equal(report, { rows: 3, bytes: bytes.length })
    assert.equal(await rowsOf(bytes), [{ id: 1 }, { id: 2 }, { id: 3 }])
  }
})

write('destroys a stream it cannot write the whole to, and fails with one that breaks', async () => {
  const boom = new Error('boom')
  const target = new PassThrough().resume()
  const thrown = await writeParquet(target, { rowGroupRows: 1 })(batchesOf([[{ id: 1 }], [{ id: 2 }]], boom)).catch(
    (error: unknown) => error,
  )
  assert.is(thrown, boom)
  assert.is(target.destroyed, true)
  const broken = new Writable({ write: (_bytes, _encoding, done) => done(new Error('broken pipe')) })
  assert.is(await codeOf(() => writeParquet(broken)(batchesOf([[{ id: 1 }]]))), 'E_WRITE_STREAM')
})

write('needs rows or a schema', async () => {
  const path = join(folder, 'a.parquet')
  assert.is(await codeOf(() => writeParquet(path)(batchesOf([]))), 'E_NO_ROWS')
  assert.is(await codeOf(() => writeParquet(path)(batchesOf([[{}]]))), 'E_NO_COLUMNS')
  assert.equal(await readdir(folder), [])
  const { schema } = createConverter().convert([{ id: 1 }])
  assert.is((await writeParquet(path, { schema })(batchesOf([]))).rows, 0)
  assert.equal(await rowsOf(path), [])
})

write('returns the source when the encoder fails', async () => {
  let returned = 0
  async function* source(): AsyncGenerator<RecordBatch> {
    try {
      yield* batchesOf([[{ id: [1] }], [{ id: [2] }]])
    } finally {
      returned += 1
    }
  }
  const path = join(folder, 'a.parquet')
  assert.is(
    await codeOf(() => writeParquet(path, { encoder: parquetjsLite(), rowGroupRows: 1 })(source())),
    'E_UNSUPPORTED_TYPE',
  )
  assert.is(returned, 1)
})

write.run()

const writeFileSuite = suite('writeParquetFile')
writeFileSuite.before.each(makeFolder)
writeFileSuite.after.each(removeFolder)

writeFileSuite('never touches a file that exists', async () => {
  const path = join(folder, 'a.parquet')
  const batch = createConverter().convert([{ id: 1 }])
  await writeFile(path, 'old')
  assert.is(await codeOf(() => writeParquetFile(path, batch.schema, [batch])), 'E_FILE_EXISTS')
  assert.is(await readFile(path, 'utf8'), 'old')
})

writeFileSuite('removes the file it began when it fails', async () => {
  const batch = createConverter().convert([{ id: 1 }])
  const other = createConverter().convert([{ id: 'x' }])
  const path = join(folder, 'a.parquet')
  assert.is(await codeOf(() => writeParquetFile(path, batch.schema, [batch, other])), 'E_SCHEMA_MISMATCH')
  assert.equal(await readdir(folder), [])
})

writeFileSuite('names the file where the disk fails', async () => {
  const batch = createConverter().convert([{ id: 1 }])
  const path = join(folder, 'missing', 'a.parquet')
  const thrown = await writeParquetFile(path, batch.schema, [batch]).catch((error: Error) => error)
  assert.is((thrown as unknown as { code: string }).code, 'E_WRITE_FILE')
  assert.match((thrown as Error).message, path)
})

writeFileSuite('takes any encoder: an interface of one method', async () => {
  const encoder: ParquetEncoder = {
    name: 'two bytes',
    async *encode() {
      yield new Uint8Array([1])
      yield new Uint8Array([2])
    },
  }
  const batch = createConverter().convert([{ id: 1 }])
  const path = join(folder, 'a')
  assert.is((await writeParquetFile(path, batch.schema, [batch], { encoder })).bytes, 2)
  assert.equal([...(await readFile(path))], [1, 2])
})

writeFileSuite.run()

const read = suite('readParquet')
read.before.each(makeFolder)
read.after.each(removeFolder)

read('reads every row group in order, nested values and the last digit too', async () => {
  const rows = Array.from({ length: 700 }, (_, i) => ({
    id: 2n ** 62n + BigInt(i),
    at: new Date(1e12 + i).toISOString(),
    who: { tags: [`t${i}`, null], n: i / 8 },
  }))
  const path = join(folder, 'a.parquet')
  await writeParquet(path, { rowGroupRows: 100 })(batchesOf([rows]))
  assert.equal(await rowsOf(path), rows)
})

read('reports a file that is missing, cut off or damaged, and the next file is read all the same', async () => {
  const good = join(folder, 'good.parquet')
  const rows = Array.from({ length: 5000 }, (_, i) => ({ id: i, text: `text ${i * 7919}` }))
  await writeParquet(good)(batchesOf([rows]))
  const bytes = await readFile(good)
  const cases = {
    'empty.parquet': Buffer.alloc(0),
    'cut.parquet': bytes.subarray(0, bytes.length - 100),
    'text.parquet': Buffer.from('PAR1 is not enough PAR1'),
    'damaged.parquet': Buffer.from(bytes).fill(0x41, 4, 4000),
  }
  for (const [name, content] of Object.entries(cases)) {
    await writeFile(join(folder, name), content)
    assert.is(await codeOf(() => rowsOf(join(folder, name))), 'E_PARQUET', name)
    assert.is(await codeOf(() => rowsOf(content)), 'E_PARQUET', name)
  }
  assert.is(await codeOf(() => rowsOf(join(folder, 'missing.parquet'))), 'E_PARQUET')
  assert.is((await rowsOf(good)).length, 5000)
})

read('can be left after the first batch', async () => {
  const path = join(folder, 'a.parquet')
  await writeParquet(path, { rowGroupRows: 10 })(batchesOf([Array.from({ length: 50 }, (_, id) => ({ id }))]))
  for await (const batch of readParquet(path)) {
    assert.is(batch.numRows, 10)
    break
  }
})

read.run()
