import { conformBatch, createConverter, decodeIpc, encodeIpc, fromArrow, growSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  DateMillisecond,
  Decimal,
  Field,
  Int64,
  LargeUtf8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  TimestampNanosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const rows = [
  { id: 1n << 60n, at: '2024-01-01T00:00:00.000001Z', tags: ['x', null], who: { name: 'Zoë', admin: true }, n: null },
  { id: 2, at: null, tags: null, who: null, n: -0 },
  { id: -3, at: '1969-01-01T00:00:00.000Z', tags: [], who: { name: null, admin: false }, n: 1.5 },
]

const conform = suite('conformBatch')

conform('orders the columns as the schema does and fills those it lacks with null, of any type', () => {
  const { schema } = createConverter().convert(rows)
  const foreign = new Field('price', new Decimal(2, 38), true)
  const wanted = new Schema([...schema.fields, foreign].reverse())
  const batch = conformBatch(createConverter().convert([{ id: 7, at: '2024-01-01T00:00:00Z' }]), wanted)
  assert.equal(batch.schema.names, ['price', 'n', 'who', 'tags', 'at', 'id'])
  assert.is(batch.getChild('price')?.nullCount, 1)
  const [row] = fromArrow(conformBatch(createConverter().convert([{ id: 7 }]), schema))
  assert.equal(row, { id: 7, at: null, tags: null, who: null, n: null })
})

conform('gives the very batch where the schema is its own', () => {
  const batch = createConverter().convert(rows)
  assert.is(conformBatch(batch, batch.schema), batch)
})

conform('tells decimals of different scales apart', () => {
  const batch = (scale: number): RecordBatch =>
    conformBatch(createConverter().convert([{}]), new Schema([new Field('price', new Decimal(scale, 38), true)]))
  assert.is(conformBatch(batch(2), batch(2).schema).numRows, 1)
  assert.throws(() => conformBatch(batch(2), batch(4).schema), /"price"/)
})

conform('fills the members that objects lack with null, in slices too, and refuses those beyond', () => {
  const narrow = createConverter().convert(
    Array.from({ length: 20 }, (_, i) => ({ who: i % 3 === 0 ? null : { name: `n${i}` }, of: [{ a: i }, null, {}] })),
  )
  const wide = createConverter().convert([{ who: { name: 'x', age: 1, at: ['y'] }, of: [{ b: { c: 1.5 }, a: 1 }] }])
  const { schema } = wide
  const rows = fromArrow(narrow).map(({ who, of }) => ({
    who: who && { ...who, age: null, at: null },
    of: (of as ({ a: number } | null)[]).map((each) => each && { b: null, a: each.a }),
  }))
  assert.equal(fromArrow(conformBatch(narrow, schema)), rows)
  const slice = conformBatch(narrow.slice(7, 15), schema)
  assert.equal(fromArrow(slice), rows.slice(7, 15))
  assert.equal(fromArrow(decodeIpc(encodeIpc(slice))), rows.slice(7, 15))
  assert.throws(
    () => conformBatch(wide, narrow.schema),
    /"who" is Struct<.*age.*> in the batch and Struct<{name:Utf8}>/,
  )
})

conform('holds members to those that may not be null', () => {
  const strict = (name: string): Schema =>
    new Schema([new Field('o', new Struct([new Field(name, new Int64(), false)]), true)])
  const batch = createConverter().convert([{ o: { a: 1 } }, { o: null }, { o: { a: 2 } }])
  assert.equal(fromArrow(conformBatch(batch, strict('a'))), fromArrow(batch))
  assert.throws(() => conformBatch(createConverter().convert([{ o: { a: 1 } }, { o: {} }]), strict('a')), /"o"/)
  assert.throws(() => conformBatch(batch, strict('b')), /"o"/)
})

conform('refuses a column of another type, and a column that the schema lacks', () => {
  const batch = createConverter().convert([{ id: 'x' }])
  const int64 = new Schema([new Field('id', new Int64(), true)])
  for (const [schema, what] of [
    [int64, /"id" is Utf8 in the batch and Int64/],
    [new Schema([]), /"id" is in the batch and not/],
  ] as const) {
    assert.throws(
      () => conformBatch(batch, schema),
      (thrown: { code: string; message: string }) => thrown.code === 'E_SCHEMA_MISMATCH' && what.test(thrown.message),
    )
  }
})

conform.run()

const grow = suite('growSchema')

const schemaOf = (...values: readonly Row[]): Schema => createConverter().convert(values).schema

grow('gives objects the members of both, those of the first first, and stays itself where nothing is new', () => {
  const narrow = schemaOf({ a: { b: 1, c: [{ d: 'x' }] } })
  const other = schemaOf({ n: 1, a: { e: true, c: [{ f: 1, d: 'y' }] } })
  const grown = growSchema(narrow, other)
  assert.is(
    String(grown),
    'Schema<{ 0: a: Struct<{b:Int64, c:List<Struct<{d:Utf8, f:Int64}>>, e:Bool}>, 1: n: Int64 }>',
  )
  assert.is(growSchema(grown, narrow), grown)
  assert.is(growSchema(grown, other), grown)
})

grow(
  'refuses a member that changes its type, that differs in case only, or that may not be null and is missing',
  () => {
    const conflict = /column "a" is of type .* in the rows before and of type/
    const before = schemaOf({ a: { b: 1 } })
    for (const other of [schemaOf({ a: { b: 'x' } }), schemaOf({ a: { B: 1 } }), schemaOf({ a: [{ b: 1 }] })]) {
      assert.throws(() => growSchema(before, other), conflict)
    }
    const strict = new Schema([new Field('a', new Struct([new Field('b', new Int64(), false)]), true)])
    assert.throws(() => growSchema(strict, schemaOf({ a: { c: 1 } })), conflict)
  },
)

grow.run()

const ipc = suite('encodeIpc, decodeIpc')

ipc('keep every value, and a batch without rows or columns', () => {
  const converter = createConverter()
  const batch = converter.convert(rows)
  const back = decodeIpc(encodeIpc(batch))
  assert.equal(fromArrow(back), fromArrow(batch))
  assert.is(String(back.schema), String(batch.schema))
  const empty = decodeIpc(encodeIpc(converter.convert([])))
  assert.equal([empty.numRows, empty.schema.names], [0, ['id', 'at', 'tags', 'who', 'n']])
  assert.is(decodeIpc(encodeIpc(createConverter().convert([{}, {}]))).numRows, 2)
})

ipc('take bytes at any offset of their buffer', () => {
  const bytes = encodeIpc(createConverter().convert(rows))
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  assert.is(decodeIpc(shifted.subarray(3)).numRows, 3)
})

ipc('refuse bytes that are none', () => {
  const bytes = encodeIpc(createConverter().convert(rows))
  for (const wrong of [new Uint8Array(), new TextEncoder().encode('not arrow'), bytes.subarray(0, 40)]) {
    assert.throws(
      () => decodeIpc(wrong),
      (thrown: { code: string }) => thrown.code === 'E_IPC',
    )
  }
})

ipc.run()

const from = suite('fromArrow')

from('gives the rows back', () => {
  assert.equal(fromArrow(createConverter().convert(rows)), rows)
})

from('reads a slice of a batch, nested columns and flags too', () => {
  const many = Array.from({ length: 30 }, (_, i) => ({
    id: i,
    on: i % 3 === 0,
    tags: [i, null],
    who: { name: `n${i}` },
  }))
  const batch = createConverter().convert(many)
  assert.equal(fromArrow(batch.slice(11, 17)), many.slice(11, 17))
  assert.equal(fromArrow(decodeIpc(encodeIpc(batch.slice(11, 17)))), many.slice(11, 17))
})

from('reads timestamps of any unit that are whole microseconds, and large text', () => {
  const type = new Struct([
    new Field('ms', new TimestampMillisecond(), true),
    new Field('ns', new TimestampNanosecond('UTC'), true),
    new Field('text', new LargeUtf8(), true),
  ])
  const children = [
    makeData({ type: new TimestampMillisecond(), data: new BigInt64Array([1n]) }),
    makeData({ type: new TimestampNanosecond('UTC'), data: new BigInt64Array([5_000n]) }),
    vectorFromArray(['ü'], new LargeUtf8()).data[0] ?? makeData({ type: new LargeUtf8() }),
  ]
  const batch = new RecordBatch(new Schema(type.children), makeData({ type, length: 1, children }))
  assert.equal(fromArrow(batch), [{ ms: '1970-01-01T00:00:00.001', ns: '1970-01-01T00:00:00.000005Z', text: 'ü' }])
})

from('refuses a type that rows never make', () => {
  const type = new Struct([new Field('day', new DateMillisecond(), true)])
  const children = [makeData({ type: new DateMillisecond(), data: new BigInt64Array([1n]) })]
  const batch = new RecordBatch(new Schema(type.children), makeData({ type, length: 1, children }))
  assert.throws(
    () => fromArrow(batch),
    (thrown: { code: string }) => thrown.code === 'E_UNSUPPORTED_TYPE',
  )
})

from('agrees with what apache-arrow itself reads', () => {
  const batch = createConverter().convert(rows)
  const { data } = batch
  assert.is(data.children.length, 5)
  const vector = (index: number): Vector => new Vector(data.children.slice(index, index + 1))
  assert.equal([...vector(0)], [1n << 60n, 2n, -3n])
  assert.equal(
    [...vector(2)].map((list) => list && [...list]),
    [['x', null], null, []],
  )
  assert.ok(vector(2).type.children[0]?.type instanceof Utf8)
  assert.equal(
    [...vector(3)].map((struct) => struct?.toJSON() ?? null),
    [{ name: 'Zoë', admin: true }, null, { name: null, admin: false }],
  )
})

from.run()
