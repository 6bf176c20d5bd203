import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { createConverter, fromArrow, readArrow, toArrow, toIpc, writeArrow } from '@millrace/arrow'
import { pipe, type Row, toArray } from '@millrace/core'
import { type RecordBatch, tableFromIPC } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { root } from '../../../test/support/source-tree.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { settle } from '../../../test/support/turns.ts'

const formats = ['file', 'stream'] as const

const rows: readonly Row[] = [
  { id: 9007199254740993n, name: 'ü漢😀', at: '2024-01-01T00:00:00.000001Z', tags: ['x', null], who: { n: 1.5 } },
  { id: null, name: null, at: null, tags: null, who: null },
  { id: -1, name: '', at: '0001-01-01T00:00:00.000Z', tags: [], who: { n: null } },
]

async function* pages(...all: (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* all
}

async function bytesOf(format: 'file' | 'stream', ...all: (readonly Row[])[]): Promise<Uint8Array> {
  const { schema } = createConverter().convert(rows)
  return Buffer.concat(await pipe(pages(...all), toArrow({ schema }), toIpc({ format, schema }), toArray()))
}

async function rowsOf(batches: AsyncIterable<RecordBatch>): Promise<Row[]> {
  const found: Row[] = []
  for await (const batch of batches) found.push(...fromArrow(batch))
  return found
}

const write = suite('writeArrow')

for (const format of formats) {
  write(`writes a ${format} that apache-arrow reads, and reports it`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'a')
      const report = await pipe(pages(rows, [], rows), toArrow(), writeArrow(path, { format }))
      const bytes = await readFile(path)
      assert.equal(report, { path, rows: 6, bytes: bytes.length })
      const { batches, schema } = tableFromIPC(bytes)
      assert.equal(batches.flatMap(fromArrow), [...rows, ...rows])
      assert.equal(String(schema), String(createConverter().convert(rows).schema))
      assert.equal(await readdir(folder), ['a'])
    })
  })

  write(`writes a ${format} to a stream, and ends it`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'a')
      const report = await pipe(pages(rows), toArrow(), writeArrow(createWriteStream(path), { format }))
      assert.equal(report, { rows: 3, bytes: (await readFile(path)).length })
      assert.equal(await rowsOf(readArrow(path)), rows)
    })
  })

  write(
    `writes a ${format} with the columns of the first rows, missing ones null, and refuses later ones`,
    async () => {
      await withTempFolder(async (folder) => {
        const path = join(folder, 'a')
        const all = [[{ a: 1 }], [{ a: 2, b: 'x' }], [{ b: 'y' }]]
        await pipe(pages(...all), toArrow(), writeArrow(path, { format }))
        assert.equal(await rowsOf(readArrow(path)), [
          { a: 1, b: null },
          { a: 2, b: 'x' },
          { a: null, b: 'y' },
        ])
        const before = await readFile(path)
        const failure = await failureOf(pipe(pages(...all), toArrow(), writeArrow(path, { format, schemaRows: 1 })))
        assert.is(failure.code, 'E_SCHEMA_CHANGED')
        assert.match(failure.message, /"b".*`schema`.*`schemaRows`/)
        assert.equal(failure.context, { column: 'b' })
        assert.equal(await readFile(path), before)
        assert.equal(await readdir(folder), ['a'])
      })
    },
  )

  write(`needs rows or a schema for a ${format}`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'a')
      assert.is((await failureOf(pipe(pages(), toArrow(), writeArrow(path, { format })))).code, 'E_NO_ROWS')
      const { schema } = createConverter().convert(rows)
      await pipe(pages(), toArrow(), writeArrow(path, { format, schema }))
      const [batch, ...more] = await pipe(readArrow(path), toArray())
      assert.equal(more, [])
      assert.is(batch?.numRows, 0)
      assert.is(String(batch?.schema), String(schema))
      // And what was read can be written again.
      await writeArrow(join(folder, 'b'), { format })(readArrow(path))
      assert.is(String(tableFromIPC(await readFile(join(folder, 'b'))).schema), String(schema))
    })
  })
}

write('refuses a column that changes its type', async () => {
  await withTempFolder(async (folder) => {
    async function* batches(): AsyncGenerator<RecordBatch> {
      yield createConverter().convert([{ a: 1 }])
      yield createConverter().convert([{ a: 'x' }])
    }
    const failure = await failureOf(writeArrow(join(folder, 'a'))(batches()))
    assert.is(failure.code, 'E_SCHEMA_MISMATCH')
    assert.equal(await readdir(folder), [])
  })
})

write('passes the error of the source on, and leaves nothing', async () => {
  await withTempFolder(async (folder) => {
    const boom = new Error('boom')
    async function* failing(): AsyncGenerator<readonly Row[]> {
      yield rows
      throw boom
    }
    for (const format of formats) {
      assert.is(await rejection(pipe(failing(), toArrow(), writeArrow(join(folder, 'a'), { format }))), boom)
    }
    assert.equal(await readdir(folder), [])
  })
})

write.run()

const operator = suite('toIpc')

operator(
  'pulls nothing before the first next, one batch a piece then, and returns the source on early exit',
  async () => {
    let pulled = 0
    let returned = 0
    async function* source(): AsyncGenerator<RecordBatch> {
      try {
        for (;;) {
          pulled += 1
          yield createConverter().convert([{ a: pulled }])
        }
      } finally {
        returned += 1
      }
    }
    const pieces = toIpc({ format: 'stream', schemaRows: 1 })(source())
    await settle()
    assert.is(pulled, 0)
    let count = 0
    for await (const _ of pieces) {
      await settle()
      assert.is(pulled, Math.max(1, count))
      if (++count === 4) break
    }
    assert.is(returned, 1)
  },
)

operator('gives bytes of its own: batches may change when a piece is out', async () => {
  const batch = createConverter().convert([{ a: 1 }])
  const values = batch.getChild('a')?.data[0]?.values as BigInt64Array
  async function* source(): AsyncGenerator<RecordBatch> {
    yield batch
    values.fill(7n)
  }
  const bytes = Buffer.concat(await pipe(source(), toIpc({ schemaRows: 1 }), toArray()))
  assert.equal(await rowsOf(readArrow(bytes)), [{ a: 1 }])
})

operator.run()

const read = suite('readArrow')

for (const format of formats) {
  read(`reads a ${format} from a path, bytes, and streams of Node and the web, in pieces of any size`, async () => {
    await withTempFolder(async (folder) => {
      const bytes = await bytesOf(format, rows, rows)
      const path = join(folder, 'a')
      await writeFile(path, bytes)
      const all = [...rows, ...rows]
      assert.equal(await rowsOf(readArrow(path)), all)
      assert.equal(await rowsOf(readArrow(bytes)), all)
      for (const highWaterMark of [1, 7, 64, 1_000_000]) {
        assert.equal(await rowsOf(readArrow(createReadStream(path, { highWaterMark }))), all, `${highWaterMark}`)
      }
      assert.equal(await rowsOf(readArrow(ReadableStream.from([bytes.subarray(0, 9), bytes.subarray(9)]))), all)
    })
  })

  read(`never takes a part of a ${format} for the whole, wherever it is cut off`, async () => {
    await withTempFolder(async (folder) => {
      const bytes = await bytesOf(format, rows, rows)
      const path = join(folder, 'a')
      for (let length = 0; length < bytes.length; length++) {
        const failure = await failureOf(rowsOf(readArrow(bytes.subarray(0, length))))
        assert.is(failure.code, 'E_IPC', `${length} of ${bytes.length} bytes`)
        // Where the messages end lies anywhere; a file on disk is read by other code, and slower.
        if (length % 8 !== 0) continue
        await writeFile(path, bytes.subarray(0, length))
        assert.is((await failureOf(rowsOf(readArrow(path)))).code, 'E_IPC', `${length} bytes on disk`)
      }
    })
  })
}

read('refuses what follows the end of a stream', async () => {
  const bytes = await bytesOf('stream', rows)
  const failure = await failureOf(rowsOf(readArrow(Buffer.concat([bytes, bytes]))))
  assert.is(failure.code, 'E_IPC')
  assert.match(failure.message, 'bytes after its end')
})

read('names the file that is missing or something else', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    assert.match(
      (await failureOf(rowsOf(readArrow(path)))).message,
      new RegExp(`cannot read ${path} as Arrow IPC: ENOENT`),
    )
    for (const content of ['', 'id,name\n1,x\n', `ARROW1${'x'.repeat(50)}`, `${'x'.repeat(50)}ARROW1`]) {
      await writeFile(path, content)
      const failure = await failureOf(rowsOf(readArrow(path)))
      assert.is(failure.code, 'E_IPC', content)
      assert.match(failure.message, path)
    }
  })
})

read('passes the error of a stream of bytes on as it is', async () => {
  const bytes = await bytesOf('stream', rows, rows)
  for (const length of [0, 3, bytes.length - 20, bytes.length]) {
    const source = new PassThrough()
    const boom = new Error('connection reset')
    const found = rejection(rowsOf(readArrow(source)))
    source.write(Buffer.concat([bytes.subarray(0, length)]))
    await settle()
    source.destroy(boom)
    assert.is(await found, boom, `after ${length} bytes`)
  }
})

read('closes the file, or the stream, on early exit', async () => {
  await withTempFolder(async (folder) => {
    for (const format of formats) {
      const path = join(folder, format)
      await writeFile(path, await bytesOf(format, rows, rows, rows))
      const before = (await readdir('/proc/self/fd')).length
      for await (const batch of readArrow(path)) {
        assert.is(batch.numRows, 3)
        break
      }
      assert.is((await readdir('/proc/self/fd')).length, before)
      const stream = createReadStream(path, { highWaterMark: 64 })
      for await (const _ of readArrow(stream)) break
      // It tells of an abort besides, as streams do that are left early.
      if (!stream.closed) await new Promise<void>((resolve) => stream.on('close', resolve))
      assert.is(stream.destroyed, true)
    }
  })
})

read.run()

/** Made by `pyarrow/make.py`: what Arrow's other implementation writes. */
const pyarrow = suite('readArrow, of files made by pyarrow')

const made = join(root, 'packages/arrow/test/pyarrow')

/** As JSON, since dictionaries and decimals are not among the types that rows have. */
async function shown(path: string): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const batch of readArrow(path)) for (const row of batch.toArray()) found.push(shownValue(row))
  return found
}

function shownValue(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)))
}

const expected = [
  { city: 'Zürich', id: '1', price: '"150"', tags: ['a', null], who: { name: 'Al', age: '7' } },
  { city: 'Oslo', id: '9007199254740993', price: null, tags: [], who: null },
  { city: null, id: null, price: '"-9999999999"', tags: null, who: { name: null, age: null } },
  { city: 'Oslo', id: '-9223372036854775808', price: '"0"', tags: ['b'], who: { name: '', age: '0' } },
]
const instants = [
  { day: Date.UTC(2024, 4, 1), seen: Date.UTC(2024, 4, 1) },
  { day: null, seen: null },
  { day: -86_400_000, seen: null },
  { day: -62_135_596_800_000, seen: null },
]

for (const name of ['file.arrow', 'stream.arrows', 'legacy.arrows']) {
  pyarrow(`reads dictionaries, decimals, dates, lists and structs of ${name}`, async () => {
    assert.equal(
      await shown(join(made, name)),
      expected.map((row, r) => ({ ...row, ...instants[r] })).map((row) => shownValue(row)),
    )
  })
}

pyarrow('reads dictionaries that grow, and one that takes the place of another', async () => {
  const words = async (name: string): Promise<unknown[]> => (await shown(join(made, name))).map((row) => row)
  const grown = ['a', 'b', 'c', 'a'].map((word) => ({ word }))
  assert.equal(await words('delta.arrows'), grown)
  assert.equal(await words('replaced.arrows'), [...grown, { word: 'x' }, { word: 'y' }])
})

pyarrow('refuses compressed bodies, and says what to do', async () => {
  for (const name of ['lz4.arrow', 'zstd.arrows']) {
    const failure = await failureOf(shown(join(made, name)))
    assert.is(failure.code, 'E_IPC')
    assert.match(failure.message, /compressed; write it without compression/)
  }
})

pyarrow('writes dictionaries again, where the format can', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    for (const [name, format] of [
      ['file.arrow', 'file'],
      ['stream.arrows', 'stream'],
      ['replaced.arrows', 'stream'],
    ] as const) {
      await writeArrow(path, { format })(readArrow(join(made, name)))
      assert.equal(await shown(path), await shown(join(made, name)))
    }
    const failure = await failureOf(writeArrow(path, { format: 'file' })(readArrow(join(made, 'replaced.arrows'))))
    assert.is(failure.code, 'E_IPC')
    assert.match(failure.message, "use format: 'stream'")
  })
})

pyarrow.run()
