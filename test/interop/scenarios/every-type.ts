import { toSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { Field, Float32, List, Schema, Struct, Utf8 } from 'apache-arrow'

/** A column of every type. */
export const everyType = new Schema([
  ...toSchema({
    id: { dataType: 'bigint', nullable: false },
    i8: { dataType: 'bigint', precision: 8 },
    i16: { dataType: 'bigint', precision: 16 },
    i32: { dataType: 'bigint', precision: 32 },
    i64: { dataType: 'bigint' },
    f64: { dataType: 'double' },
    flag: { dataType: 'bool' },
    text: { dataType: 'text' },
    at: { dataType: 'timestamp' },
    day: { dataType: 'date' },
    money: { dataType: 'decimal', precision: 12, scale: 2 },
    small: { dataType: 'decimal', precision: 5, scale: 5 },
    wide: { dataType: 'decimal' },
    wei: { dataType: 'wei' },
    bytes: { dataType: 'binary' },
    json: { dataType: 'json' },
  }).fields,
  new Field('f32', new Float32(), true),
])

/** An object and a list that may not be null inside. */
export const strictMembers = new Schema([
  ...toSchema({ id: { dataType: 'bigint', nullable: false } }).fields,
  new Field('o', new Struct([new Field('must', new Utf8(), false), new Field('may', new Utf8(), true)]), false),
  new Field('l', new List(new Field('element', new Utf8(), false)), true),
])

/** The least and the greatest of each type, and nothing but a key. */
export function everyValue(): readonly Row[] {
  return [
    {
      id: 1,
      i8: -128,
      i16: -32_768,
      i32: -2_147_483_648,
      i64: -(2n ** 63n),
      f64: -1.7976931348623157e308,
      flag: false,
      text: 'a',
      at: '0001-01-01T00:00:00.000000Z',
      day: '0001-01-01',
      money: '-9999999999.99',
      small: '-0.99999',
      wide: '-99999999999999999999999999999.999999999',
      wei: '-99999999999999999999999999999999999999',
      bytes: 'AP9B',
      json: { a: [1, null] },
      f32: -3.4028234663852886e38,
    },
    { id: 2 },
    {
      id: 3,
      i8: 127,
      i16: 32_767,
      i32: 2_147_483_647,
      i64: 2n ** 63n - 1n,
      f64: 5e-324,
      flag: true,
      text: 'ü',
      at: '9999-12-31T23:59:59.999999Z',
      day: '9999-12-31',
      money: '0.01',
      small: '0.00001',
      wide: '0.000000001',
      wei: '9007199254740993',
      bytes: '',
      json: 'text',
      f32: 1.5,
    },
  ]
}

/** What comes as base64 is stored as bytes, and JSON as its text. */
export function asStored(row: Row): Row {
  const { bytes, json } = row
  return {
    ...row,
    ...(bytes !== undefined && { bytes: Buffer.from(String(bytes), 'base64') }),
    ...(json !== undefined && { json: JSON.stringify(json) }),
  }
}
