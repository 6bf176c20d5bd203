import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { DateMillisecond, Decimal, Field, Int64, Schema, TimestampMicrosecond, Uint8, Utf8 } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('createConverter')

const utc = 'Timestamp<MICROSECOND, UTC>'

/** The type a new column `a` gets from these values, or undefined where there is no such column. */
function typeOf(...values: readonly unknown[]): string | undefined {
  const { schema } = createConverter().convert(values.map((a) => ({ a })))
  return schema.fields[0] && String(schema.fields[0].type)
}

/** What is read back after a first page and a second. */
function afterTwo(first: readonly unknown[], second: readonly unknown[]): Row[] {
  const converter = createConverter()
  converter.convert(first.map((a) => ({ a })))
  return fromArrow(converter.convert(second.map((a) => ({ a }))))
}

function thrownBy(run: () => unknown): { code: string; message: string; context: Record<string, unknown> } {
  try {
    run()
  } catch (thrown) {
    return thrown as never
  }
  throw new Error('nothing was thrown')
}

it('types a new column by all values of its first page', () => {
  const cases: readonly (readonly [readonly unknown[], string | undefined])[] = [
    [[true, null, false], 'Bool'],
    [[1, -2, null], 'Int64'],
    [[1, 9007199254740993n], 'Int64'],
    [[9223372036854775807n, -9223372036854775808n], 'Int64'],
    [[9223372036854775808n], 'Utf8'],
    [[1, 1.5], 'Float64'],
    [[1e20], 'Float64'],
    [[2n ** 60n, 0.5], 'Float64'],
    [[9007199254740993n, 0.5], 'Utf8'],
    [[-0], 'Float64'],
    [['a', ''], 'Utf8'],
    [['a', 1, true], 'Utf8'],
    [[{ b: 1 }], 'Struct<{b:Int64}>'],
    [[{ b: 1 }, { c: 'x', d: null }], 'Struct<{b:Int64, c:Utf8}>'],
    [[[1, null], [2.5], []], 'List<Float64>'],
    [[[[1]], [[]]], 'List<List<Int64>>'],
    [[{ b: [{ c: '2024-01-01T00:00:00Z' }] }], `Struct<{b:List<Struct<{c:${utc}}>>}>`],
    [[{}], 'Utf8'],
    [[{ b: {} }], 'Utf8'],
    [[{ b: null }], 'Utf8'],
    [[[]], 'Utf8'],
    [[[null]], 'Utf8'],
    [[[1, 'a']], 'Utf8'],
    [[[1], { b: 1 }], 'Utf8'],
    [[{ b: 1 }, 'x'], 'Utf8'],
    [[{ b: 1 }, { b: 'x' }], 'Utf8'],
    [[{ id: 1, ID: 2 }], 'Utf8'],
    [[{ b: 2n ** 70n }], 'Utf8'],
    [[null, undefined], undefined],
  ]
  for (const [values, type] of cases) assert.is(typeOf(...values), type, String(values))
})

it('takes strings for timestamps only where every one is RFC 3339 with an offset, to the microsecond', () => {
  const yes = [
    '2024-02-29T23:59:59Z',
    '2024-01-01t00:00:00z',
    '2024-01-01T00:00:00.1+05:30',
    '2024-01-01T00:00:00.123456-23:59',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
  ]
  for (const text of yes) assert.is(typeOf(text), utc, text)
  const no = [
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00Z',
    '2024-01-01T00:00:00-00:00',
    '2024-01-01T00:00:00.1234567Z',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T24:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+05:60',
    '2024-01-01T00:00:00+0530',
    '2024-01-01T00:00:00ZZ',
    ' 2024-01-01T00:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '20x4-01-01T00:00:00Z',
    '',
  ]
  for (const text of no) assert.is(typeOf(text), 'Utf8', text)
  assert.is(typeOf('2024-01-01T00:00:00Z', 'soon'), 'Utf8')
})

it('stores the instant of a timestamp, whatever its offset and century', () => {
  const texts = [
    '2024-05-01T02:00:00+02:00',
    '1969-12-31T23:59:59.999999Z',
    '0001-03-01T00:00:00Z',
    '1600-02-29T12:00:00.5-01:30',
  ]
  const rows = fromArrow(createConverter().convert(texts.map((at) => ({ at }))))
  assert.equal(
    rows.map((row) => row['at']),
    ['2024-05-01T00:00:00.000Z', '1969-12-31T23:59:59.999999Z', '0001-03-01T00:00:00.000Z', '1600-02-29T13:30:00.500Z'],
  )
})

it('creates a column when its first value appears, and reads the rows before as null', () => {
  const converter = createConverter()
  assert.equal(converter.convert([{ a: 1, b: null }]).schema.names, ['a'])
  const batch = converter.convert([{ b: 'x' }])
  assert.equal(batch.schema.names, ['a', 'b'])
  assert.equal(fromArrow(batch), [{ a: null, b: 'x' }])
})

it('keeps columns in order of first appearance, names like "2" and "1" among them', () => {
  const converter = createConverter()
  converter.convert([JSON.parse('{"b":1}'), { a: 1 }])
  assert.equal(converter.convert([{ z: 1 }, { '2': 1 }, { '1': 1 }]).schema.names, ['b', 'a', 'z', '2', '1'])
})

it('holds integers to the last digit', () => {
  const ids = [9223372036854775807n, -9223372036854775808n, 9007199254740993n, 4294967296, -1, -4294967297, 0]
  assert.equal(
    fromArrow(createConverter().convert(ids.map((id) => ({ id })))).map((row) => row['id']),
    ids,
  )
})

it('writes what is mixed in the first page as text: strings as they are, all else as JSON', () => {
  const batch = createConverter().convert(
    ['x', 300, true, 1e21, -0, { b: [1n << 70n, null], c: undefined }, ['\ud800']].map((a) => ({ a })),
  )
  assert.equal(
    fromArrow(batch).map((row) => row['a']),
    ['x', '300', 'true', '1e+21', '-0', '{"b":[1180591620717411303424,null]}', '["\\ud800"]'],
  )
})

it('puts a value that does not fit its column into the variant of its type, and null in the column', () => {
  assert.equal(afterTwo([1], [2, 'x', 1.5, true, -0, '2024-01-01T00:00:00Z', [1], { b: 1 }, 2n ** 63n]), [
    variants(2),
    variants(null, { utf8: 'x' }),
    variants(null, { float64: 1.5 }),
    variants(null, { bool: true }),
    variants(null, { float64: -0 }),
    variants(null, { timestamp: '2024-01-01T00:00:00.000Z' }),
    variants(null, { json: '[1]' }),
    variants(null, { json: '{"b":1}' }),
    variants(null, { utf8: '9223372036854775808' }),
  ])
})

function variants(a: unknown, values: Record<string, unknown> = {}): Row {
  const row: Record<string, unknown> = { a }
  for (const type of ['utf8', 'float64', 'bool', 'timestamp', 'json']) row[`a__v_${type}`] = values[type] ?? null
  return row
}

it('coerces into an existing column only where nothing is lost', () => {
  assert.equal(afterTwo(['x'], [300, true, [1]]), [{ a: '300' }, { a: 'true' }, { a: '[1]' }])
  assert.equal(afterTwo([1.5], [2, 2n ** 60n, 2n ** 60n + 1n]), [
    { a: 2, a__v_int64: null },
    { a: 2 ** 60, a__v_int64: null },
    { a: null, a__v_int64: 2n ** 60n + 1n },
  ])
  assert.equal(afterTwo(['2024-01-01T00:00:00Z'], ['later', 5]), [
    { a: null, a__v_utf8: 'later', a__v_int64: null },
    { a: null, a__v_utf8: null, a__v_int64: 5 },
  ])
})

it('gives objects the members that later ones have, at any depth and inside of lists', () => {
  assert.equal(afterTwo([{ b: 1 }], [{ b: 2, c: null }, {}, { b: 3, c: 'x' }, null]), [
    { a: { b: 2, c: null } },
    { a: { b: null, c: null } },
    { a: { b: 3, c: 'x' } },
    { a: null },
  ])
  assert.equal(afterTwo([{ b: [{ c: { d: 1 } }] }], [{ b: [{ c: { d: 2, e: [true] }, f: 1.5 }, { c: null }] }]), [
    {
      a: {
        b: [
          { c: { d: 2, e: [true] }, f: 1.5 },
          { c: null, f: null },
        ],
      },
    },
  ])
  const converter = createConverter()
  converter.convert([{ a: { b: 1 } }])
  assert.is(
    String(converter.convert([{ a: { b: 1, at: '2024-01-01T00:00:00Z' } }]).schema),
    `Schema<{ 0: a: Struct<{b:Int64, at:${utc}}> }>`,
  )
  // What was added is there for those that come without it, and before it no row is read otherwise.
  assert.equal(fromArrow(converter.convert([{ a: { b: 2 } }, { a: {} }])), [
    { a: { b: 2, at: null } },
    { a: { b: null, at: null } },
  ])
})

it('gives objects no member that no one type holds, that has the name of another, or whose object goes elsewhere', () => {
  assert.equal(afterTwo([{ b: 1 }], [{ b: 1, c: 1 }, { b: 2, c: 'x' }, { b: 3 }]), [
    { a: null, a__v_json: '{"b":1,"c":1}' },
    { a: null, a__v_json: '{"b":2,"c":"x"}' },
    { a: { b: 3 }, a__v_json: null },
  ])
  assert.equal(
    afterTwo(
      [{ b: 1 }],
      [
        { b: 1, B: 1 },
        { b: 1, '': 2 },
      ],
    ),
    [
      { a: null, a__v_json: '{"b":1,"B":1}' },
      { a: null, a__v_json: '{"b":1,"":2}' },
    ],
  )
  assert.equal(afterTwo([{ b: 1 }], [{ b: 'x', c: 1 }, { b: 2, d: 1 }, 'y']), [
    { a: null, a__v_json: '{"b":"x","c":1}', a__v_utf8: null },
    { a: { b: 2, d: 1 }, a__v_json: null, a__v_utf8: null },
    { a: null, a__v_json: null, a__v_utf8: 'y' },
  ])
})

it('takes keys for data where there are more than a thousand of them', () => {
  const keyed = (from: number): unknown =>
    Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`k${from + i}`, i]))
  const converter = createConverter()
  converter.convert([{ a: keyed(0) }])
  const batch = converter.convert([{ a: keyed(600) }, { a: keyed(0) }, { a: { k600: 1 } }])
  // Of what does not fit in the end, no member is added.
  assert.is(batch.schema.fields[0]?.type.children.length, 601)
  const [more, first, one] = fromArrow(batch)
  assert.is(more?.['a'], null)
  assert.equal(JSON.parse(String(more?.['a__v_json'])), keyed(600))
  assert.equal([first?.['a__v_json'], one?.['a__v_json']], [null, null])
})

it('gives objects no member that a contract or a declared type does not allow', () => {
  const rows = [{ a: { b: 2, c: 3 } }]
  const schema = createConverter().convert([{ a: { b: 1 } }]).schema
  const inJson = [{ a: null, a__v_json: '{"b":2,"c":3}' }]
  assert.equal(fromArrow(createConverter({ schema, contract: { columns: 'freeze' } }).convert(rows)), inJson)
  assert.equal(fromArrow(createConverter({ columns: schema }).convert(rows)), inJson)
})

it('keeps a nested value whole: what does not fit the struct or list goes to the JSON variant', () => {
  assert.equal(afterTwo([{ b: 1 }], [{ b: 2 }, { b: 'x' }, 'y']), [
    { a: { b: 2 }, a__v_json: null, a__v_utf8: null },
    { a: null, a__v_json: '{"b":"x"}', a__v_utf8: null },
    { a: null, a__v_json: null, a__v_utf8: 'y' },
  ])
  assert.equal(afterTwo([['x']], [[], ['y', null], [1]]), [
    { a: [], a__v_json: null },
    { a: ['y', null], a__v_json: null },
    { a: null, a__v_json: '[1]' },
  ])
})

it('keeps a string with half a surrogate pair as a JSON escape, which UTF-8 can write', () => {
  assert.equal(fromArrow(createConverter().convert([{ a: 'x' }, { a: 'y\ud83d' }])), [
    { a: 'x', a__v_json: null },
    { a: null, a__v_json: '"y\\ud83d"' },
  ])
})

it('keeps text of any script, a byte order mark and a NUL', () => {
  const texts = ['', 'ascii', 'Zürich', '漢字', '😀'.repeat(50), '\ufeffx', 'a\u0000b', 'x'.repeat(5000)]
  assert.equal(
    fromArrow(createConverter().convert(texts.map((a) => ({ a })))).map((row) => row['a']),
    texts,
  )
})

it('keeps nested values deeper than 50 as text, and refuses those deeper than 1000', () => {
  const nest = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`)
  assert.match(typeOf(nest(50)) ?? '', /^List<.*Int64/)
  assert.is(typeOf(nest(51)), 'Utf8')
  assert.is(typeOf(nest(1000)), 'Utf8')
  const thrown = thrownBy(() => createConverter().convert([{ a: 1 }, { a: nest(1001) }]))
  assert.is(thrown.code, 'E_VALUE')
  assert.equal(thrown.context, { row: 1, column: 'a' })
})

it('keeps nested values as JSON text where asked to', () => {
  const batch = createConverter({ nested: 'json' }).convert([{ a: { b: 1 }, c: [1], d: 1 }])
  assert.equal(fromArrow(batch), [{ a: '{"b":1}', c: '[1]', d: 1 }])
})

it('treats __proto__, constructor and toString as names like any other', () => {
  const rows = [
    JSON.parse('{"__proto__":1,"o":{"__proto__":2,"constructor":"x"}}'),
    { constructor: 'y' },
    { toString: 3 },
  ]
  const batch = createConverter().convert(rows)
  assert.equal(batch.schema.names, ['__proto__', 'o', 'constructor', 'toString'])
  assert.is(
    JSON.stringify(fromArrow(batch)),
    '[{"__proto__":1,"o":{"__proto__":2,"constructor":"x"},"constructor":null,"toString":null},' +
      '{"__proto__":null,"o":null,"constructor":"y","toString":null},' +
      '{"__proto__":null,"o":null,"constructor":null,"toString":3}]',
  )
})

it('starts from the columns of a table and adds new ones after them', () => {
  const schema = new Schema(
    [new Field('b', new Utf8(), true), new Field('a', new Int64(), true)],
    new Map([['k', 'v']]),
  )
  const converter = createConverter({ schema })
  const batch = converter.convert([{ a: 'x', c: 1 }])
  assert.equal(batch.schema.names, ['b', 'a', 'a__v_utf8', 'c'])
  assert.is(converter.schema.metadata.get('k'), 'v')
  // The variant that was added is found again by the next run.
  const next = createConverter({ schema: converter.schema }).convert([{ a: 'y' }])
  assert.equal(fromArrow(next), [{ b: null, a: null, a__v_utf8: 'y', c: null }])
})

it('refuses to start from a column that no row can be stored in', () => {
  for (const type of [new Uint8(), new DateMillisecond(), new Decimal(2, 40, 256), new TimestampMicrosecond('CET')]) {
    const thrown = thrownBy(() => createConverter({ schema: new Schema([new Field('day', type, true)]) }))
    assert.is(thrown.code, 'E_UNSUPPORTED_TYPE')
    assert.match(thrown.message, '"day"')
  }
})

it('tells of each column once, when it is added', () => {
  const told: string[] = []
  const converter = createConverter({ onColumn: (field) => told.push(`${field.name} ${field.type} ${field.nullable}`) })
  converter.convert([{ a: 1, b: 'x' }])
  converter.convert([{ a: 'x', b: 'y' }])
  converter.convert([{ a: 'x', b: 'y' }])
  assert.equal(told, ['a Int64 true', 'b Utf8 true', 'a__v_utf8 Utf8 true'])
})

it('refuses a row that is no plain object, and says which', () => {
  for (const row of [null, 1, 'x', [1], new Date(0), new Map(), () => 1]) {
    const thrown = thrownBy(() => createConverter().convert([{ a: 1 }, row as never]))
    assert.is(thrown.code, 'E_ROW')
    assert.equal(thrown.context, { row: 1 })
  }
  assert.is(createConverter().convert([Object.assign(Object.create(null), { a: 1 })]).numRows, 1)
})

it('refuses what JSON cannot carry, at any depth, with column and row', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, new Date(0), () => 1, Symbol('x'), new Map()]) {
    for (const nested of [value, [value], { b: { c: value } }, ['x', 1, value]]) {
      const converter = createConverter()
      const thrown = thrownBy(() => converter.convert([{ a: null }, { ok: 1, a: nested }]))
      assert.is(thrown.code, 'E_VALUE')
      assert.equal(thrown.context, { row: 1, column: 'a' })
      assert.equal(converter.schema.names, [])
    }
  }
})

it('refuses a column whose name is that of a variant, whichever comes first', () => {
  const both = /"price".*"price__v_utf8"/
  const pages: readonly (readonly Row[])[][] = [
    [[{ price: 1, price__v_utf8: 'x' }]],
    [[{ price__v_utf8: 'x', price: 1 }]],
    [[{ price: 1 }], [{ price__v_utf8: 'x' }]],
    [[{ price__v_utf8: 'x' }], [{ price: 1 }]],
  ]
  for (const each of pages) {
    const converter = createConverter()
    const thrown = thrownBy(() => each.map((page) => converter.convert(page)))
    assert.is(thrown.code, 'E_COLUMN_COLLISION')
    assert.match(thrown.message, both)
  }
  const foreign = new Schema(['price', 'price__v_utf8'].map((name) => new Field(name, new Int64(), true)))
  const thrown = thrownBy(() => createConverter({ schema: foreign }).convert([{ price: 'x' }]))
  assert.is(thrown.code, 'E_COLUMN_COLLISION')
  assert.equal(createConverter().convert([{ price__v_utf8: 'x', price__v_other: 1, price: null }]).numCols, 2)
})

it('refuses a column name that is empty or that UTF-8 cannot write; inside a value it makes the value text', () => {
  for (const name of ['', 'a\ud800']) {
    assert.is(thrownBy(() => createConverter().convert([{ [name]: 1 }])).code, 'E_COLUMN_NAME')
    assert.is(typeOf({ [name]: 1 }), 'Utf8')
  }
})

it('keeps the number of rows where no column has a value yet', () => {
  const batch = createConverter().convert([{}, { a: null }])
  assert.is(batch.numRows, 2)
  assert.equal(fromArrow(batch), [{}, {}])
})

it.run()
