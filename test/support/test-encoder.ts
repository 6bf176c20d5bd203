import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import type { EncodeOptions, ParquetEncoder } from '@millrace/parquet'
import type { RecordBatch, Schema } from 'apache-arrow'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { typedBatch, typedColumns } from './typed-columns.ts'

export interface EncoderTraits {
  readonly compressions: readonly NonNullable<EncodeOptions['compression']>[]
  /** Struct and list columns. An encoder without them must refuse them by name. */
  readonly nested: boolean
  /** Columns of {@link typedColumns} that it must refuse by name; all others it must write. */
  readonly refuses: readonly string[]
  /** Options that it cannot follow, and must refuse by name; all others it must follow. */
  readonly without: readonly ('rowGroupBytes' | 'pageBytes' | 'dictionary' | 'statistics')[]
  /** Batches that wait to be encoded, where another thread does that. Default 0. */
  readonly ahead?: number
}

/**
 * What every Parquet encoder must do, read back by two readers that share no code with any encoder: hyparquet and DuckDB.
 */
export function testEncoder(encoder: ParquetEncoder, traits: EncoderTraits): void {
  const it = suite(`encoder ${encoder.name}`)

  it('pulls nothing and writes nothing before it is asked to', () => {
    const source = new Watched([batchOf([{ a: 1 }])])
    encoder.encode(batchOf([{ a: 1 }]).schema, source)
    assert.is(source.pulled, 0)
  })

  it('writes every value so that both readers find it again, to the last digit', async () => {
    const batch = batchOf(extremes)
    const bytes = await encoded(encoder, batch.schema, [batch])
    assert.equal(await readWithHyparquet(bytes), inHyparquet(extremes))
    const rows = await readWithDuckDB(
      bytes,
      'select id, score, 1 / score = -1 / 0.0 as negative_zero, name, active, epoch_us(seen) from file',
    )
    assert.equal(rows, [
      ['9223372036854775807', 0, true, 'ü漢😀', true, '-62135596799999999'],
      [null, null, null, null, null, null],
      ['-9223372036854775808', 5e-324, false, '', false, '253402300799999999'],
      ['9007199254740993', -1.7976931348623157e308, false, 'a\u0000b', true, '-1'],
    ])
  })

  it('writes timestamps that Parquet says are UTC, in microseconds', async () => {
    const batch = batchOf([{ at: '2024-01-01T00:00:00.000001Z' }])
    const { schema } = metadataOf(await encoded(encoder, batch.schema, [batch]))
    const { type, converted_type, logical_type } = schema[1] ?? {}
    assert.equal([type, converted_type], ['INT64', 'TIMESTAMP_MICROS'])
    // The old annotation alone means the same; where the new one is there, it must say so.
    if (logical_type) assert.equal(logical_type, { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' })
  })

  it('keeps rows and columns in order across batches and row groups', async () => {
    const converter = createConverter()
    // So that "1" and "2" come after it, which an object's own order of keys would not keep.
    converter.convert([{ z: 0 }])
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      z: i,
      '2': `r${i}`,
      constructor: i % 2 === 0,
      'a.b': null,
      '1': i / 4,
    }))
    const batches = [0, 1, 2, 3].map((i) => converter.convert(rows.slice(i * 250, i * 250 + 250)))
    const bytes = await encoded(encoder, converter.schema, batches, { rowGroupRows: 300 })
    const metadata = metadataOf(bytes)
    assert.equal(
      metadata.row_groups.map((group) => Number(group.num_rows)),
      [300, 300, 300, 100],
    )
    assert.equal(
      metadata.schema.slice(1).map((element) => element.name),
      ['z', '1', '2', 'constructor'],
    )
    const expected = rows.map((row) => [String(row.z), row[1], row[2], row.constructor])
    assert.equal(await readWithDuckDB(bytes, 'select * from file'), expected)
  })

  it('keeps every pattern of nulls', async () => {
    const cell = fc.option(
      fc.record({ n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), s: fc.string({ unit: 'grapheme' }) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { maxLength: 200 }),
        fc.integer({ min: 1, max: 80 }),
        async (cells, rowGroupRows) => {
          const rows = cells.map((each, i) => ({
            i,
            n: each?.n ?? null,
            s: each?.s ?? null,
            b: each ? i % 3 === 0 : null,
          }))
          const converter = createConverter({ schema: batchOf([{ i: 1, n: 1, s: 'x', b: true }]).schema })
          const bytes = await encoded(encoder, converter.schema, [converter.convert(rows)], { rowGroupRows })
          assert.equal(
            await readWithHyparquet(bytes),
            rows.map((row) => ({ ...row, i: BigInt(row.i) })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('compresses as asked, and refuses what it cannot by name', async () => {
    const batch = batchOf(extremes)
    for (const compression of ['zstd', 'snappy', 'gzip', 'none'] as const) {
      if (traits.compressions.includes(compression)) {
        const bytes = await encoded(encoder, batch.schema, [batch], { compression })
        const codec = metadataOf(bytes).row_groups[0]?.columns[0]?.meta_data?.codec
        assert.is(codec, compression === 'none' ? 'UNCOMPRESSED' : compression.toUpperCase())
        assert.equal(await readWithHyparquet(bytes), inHyparquet(extremes))
        assert.equal(await readWithDuckDB(bytes, 'select count(*), count(name) from file'), [['4', '3']])
      } else await fails('E_UNSUPPORTED_COMPRESSION', () => encoded(encoder, batch.schema, [batch], { compression }))
    }
  })

  it('writes struct and list columns, or refuses them by name', async () => {
    const rows = [
      { who: { name: 'Zoë', tags: ['x', null], at: '2024-01-01T00:00:00Z' }, lists: [[1, 2], [], null] },
      { who: null, lists: null },
      { who: { name: null, tags: [], at: null }, lists: [] },
    ]
    const batch = batchOf(rows)
    if (!traits.nested) {
      const thrown = await fails('E_UNSUPPORTED_TYPE', () => encoded(encoder, batch.schema, [batch]))
      assert.match(thrown.message, '"who"')
      return
    }
    const bytes = await encoded(encoder, batch.schema, [batch])
    assert.equal(await readWithHyparquet(bytes), [
      { who: { name: 'Zoë', tags: ['x', null], at: new Date('2024-01-01') }, lists: [[1n, 2n], [], null] },
      { who: null, lists: null },
      { who: { name: null, tags: [], at: null }, lists: [] },
    ])
    assert.equal(await readWithDuckDB(bytes, 'select who.name, who.tags, epoch_us(who.at), lists from file'), [
      ['Zoë', ['x', null], '1704067200000000', [['1', '2'], [], null]],
      [null, null, null, null],
      [null, [], null, []],
    ])
  })

  for (const column of typedColumns) {
    const { name, nullable } = column
    const batch = typedBatch([column])
    if (traits.refuses.includes(name)) {
      it(`refuses ${batch.schema.fields[0]?.type}, by the name of the column`, async () => {
        const thrown = await fails('E_UNSUPPORTED_TYPE', () => encoded(encoder, batch.schema, [batch]))
        assert.match(thrown.message, `"${name}"`)
      })
      continue
    }
    it(`writes ${batch.schema.fields[0]} so that both readers find every value`, async () => {
      // Twice, and the second time a part of it: what a slice of a column leaves out must stay out.
      const bytes = await encoded(encoder, batch.schema, [batch, batch.slice(1, 3)])
      const twice = <T>(values: readonly T[]): T[] => [...values, ...values.slice(1)]
      assert.equal(
        (await readWithHyparquet(bytes, { utf8: false })).map((row) => row[name]),
        twice(column.hyparquet),
      )
      const { type, text = '{}::varchar', values } = column.duckdb
      assert.equal(
        await readWithDuckDB(bytes, `select typeof("${name}"), ${text.replace('{}', `"${name}"`)} from file`),
        twice(values).map((value) => [type, value]),
      )
      const [, field] = metadataOf(bytes).schema
      assert.is(field?.repetition_type, nullable ? 'OPTIONAL' : 'REQUIRED')
    })
  }

  it('fills typed columns that a batch lacks with null, and refuses to where they may hold none', async () => {
    const columns = typedColumns.filter(({ name, nullable }) => nullable && !traits.refuses.includes(name))
    const { schema } = typedBatch(columns)
    const [first] = columns
    assert.ok(first)
    const bytes = await encoded(encoder, schema, [typedBatch([first])])
    const expected = Object.fromEntries(columns.map(({ name }) => [name, null]))
    assert.equal(
      await readWithHyparquet(bytes, { utf8: false }),
      first.hyparquet.map((value) => ({ ...expected, [first.name]: value })),
    )
    const required = typedColumns.filter(({ nullable }) => !nullable)
    const wanted = typedBatch([first, ...required]).schema
    const thrown = await fails('E_SCHEMA_MISMATCH', () => encoded(encoder, wanted, [typedBatch([first])]))
    assert.match(thrown.message, '"required"')
  })

  it('fills the columns that a batch lacks with null', async () => {
    const converter = createConverter()
    const batches = [converter.convert([{ a: 1 }]), converter.convert([{ b: 'x' }])]
    const bytes = await encoded(encoder, converter.schema, batches)
    assert.equal(await readWithHyparquet(bytes), [
      { a: 1n, b: null },
      { a: null, b: 'x' },
    ])
  })

  it('writes a file of no rows where there are none', async () => {
    const { schema } = batchOf(extremes)
    const converter = createConverter({ schema })
    for (const batches of [[], [converter.convert([])]]) {
      const bytes = await encoded(encoder, schema, batches)
      assert.equal(await readWithHyparquet(bytes), [])
      assert.equal(await readWithDuckDB(bytes, 'select count(*) from file'), [['0']])
      assert.equal(
        metadataOf(bytes)
          .schema.slice(1)
          .map((element) => element.name),
        schema.names,
      )
    }
  })

  it('stores key-value metadata', async () => {
    const batch = batchOf([{ a: 1 }])
    const bytes = await encoded(encoder, batch.schema, [batch], { metadata: { stream: 'events', ü: '{"a":1}' } })
    const stored = new Map(metadataOf(bytes).key_value_metadata?.map(({ key, value }) => [key, value]))
    assert.is(stored.get('stream'), 'events')
    assert.is(stored.get('ü'), '{"a":1}')
  })

  const long = batchOf(Array.from({ length: 5000 }, (_, i) => ({ id: i, text: `${i % 7} of these words`.repeat(9) })))

  async function refusesOption(option: EncoderTraits['without'][number], options: EncodeOptions): Promise<boolean> {
    if (!traits.without.includes(option)) return false
    const thrown = await fails('E_UNSUPPORTED_OPTION', () => encoded(encoder, long.schema, [long], options))
    assert.match(thrown.message, option)
    return true
  }

  it('ends a row group by its bytes where it is asked to, or refuses', async () => {
    const options = { rowGroupBytes: 60_000, dictionary: false, compression: 'none' } as const
    if (await refusesOption('rowGroupBytes', options)) return
    const bytes = await encoded(
      encoder,
      long.schema,
      Array.from({ length: 50 }, (_, i) => long.slice(i * 100, i * 100 + 100)),
      options,
    )
    const groups = metadataOf(bytes).row_groups
    assert.ok(groups.length >= 8, `${groups.length} row groups`)
    for (const { total_byte_size } of groups) assert.ok(total_byte_size < 120_000n, `a row group of ${total_byte_size}`)
    assert.equal(await readWithDuckDB(bytes, 'select count(*), sum(id) from file'), [['5000', '12497500']])
  })

  it('ends a page by its bytes where it is asked to, or refuses', async () => {
    const options = { pageBytes: 20_000, dictionary: false, compression: 'none' } as const
    if (await refusesOption('pageBytes', options)) return
    const pages = await encoded(encoder, long.schema, [long], options)
    const onePage = await encoded(encoder, long.schema, [long], { ...options, pageBytes: 100_000_000 })
    // Every page has a header and statistics of its own.
    assert.ok(pages.length > onePage.length + 100, `${pages.length} bytes with pages, ${onePage.length} with one`)
    assert.equal(await readWithDuckDB(pages, 'select count(*), sum(id) from file'), [['5000', '12497500']])
  })

  it('stores repeated values once, or each by itself, as it is asked to, or refuses', async () => {
    for (const dictionary of [true, false]) {
      if (dictionary && (await refusesOption('dictionary', { dictionary }))) continue
      const bytes = await encoded(encoder, long.schema, [long], { dictionary, compression: 'none' })
      const encodings = metadataOf(bytes).row_groups[0]?.columns[1]?.meta_data?.encodings ?? []
      assert.is(
        encodings.some((name) => name.endsWith('_DICTIONARY')),
        dictionary,
        encodings.join(),
      )
      assert.equal(await readWithDuckDB(bytes, 'select count(distinct text) from file'), [['7']])
    }
  })

  it('by itself stores once what repeats among the first values, and whole numbers as differences, or neither', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      id: i,
      status: `status ${i % 7}`,
      email: `${i}@example.com`,
    }))
    const batch = batchOf(rows)
    const bytes = await encoded(encoder, batch.schema, [batch])
    const columns = metadataOf(bytes).row_groups[0]?.columns ?? []
    const [id, status, email] = columns.map((column) => column.meta_data?.encodings.join() ?? '')
    if (traits.without.includes('dictionary')) assert.not.match(`${id} ${status} ${email}`, /DICTIONARY|DELTA/)
    else {
      assert.match(id ?? '', /^(?!.*DICTIONARY).*DELTA_BINARY_PACKED/)
      assert.match(status ?? '', 'RLE_DICTIONARY')
      assert.match(email ?? '', /^(?!.*(DICTIONARY|DELTA)).*PLAIN/)
    }
    const found = await readWithHyparquet(bytes)
    assert.equal(
      found,
      rows.map((row) => ({ ...row, id: BigInt(row.id) })),
    )
  })

  it('stores least and greatest values of pages or row groups, or none, as it is asked to, or refuses', async () => {
    for (const statistics of ['page', 'rowGroup', 'none'] as const) {
      if (statistics !== 'none' && (await refusesOption('statistics', { statistics }))) continue
      const bytes = await encoded(encoder, long.schema, [long], { statistics })
      const column = metadataOf(bytes).row_groups[0]?.columns[0]
      assert.is(column?.meta_data?.statistics?.max_value, statistics === 'none' ? undefined : 4999n)
      assert.is(column?.column_index_offset !== undefined, statistics === 'page', `page index with ${statistics}`)
    }
  })

  it('refuses a schema without columns, and options that are none', async () => {
    const batch = createConverter().convert([{}])
    await fails('E_NO_COLUMNS', () => encoded(encoder, batch.schema, [batch]))
    const one = batchOf([{ a: 1 }])
    const wrong = [
      ...[0, 1.5, -1, Number.NaN].flatMap((n) => [{ rowGroupRows: n }, { rowGroupBytes: n }, { pageBytes: n }]),
      { compression: 'lzma' },
      { statistics: true },
      { dictionary: 'some' },
    ]
    for (const options of wrong) {
      const thrown: unknown = await encoded(encoder, one.schema, [one], options as EncodeOptions).then(
        () => assert.unreachable(),
        (error: unknown) => error,
      )
      assert.instance(thrown, RangeError)
      assert.match((thrown as Error).message, Object.keys(options)[0] as string)
    }
  })

  it('refuses a batch of another type, and returns the source', async () => {
    const good = batchOf([{ a: 1 }])
    const source = new Watched([good, batchOf([{ a: 'x' }]), good])
    await fails('E_SCHEMA_MISMATCH', () => encoded(encoder, good.schema, source))
    assert.is(source.returned, 1)
  })

  it('passes on the error of the source as it is, wherever it comes', async () => {
    const batch = batchOf([{ a: 1 }])
    for (const failAt of [0, 1, 5]) {
      const boom = new Error('boom')
      const source = new Watched(
        Array.from({ length: 9 }, () => batch),
        failAt,
        boom,
      )
      const thrown = await encoded(encoder, batch.schema, source, { rowGroupRows: 1 }).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.is(thrown, boom)
    }
  })

  it('returns the source on early exit, a few batches ahead of what was written', async () => {
    // Enough bytes that a row group is more than what writers buffer on the way out.
    const batch = batchOf(Array.from({ length: 1000 }, (_, a) => ({ a, text: `${a * 7919}`.repeat(9) })))
    const source = new Watched(Array.from({ length: 100 }, () => batch))
    for await (const _ of encoder.encode(batch.schema, source, { rowGroupRows: 1000 })) break
    assert.is(source.returned, 1)
    assert.ok(source.pulled <= 5 + (traits.ahead ?? 0), `pulled ${source.pulled} batches for the first piece`)
  })

  it('serves several files at once', async () => {
    const all = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const batch = batchOf(Array.from({ length: 500 }, (_, i) => ({ a: i * n })))
        return readWithHyparquet(await encoded(encoder, batch.schema, [batch, batch], { rowGroupRows: 100 }))
      }),
    )
    assert.equal(
      all.map((rows) => [rows.length, rows[999]?.['a']]),
      [1, 2, 3].map((n) => [1000, BigInt(499 * n)]),
    )
  })

  it.run()
}

const extremes: readonly Row[] = [
  { id: 9223372036854775807n, score: -0, name: 'ü漢😀', active: true, seen: '0001-01-01T00:00:00.000001Z' },
  { id: null, score: null, name: null, active: null, seen: null },
  { id: -9223372036854775808n, score: 5e-324, name: '', active: false, seen: '9999-12-31T23:59:59.999999Z' },
  {
    id: 9007199254740993n,
    score: -Number.MAX_VALUE,
    name: 'a\u0000b',
    active: true,
    seen: '1969-12-31T23:59:59.999999Z',
  },
]

/** hyparquet hands out timestamps as dates, whole milliseconds: towards zero, by its own division. */
function inHyparquet(rows: readonly Row[]): Row[] {
  const at = [-62135596799999, null, 253402300799999, 0]
  return rows.map((row, r) => ({ ...row, seen: at[r] === null ? null : new Date(at[r] ?? Number.NaN) }))
}

function batchOf(rows: readonly Row[]): RecordBatch {
  return createConverter().convert(rows)
}

async function encoded(
  encoder: ParquetEncoder,
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  options?: EncodeOptions,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of encoder.encode(schema, batches, options)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function metadataOf(bytes: Uint8Array): ReturnType<typeof parquetMetadata> {
  return parquetMetadata(new Uint8Array(bytes).buffer)
}

async function readWithHyparquet(
  bytes: Uint8Array,
  options: { readonly utf8?: boolean } = {},
): Promise<Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ ...options, file: new Uint8Array(bytes).buffer, compressors })
  return rows.map((row) => nullsIn(row) as Record<string, unknown>)
}

/** hyparquet reads a null inside a nested value as undefined. */
function nullsIn(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(nullsIn)
  if (typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, nullsIn(member)]))
}

async function readWithDuckDB(bytes: Uint8Array, query: string): Promise<unknown[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-encoder-'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await writeFile(join(folder, 'file.parquet'), bytes)
    await connection.run(`create view file as select * from read_parquet('${join(folder, 'file.parquet')}')`)
    return (await connection.runAndReadAll(query)).getRowsJson() as unknown[][]
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(folder, { recursive: true })
  }
}

async function fails(code: string, run: () => Promise<unknown>): Promise<Error> {
  const thrown = await run().then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.is((thrown as { code?: string } | undefined)?.code, code)
  return thrown as Error
}

/** Batches that remember how far they were read, and fail on demand. */
class Watched implements AsyncIterable<RecordBatch> {
  pulled = 0
  returned = 0
  readonly #batches: readonly RecordBatch[]
  readonly #failAt: number
  readonly #error: unknown

  constructor(batches: readonly RecordBatch[], failAt = Number.POSITIVE_INFINITY, error?: unknown) {
    this.#batches = batches
    this.#failAt = failAt
    this.#error = error
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    try {
      for (const batch of this.#batches) {
        if (this.pulled === this.#failAt) throw this.#error
        this.pulled += 1
        yield batch
      }
    } finally {
      this.returned += 1
    }
  }
}
