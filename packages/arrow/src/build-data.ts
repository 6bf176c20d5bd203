import { MillraceError } from '@millrace/core'
import {
  Bool,
  type Data,
  DataType,
  Float64,
  Int64,
  type List,
  makeData,
  type Struct,
  TimestampMicrosecond,
} from 'apache-arrow'
import { utf8 } from './infer-type.ts'
import { jsonText } from './json-text.ts'
import { ownValue } from './own-value.ts'
import { parseTimestamp } from './timestamp.ts'

/** Arrow counts the bytes of a text column with signed 32 bits. */
export const maxTextBytes = 2_147_483_647

type Values = readonly unknown[]

/**
 * One column of a batch, from values that all fit its type; null and undefined are null.
 *
 * A loop over typed arrays per type, written out each: a call through a function per value costs more than the value.
 */
export function buildData(type: DataType, values: Values): Data {
  if (DataType.isUtf8(type)) return buildText(values)
  if (DataType.isInt(type)) return buildInt64(values)
  if (DataType.isFloat(type)) return buildFloat64(values)
  if (DataType.isBool(type)) return buildBool(values)
  if (DataType.isTimestamp(type)) return buildTimestamp(values)
  if (DataType.isStruct(type)) return buildStruct(type, values)
  if (DataType.isList(type)) return buildList(type, values)
  throw new MillraceError('E_UNSUPPORTED_TYPE', `no column of type ${type} can be built from rows`)
}

interface Validity {
  readonly nullCount: number
  readonly nullBitmap: Uint8Array | undefined
}

/** One bit a value, least significant first; none at all where nothing is null. */
function validityOf(values: Values): Validity {
  const { length } = values
  let nullCount = 0
  for (let i = 0; i < length; i++) if (values[i] === null || values[i] === undefined) nullCount += 1
  if (nullCount === 0) return { nullCount, nullBitmap: undefined }
  const nullBitmap = new Uint8Array((length + 7) >> 3)
  for (let i = 0; i < length; i++) {
    if (values[i] === null || values[i] === undefined) continue
    nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7))
  }
  return { nullCount, nullBitmap }
}

function buildBool(values: Values): Data {
  const { length } = values
  const data = new Uint8Array((length + 7) >> 3)
  for (let i = 0; i < length; i++) if (values[i] === true) data[i >> 3] = (data[i >> 3] ?? 0) | (1 << (i & 7))
  return makeData({ type: new Bool(), length, data, ...validityOf(values) })
}

function buildInt64(values: Values): Data {
  const { length } = values
  const data = new BigInt64Array(length)
  // Two words per value: making a BigInt of every number took four times as long. Arrow is little-endian everywhere.
  const words = new Int32Array(data.buffer)
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if (typeof value === 'number') {
      words[2 * i] = value | 0
      words[2 * i + 1] = Math.floor(value / 4_294_967_296)
    } else if (typeof value === 'bigint') data[i] = value
  }
  return makeData({ type: new Int64(), length, data, ...validityOf(values) })
}

function buildFloat64(values: Values): Data {
  const { length } = values
  const data = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if (typeof value === 'number') data[i] = value
    else if (typeof value === 'bigint') data[i] = Number(value)
  }
  return makeData({ type: new Float64(), length, data, ...validityOf(values) })
}

function buildTimestamp(values: Values): Data {
  const { length } = values
  const data = new BigInt64Array(length)
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if (typeof value === 'string') data[i] = parseTimestamp(value) ?? 0n
  }
  return makeData({ type: new TimestampMicrosecond('UTC'), length, data, ...validityOf(values) })
}

const encoder = new TextEncoder()

/** Strings as they are, everything else as its JSON text. */
function buildText(values: Values): Data {
  const { length } = values
  const valueOffsets = new Int32Array(length + 1)
  let data = new Uint8Array(length * 16)
  let end = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if (value !== null && value !== undefined) {
      const text = typeof value === 'string' ? value : jsonText(value)
      // A UTF-16 unit is at most three bytes of UTF-8, so this much room is enough in any case.
      const room = end + text.length * 3
      if (room > data.length) data = grown(data, room)
      end += encoder.encodeInto(text, data.subarray(end)).written
      if (end > maxTextBytes) throw tooMuchText()
    }
    valueOffsets[i + 1] = end
  }
  return makeData({ type: utf8, length, valueOffsets, data: data.subarray(0, end), ...validityOf(values) })
}

function grown(data: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(room, data.length * 2))
  larger.set(data)
  return larger
}

function tooMuchText(): MillraceError {
  return new MillraceError(
    'E_BATCH_TOO_LARGE',
    `a text column of one batch holds more than ${maxTextBytes} bytes: convert fewer rows at a time`,
  )
}

function buildStruct(type: Struct, values: Values): Data {
  const children = type.children.map((field) => {
    const members = new Array<unknown>(values.length)
    for (let i = 0; i < values.length; i++) {
      const object = values[i] as Readonly<Record<string, unknown>> | null | undefined
      members[i] = object ? ownValue(object, field.name) : null
    }
    return buildData(field.type, members)
  })
  return makeData({ type, length: values.length, children, ...validityOf(values) })
}

function buildList(type: List, values: Values): Data {
  const { length } = values
  const valueOffsets = new Int32Array(length + 1)
  const elements: unknown[] = []
  for (let i = 0; i < length; i++) {
    const list = values[i] as Values | null | undefined
    if (list) for (let j = 0; j < list.length; j++) elements.push(list[j])
    valueOffsets[i + 1] = elements.length
  }
  const child = buildData(type.valueType, elements)
  return makeData({ type, length, valueOffsets, child, ...validityOf(values) })
}
