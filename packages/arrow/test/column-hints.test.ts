import {
  type ColumnHint,
  columnDataTypes,
  decodeIpc,
  emptyBatch,
  encodeIpc,
  isJsonField,
  toSchema,
} from '@millrace/arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('toSchema')

const types: readonly (readonly [ColumnHint, string])[] = [
  [{ dataType: 'text' }, 'Utf8'],
  [{ dataType: 'bigint' }, 'Int64'],
  [{ dataType: 'bigint', precision: 8 }, 'Int8'],
  [{ dataType: 'bigint', precision: 16 }, 'Int16'],
  [{ dataType: 'bigint', precision: 32 }, 'Int32'],
  [{ dataType: 'bigint', precision: 64 }, 'Int64'],
  [{ dataType: 'double' }, 'Float64'],
  [{ dataType: 'bool' }, 'Bool'],
  [{ dataType: 'timestamp' }, 'Timestamp<MICROSECOND, UTC>'],
  [{ dataType: 'timestamp', precision: 3 }, 'Timestamp<MICROSECOND, UTC>'],
  [{ dataType: 'timestamp', precision: 0, timezone: true }, 'Timestamp<MICROSECOND, UTC>'],
  [{ dataType: 'timestamp', timezone: false }, 'Timestamp<MICROSECOND>'],
  [{ dataType: 'date' }, 'Date32<DAY>'],
  [{ dataType: 'time' }, 'Time64<MICROSECOND>'],
  [{ dataType: 'time', precision: 6 }, 'Time64<MICROSECOND>'],
  [{ dataType: 'decimal' }, 'Decimal[38e+9]'],
  [{ dataType: 'decimal', precision: 12, scale: 2 }, 'Decimal[12e+2]'],
  [{ dataType: 'decimal', precision: 12 }, 'Decimal[12e0]'],
  [{ dataType: 'decimal', scale: 4 }, 'Decimal[38e+4]'],
  [{ dataType: 'decimal', precision: 5, scale: 5 }, 'Decimal[5e+5]'],
  [{ dataType: 'wei' }, 'Decimal[38e0]'],
  [{ dataType: 'wei', precision: 20 }, 'Decimal[20e0]'],
  [{ dataType: 'binary' }, 'Binary'],
  [{ dataType: 'json' }, 'Utf8'],
]

it('gives each of the types of dlt its Arrow type', () => {
  for (const [hint, type] of types) {
    const [field] = toSchema({ a: hint }).fields
    assert.is(String(field?.type), type, JSON.stringify(hint))
    assert.is(field?.nullable, true)
  }
  assert.equal([...new Set(types.map(([{ dataType }]) => dataType))].sort(), [...columnDataTypes].sort())
})

it('keeps the order of the columns and whether they may be null, through Arrow IPC too', () => {
  const schema = toSchema({
    z: { dataType: 'bigint', nullable: false },
    a: { dataType: 'json', nullable: true },
    m: { dataType: 'json', nullable: false },
    d: { dataType: 'decimal', precision: 10, scale: 3 },
  })
  for (const { fields } of [schema, decodeIpc(encodeIpc(emptyBatch(schema))).schema]) {
    assert.equal(
      fields.map(({ name, nullable }) => [name, nullable]),
      [
        ['z', false],
        ['a', true],
        ['m', false],
        ['d', true],
      ],
    )
    assert.equal(fields.map(isJsonField), [false, true, true, false])
    assert.is(fields[1]?.metadata.get('ARROW:extension:name'), 'arrow.json')
    assert.is(String(fields[3]?.type), 'Decimal[10e+3]')
  }
})

it('names the column, what is wrong with it, and what would be right', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [
      { dataType: 'string' },
      'has the type "string", and there is no such type: take one of text, bigint, double, bool',
    ],
    [{ dataType: 'toString' }, 'there is no such type'],
    [{}, 'has the type undefined, and there is no such type'],
    [{ dataType: 'bigint', precision: 10 }, 'has the precision 10: a bigint has 8, 16, 32 or 64 bits'],
    [{ dataType: 'timestamp', precision: 9 }, 'has the precision 9: it must be a whole number from 0 to 6'],
    [{ dataType: 'time', precision: 1.5 }, 'has the precision 1.5'],
    [{ dataType: 'decimal', precision: 39 }, 'has the precision 39: it must be a whole number from 1 to 38'],
    [{ dataType: 'decimal', precision: 4, scale: 5 }, 'has the scale 5: it must be a whole number from 0 to 4'],
    [{ dataType: 'wei', precision: 78 }, 'has the precision 78'],
    [{ dataType: 'wei', scale: 1 }, 'has a scale, which says nothing about the type wei: leave it out'],
    [{ dataType: 'text', precision: 10 }, 'has a precision, which says nothing about the type text: leave it out'],
    [{ dataType: 'date', timezone: false }, 'has a timezone, which says nothing about the type date'],
    [{ dataType: 'json', scale: 1 }, 'has a scale, which says nothing about the type json'],
  ]
  for (const [hint, said] of cases) {
    const { code, message, context } = failureBy(() => toSchema({ price: hint as ColumnHint }))
    assert.is(code, 'E_SCHEMA')
    assert.ok(message.startsWith('column "price" '), message)
    assert.match(message, said)
    assert.equal(context, { column: 'price' })
  }
})

it.run()
