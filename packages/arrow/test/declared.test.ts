import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('declared columns')

const utc = new TimestampMicrosecond('UTC')
const json = new Map([['ARROW:extension:name', 'arrow.json']])

function declare(type: DataType, nullable = true, metadata?: Map<string, string>): Schema {
  return new Schema([new Field('a', type, nullable, metadata)])
}

/** What is read back of values in a column that is declared, and of the one beside it. */
function stored(type: DataType, values: readonly unknown[], metadata?: Map<string, string>): Row[] {
  const converter = createConverter({ columns: declare(type, true, metadata) })
  return fromArrow(converter.convert(values.map((a) => ({ a }))))
}

/** Of which values the column itself is told to hold; the others are in a variant. */
function holds(type: DataType, values: readonly unknown[]): unknown[] {
  return stored(type, values).map((row) => row['a'])
}

it('are there from the start, in their order and before all others, whatever the rows hold', () => {
  const columns = new Schema([new Field('b', new Int64(), true), new Field('a', new DateDay(), true)])
  const converter = createConverter({ columns })
  assert.equal(converter.schema.names, ['b', 'a'])
  assert.equal(converter.convert([{ z: 1 }, {}]).schema.names, ['b', 'a', 'z'])
  assert.equal(fromArrow(converter.convert([{ a: '2024-02-29' }])), [{ b: null, a: '2024-02-29', z: null }])
})

it('read what arrives as another kind as the type says', () => {
  const cases: readonly (readonly [DataType, readonly unknown[], readonly unknown[]])[] = [
    [new Int64(), ['12', '-7', '+3', '9223372036854775807', 5, 6n], [12, -7, 3, 9223372036854775807n, 5, 6]],
    [new Int8(), [127, -128, '5', 6n], [127, -128, 5, 6]],
    [new Int16(), [32767, -32768], [32767, -32768]],
    [new Int32(), [2147483647, -2147483648], [2147483647, -2147483648]],
    [new Float64(), ['1.5', '-2e3', 4, 2n ** 60n], [1.5, -2000, 4, 2 ** 60]],
    [new Float32(), [0.5, -1024], [0.5, -1024]],
    [new Bool(), ['true', 'FALSE', 1, 0, true], [true, false, true, false, true]],
    [new Utf8(), [1, true, 'x', { b: [1n] }], ['1', 'true', 'x', '{"b":[1]}']],
    [new DateDay(), ['2024-02-29', '0001-01-01', '9999-12-31'], ['2024-02-29', '0001-01-01', '9999-12-31']],
    [
      new TimeMicrosecond(),
      ['23:59:59.999999', '00:00:00', '12:30:00.5'],
      ['23:59:59.999999', '00:00:00', '12:30:00.500000'],
    ],
    [
      new Decimal(2, 10),
      [12.5, '12.50', '-0.01', 7, 8n, '1e3'],
      ['12.50', '12.50', '-0.01', '7.00', '8.00', '1000.00'],
    ],
  ]
  for (const [type, values, expected] of cases) assert.equal(holds(type, values), expected, String(type))
})

it('read texts without an offset as UTC, and numbers as seconds, where an instant is declared', () => {
  const values = [
    '2024-05-01T12:00:00+02:00',
    '2024-05-01T12:00:00',
    '2024-05-01 12:00',
    '2024-05-01',
    '2024-05-01 12:00:00.5+0200',
    '2024-05-01T12:00:00 +02',
    1714557600,
    1714557600.25,
    -1,
    0,
  ]
  assert.equal(holds(utc, values), [
    '2024-05-01T10:00:00.000Z',
    '2024-05-01T12:00:00.000Z',
    '2024-05-01T12:00:00.000Z',
    '2024-05-01T00:00:00.000Z',
    '2024-05-01T10:00:00.500Z',
    '2024-05-01T10:00:00.000Z',
    '2024-05-01T10:00:00.000Z',
    '2024-05-01T10:00:00.250Z',
    '1969-12-31T23:59:59.000Z',
    '1970-01-01T00:00:00.000Z',
  ])
  assert.equal(holds(new TimestampMicrosecond(), ['2024-05-01T12:00:00.000001', '2024-05-01 12:00']), [
    '2024-05-01T12:00:00.000001',
    '2024-05-01T12:00:00.000',
  ])
})

it('put what has no exact place in them beside them, as it came', () => {
  const cases: readonly (readonly [DataType, readonly unknown[], string])[] = [
    [new Int64(), ['1.5', 'x', '9223372036854775808', '0x10', ' 1', ''], 'utf8'],
    [new Int64(), [1.5, -0], 'float64'],
    [new Int8(), [128, -129, 300n], 'int64'],
    [new Float64(), ['1.5x', 'Infinity', '1e999', '01'], 'utf8'],
    [new Float64(), [2n ** 60n + 1n], 'int64'],
    [new Float32(), [0.1], 'float64'],
    [new Bool(), ['yes', 'truer'], 'utf8'],
    [new Bool(), [2], 'int64'],
    [new DateDay(), ['2024-02-30', '2024-2-3', '20240203', 'soon'], 'utf8'],
    [new DateDay(), ['2024-02-03T00:00:00.000Z'], 'timestamp'],
    [new TimeMicrosecond(), ['24:00:00', '12:00', '12:00:00Z', '12:00:00.1234567'], 'utf8'],
    [utc, ['2024-05-01T12:00:00-00:00', 'soon', '2024-13-01'], 'utf8'],
    [utc, [1714557600000000], 'int64'],
    [new TimestampMicrosecond(), ['2024-05-01T12:00:00.000Z'], 'timestamp'],
    [new Decimal(2, 10), [12.345], 'float64'],
    [new Decimal(2, 10), ['12.345', '1e9', 'x', '', '.', '1e99999'], 'utf8'],
    [new Binary(), ['a', 'YQ', 'Y Q=='], 'utf8'],
  ]
  for (const [type, values, variant] of cases) {
    const rows = stored(type, values)
    assert.equal(
      rows.map((row) => [row['a'], row[`a__v_${variant}`]]),
      values.map((value) => [
        null,
        typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value,
      ]),
      `${type} ${values}`,
    )
  }
})

it('hold bytes given in base64', () => {
  const [row] = stored(new Binary(), ['/wAB'])
  assert.equal(row?.['a'], new Uint8Array([255, 0, 1]))
})

it('hold decimals of 38 digits, and not one more', () => {
  const digits = '9'.repeat(38)
  const type = new Decimal(9, 38)
  const largest = `${digits.slice(0, 29)}.${digits.slice(29)}`
  assert.equal(holds(type, [largest, `-${largest}`, `${digits.slice(0, 30)}.0`, '0.0000000001']), [
    largest,
    `-${largest}`,
    null,
    null,
  ])
})

it('write every value as JSON where the column is declared as JSON', () => {
  assert.equal(stored(new Utf8(), ['x', 1, { b: 1 }, [2n ** 70n], null, true], json), [
    { a: '"x"' },
    { a: '1' },
    { a: '{"b":1}' },
    { a: '[1180591620717411303424]' },
    { a: null },
    { a: 'true' },
  ])
})

it('have their own types inside structs and lists', () => {
  const type = new Struct([
    new Field('day', new DateDay(), true),
    new Field('prices', new List(new Field('element', new Decimal(2, 10), true)), true),
    new Field('id', new Int32(), false),
  ])
  assert.equal(stored(type, [{ day: '2024-01-01', prices: ['1.10', 2], id: 7 }, null, { id: 1 }]), [
    { a: { day: '2024-01-01', prices: ['1.10', '2.00'], id: 7 } },
    { a: null },
    { a: { day: null, prices: null, id: 1 } },
  ])
  assert.equal(
    stored(type, [{ day: 'x', id: 1 }, { day: '2024-01-01' }, { id: 1, other: 2 }]).map((row) => [
      row['a'],
      row['a__v_json'],
    ]),
    [
      [null, '{"day":"x","id":1}'],
      [null, '{"day":"2024-01-01"}'],
      [null, '{"id":1,"other":2}'],
    ],
  )
})

it('may not be null where they are declared so: the error names row, column and what was there', () => {
  const converter = createConverter({ columns: declare(new Int64(), false) })
  assert.is(converter.convert([{ a: 1 }]).schema.fields[0]?.nullable, false)
  for (const [row, found] of [
    [{ a: null }, 'null'],
    [{}, 'nothing'],
    [{ a: 'x' }, '"x"'],
  ] as const) {
    const thrown = failureBy(() => converter.convert([{ a: 1 }, row]))
    assert.is(thrown.code, 'E_NOT_NULL')
    assert.equal(thrown.context, { row: 1, column: 'a' })
    assert.match(thrown.message, found)
  }
  assert.equal(converter.schema.names, ['a'])
  assert.is(converter.convert([]).numRows, 0)
})

it('must agree with the columns that the table has', () => {
  const thrown = failureBy(() => createConverter({ schema: declare(new Utf8()), columns: declare(new Int64()) }))
  assert.is(thrown.code, 'E_SCHEMA_CONFLICT')
  assert.match(thrown.message, '"a"')
  const same = createConverter({ schema: declare(new Int64()), columns: declare(new Int64()) })
  assert.equal(fromArrow(same.convert([{ a: '12' }])), [{ a: 12 }])
})

it.run()
