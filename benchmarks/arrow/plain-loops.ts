import type { Row } from '@millrace/core'
import {
  Bool,
  type DataType,
  Float64,
  Int64,
  makeData,
  makeVector,
  TimestampMicrosecond,
  Utf8,
  type Vector,
} from 'apache-arrow'

/**
 * The ceiling: columns by loops over typed arrays that know the twelve fields beforehand, and check nothing. No value is
 * looked at twice, no type is found out, and an integer beyond 2^53 or a time with an offset would be wrong.
 */
export function plainLoops(rows: readonly Row[]): Map<string, Vector> {
  return new Map(Object.entries(columns).map(([name, build]) => [name, build(rows, name)]))
}

type Build = (rows: readonly Row[], name: string) => Vector

const columns: Readonly<Record<string, Build>> = {
  id: int64,
  account_id: int64,
  quantity: int64,
  price: float64,
  score: float64,
  is_active: bool,
  is_verified: bool,
  country: utf8,
  email: utf8,
  note: utf8,
  created_at: timestamp,
  updated_at: timestamp,
}

const two32 = 4_294_967_296

function int64(rows: readonly Row[], name: string): Vector {
  const valid = validity(rows, name)
  const data = new BigInt64Array(rows.length)
  const halves = new Int32Array(data.buffer)
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]?.[name] as number
    halves[2 * i] = value
    halves[2 * i + 1] = Math.floor(value / two32)
  }
  return vector(new Int64(), rows.length, valid, { data })
}

function float64(rows: readonly Row[], name: string): Vector {
  const data = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) data[i] = rows[i]?.[name] as number
  return vector(new Float64(), rows.length, validity(rows, name), { data })
}

function bool(rows: readonly Row[], name: string): Vector {
  const data = new Uint8Array((rows.length + 7) >> 3)
  for (let i = 0; i < rows.length; i++)
    if (rows[i]?.[name] === true) data[i >> 3] = (data[i >> 3] ?? 0) | (1 << (i & 7))
  return vector(new Bool(), rows.length, validity(rows, name), { data })
}

function timestamp(rows: readonly Row[], name: string): Vector {
  const data = new BigInt64Array(rows.length)
  const halves = new Int32Array(data.buffer)
  for (let i = 0; i < rows.length; i++) {
    const us = Date.parse(rows[i]?.[name] as string) * 1_000
    halves[2 * i] = us % two32
    halves[2 * i + 1] = Math.floor(us / two32)
  }
  return vector(new TimestampMicrosecond('UTC'), rows.length, validity(rows, name), { data })
}

function utf8(rows: readonly Row[], name: string): Vector {
  const valueOffsets = new Int32Array(rows.length + 1)
  let length = 0
  for (let i = 0; i < rows.length; i++) length += ((rows[i]?.[name] as string | null) ?? '').length
  // A code unit of UTF-16 is three bytes of UTF-8 at most.
  const data = Buffer.allocUnsafe(length * 3)
  let at = 0
  for (let i = 0; i < rows.length; i++) {
    const text = rows[i]?.[name] as string | null
    if (text !== null) at += data.write(text, at)
    valueOffsets[i + 1] = at
  }
  return vector(new Utf8(), rows.length, validity(rows, name), { valueOffsets, data: data.subarray(0, at) })
}

interface Validity {
  readonly nullCount: number
  readonly nullBitmap: Uint8Array
}

function validity(rows: readonly Row[], name: string): Validity {
  const nullBitmap = new Uint8Array((rows.length + 7) >> 3)
  let nullCount = 0
  for (let i = 0; i < rows.length; i++) {
    if (rows[i]?.[name] === null) nullCount += 1
    else nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7))
  }
  return { nullCount, nullBitmap }
}

function vector(type: DataType, length: number, valid: Validity, buffers: object): Vector {
  return makeVector(makeData({ type, length, ...valid, ...buffers } as Parameters<typeof makeData>[0]))
}
