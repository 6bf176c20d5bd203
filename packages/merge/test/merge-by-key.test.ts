import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter, fromArrow } from '@millrace/arrow'
import { isMillraceError, type Row } from '@millrace/core'
import { type MergeByKeyOptions, mergeByKey } from '@millrace/merge'
import {
  Binary,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Int8,
  Int16,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  tableFromArrays,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from '../../../test/support/probe-source.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('mergeByKey')

it('keeps the last row per key, at the place where it arrived', async () => {
  const rows = await mergedRows('id', [
    [
      { id: 1, v: 'a' },
      { id: 2, v: 'b' },
      { id: 1, v: 'c' },
    ],
    [
      { id: 3, v: 'd' },
      { id: 2, v: 'e' },
    ],
  ])
  assert.equal(rows, [
    { id: 1, v: 'c' },
    { id: 3, v: 'd' },
    { id: 2, v: 'e' },
  ])
})

it('tells rows apart by every column of the key', async () => {
  const rows = await mergedRows(
    ['a', 'b'],
    [
      [
        { a: 1, b: 'x' },
        { a: 1, b: 'y' },
        { a: 1, b: 'x', n: 1 },
      ],
    ],
  )
  assert.equal(rows, [
    { a: 1, b: 'y', n: null },
    { a: 1, b: 'x', n: 1 },
  ])
})

it('gives every batch all columns that any batch had', async () => {
  const batches = await merged('id', [[{ id: 1 }], [{ id: 2, late: true }]])
  for (const batch of batches) assert.equal(batch.schema.names, ['id', 'late'])
})

it('gives objects the members that any batch had, of rows that come before and after', async () => {
  const rows = await mergedRows('id', [
    [
      { id: 1, o: { n: 1 }, l: [{ a: 1 }] },
      { id: 2, o: { n: 2 }, l: null },
    ],
    [{ id: 2, o: { n: 3, x: { y: 'z' } }, l: [{ b: true, a: 2 }] }],
    [{ id: 3, o: {}, l: [] }],
  ])
  assert.equal(rows, [
    { id: 1, o: { n: 1, x: null }, l: [{ a: 1, b: null }] },
    { id: 2, o: { n: 3, x: { y: 'z' } }, l: [{ a: 2, b: true }] },
    { id: 3, o: { n: null, x: null }, l: [] },
  ])
})

it('gives nothing for a source without rows', async () => {
  assert.equal(await merged('id', []), [])
  assert.equal(await merged('id', [[], []]), [])
})

it('keeps every value to the last digit, of rows that were written again, too', async () => {
  const first: Row = {
    id: 9007199254740993n,
    text: 'it\'s \u0000 "quoted" 漢🙂\n',
    at: '0001-01-01T00:00:00.000001Z',
    score: -0,
    flag: false,
    nested: { list: [{ deep: [1, null] }, { deep: [] }], empty: '' },
    tags: ['a', null],
  }
  const second: Row = {
    id: 2,
    text: '',
    at: '9999-12-31T23:59:59.999999Z',
    score: 5e-324,
    flag: true,
    nested: null,
    tags: [],
  }
  const rows = await mergedRows('id', [[first, { id: 2 }, second]])
  assert.equal(rows, [first, second])
  assert.ok(Object.is(rows[0]?.['score'], -0))
})

it('keeps types that rows alone never make, of rows that were written again, too', async () => {
  const types: Readonly<Record<string, readonly [DataType, unknown]>> = {
    id: [new Int16(), 7],
    small: [new Int8(), -1],
    ratio: [new Float32(), 0.5],
    price: [new Decimal(2, 12), Uint32Array.of(1234, 0, 0, 0)],
    day: [new DateDay(), new Date('2024-02-29T00:00:00Z')],
    time: [new TimeMicrosecond(), 86_399_999_999n],
    local: [new TimestampMicrosecond(), Date.UTC(2024, 0, 1)],
    bytes: [new Binary(), Uint8Array.of(0, 255)],
  }
  const schema = new Schema(Object.entries(types).map(([name, [type]]) => new Field(name, type, true)))
  const children = schema.fields.map(({ name, type }) => {
    const value = types[name]?.[1]
    // The first comes again, so that its file is written anew; the second has nothing but a key.
    return vectorFromArray(name === 'id' ? [value, 8, value] : [value, null, value], type).data[0] as Data
  })
  const data = makeData({ type: new Struct(schema.fields), length: 3, nullCount: 0, children })
  const [batch, ...more] = await collect(mergeByKey('id')(from([new RecordBatch(schema, data)])))
  assert.equal(more, [])
  assert.is(String(batch?.schema), String(schema))
  const valuesAt = (of: RecordBatch | undefined, row: number): unknown[] =>
    [...(of?.get(row) ?? [])].map(([, value]) => value)
  const before = new RecordBatch(schema, data)
  assert.equal(valuesAt(batch, 0), valuesAt(before, 1))
  assert.equal(valuesAt(batch, 1), valuesAt(before, 2))
})

it('tells keys apart as they are: by case, by accents, by a trailing space or a zero byte', async () => {
  const ids = ['a', 'A', 'a ', 'ä', 'a\u0308', '', 'a\u0000', '1', '01']
  assert.equal(
    (await mergedRows('id', [ids.map((id) => ({ id }))])).map(({ id }) => id),
    ids,
  )
})

it('names the first row without its key', async () => {
  await rejects(
    () => merged('id', [[{ id: 1 }], [{ id: 2 }, { id: null, v: 1 }]]),
    'E_KEY_MISSING',
    /row 2 has null .*"id"/,
  )
  await rejects(() => merged('key', [[{ id: 1 }]]), 'E_KEY_MISSING', /row 0 has nothing .*"key"/)
})

it('refuses what DuckDB would confuse: a list as a key, names that differ in case, names that DuckDB uses', async () => {
  await rejects(() => merged('id', [[{ id: [1] }]]), 'E_KEY_TYPE', /List/)
  await rejects(() => merged('id', [[{ id: 1, file_row_number: 7 }]]), 'E_COLUMN_NAME', /file_row_number/)
  const cases = from([batchOf([{ id: 1, ab: 2 }]), batchOf([{ id: 2, AB: 3 }])])
  await rejects(() => collect(mergeByKey('id')(cases)), 'E_COLUMN_NAME', /"ab" and "AB"/)
})

it('refuses a type that it would not give back exactly', async () => {
  const [batch] = tableFromArrays({ id: ['a', 'b'] }).batches
  assert.ok(batch)
  await rejects(() => collect(mergeByKey('id')(from([batch]))), undefined, /Dictionary/)
})

it('pulls nothing before the first next()', async () => {
  const source = createProbeSource({ item: () => batchOf([{ id: 1 }]), length: 2 })
  const iterator = mergeByKey('id')(source)[Symbol.asyncIterator]()
  await Promise.resolve()
  assert.is(source.pulled, 0)
  await iterator.return?.()
  assert.is(source.opened, 0)
})

it('leaves no file behind: at the end, on break, and where the source fails', async () => {
  await withTempFolder(async (tempFolder) => {
    const source = (failAt?: number): AsyncIterable<RecordBatch> =>
      createProbeSource({ item: (n) => batchOf([{ id: n }]), length: 3, ...(failAt === undefined ? {} : { failAt }) })
    const merge = mergeByKey('id', { tempFolder })
    await collect(merge(source()))
    for await (const _ of merge(source())) break
    const failing = createProbeSource({ item: () => batchOf([{ id: 1 }]), failAt: 1 })
    await rejects(() => collect(merge(failing)), undefined, /from the source/)
    await rejects(() => collect(merge(from([batchOf([{ other: 1 }])]))), 'E_KEY_MISSING', /id/)
    assert.equal(await readdir(tempFolder), [])
  })
})

it('works in a folder whose name is a pattern, a quote or a partition', async () => {
  await withTempFolder(async (home) => {
    for (const name of ["it's [1]*?", 'year=2024', 'a{b,c}', 'plus + %41 "']) {
      const tempFolder = join(home, name)
      await mkdir(tempFolder)
      assert.equal(
        await mergedRows(
          'id',
          [
            [
              { id: 1, v: 1 },
              { id: 1, v: 2 },
            ],
          ],
          { tempFolder },
        ),
        [{ id: 1, v: 2 }],
      )
    }
  })
})

it('keeps the order of 250 000 rows that do not fit the memory it is given', async () => {
  const [rows, keys] = [250_000, 170_000]
  async function* pages(): AsyncGenerator<RecordBatch> {
    for (let at = 0; at < rows; at += 10_000) {
      const page = Array.from({ length: 10_000 }, (_, index) => at + index)
      yield batchOf(page.map((n) => ({ id: `key ${(n * 7919) % keys}`, n, filler: `${n} `.repeat(20) })))
    }
  }
  let before = rows - keys - 1
  let count = 0
  // 24 MB for keys of 4 MB and rows of 60 MB.
  for await (const batch of mergeByKey('id', { memoryLimit: '24MB' })(pages())) {
    for (const n of batch.getChild('n')?.toArray() ?? []) {
      assert.is(Number(n), before + 1)
      before = Number(n)
      count += 1
    }
  }
  assert.is(count, keys)
})

it('equals a Map', async () => {
  const row = fc.record(
    { id: fc.integer({ min: 0, max: 6 }), part: fc.constantFrom('x', 'y'), v: fc.string() },
    { noNullPrototype: true },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 5 }), async (pages) => {
      const last = new Map<string, Row>()
      for (const each of pages.flat()) {
        const key = `${each.id} ${each.part}`
        last.delete(key)
        last.set(key, each)
      }
      assert.equal(
        (await mergedRows(['id', 'part'], pages)).map(({ id, part, v }) => ({ id, part, v })),
        [...last.values()],
      )
    }),
    { numRuns: 60, seed: 1 },
  )
})

it('asks for a key', () => {
  assert.throws(() => mergeByKey([]), /at least one key column/)
})

it.run()

function batchOf(rows: readonly Row[]): RecordBatch {
  return createConverter().convert(rows)
}

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

function merged(
  key: string | readonly string[],
  pages: readonly (readonly Row[])[],
  options?: MergeByKeyOptions,
): Promise<RecordBatch[]> {
  const converter = createConverter()
  return collect(mergeByKey(key, options)(from(pages.map((rows) => converter.convert(rows)))))
}

async function mergedRows(
  key: string | readonly string[],
  pages: readonly (readonly Row[])[],
  options?: MergeByKeyOptions,
): Promise<readonly Row[]> {
  return (await merged(key, pages, options)).flatMap(fromArrow)
}

async function rejects(work: () => Promise<unknown>, code: string | undefined, message: RegExp): Promise<void> {
  let result: unknown
  try {
    await work()
  } catch (thrown) {
    result = thrown
  }
  assert.instance(result, Error)
  if (code !== undefined) assert.is(isMillraceError(result) ? result.code : result, code)
  assert.match(String(result), message)
}
