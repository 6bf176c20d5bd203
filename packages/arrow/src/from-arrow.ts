import { MillraceError, type Row } from '@millrace/core'
import { type Data, DataType, DateUnit, type RecordBatch, type Timestamp, TimeUnit } from 'apache-arrow'
import { formatDecimal } from './decimal.ts'
import { setOwnValue } from './set-own-value.ts'
import { formatTimeOfDay } from './time-of-day.ts'
import { formatTimestamp } from './timestamp.ts'

/**
 * Plain rows: numbers (`bigint` only where a number would be rounded), strings, booleans, null, objects, arrays, and
 * timestamps as ISO 8601 strings in UTC (or without an offset where the column has no zone), dates, times of day and
 * decimals as text, binary as `Uint8Array`. Every row has every column.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TYPE` for a column of a type that rows never make (a dictionary, a map).
 * @example
 * fromArrow(createConverter().convert([{ id: 1, at: '2024-05-01T02:00:00+02:00' }]))
 * // => [{ id: 1, at: '2024-05-01T00:00:00.000Z' }]
 */
export function fromArrow(batch: RecordBatch): Row[] {
  return readObjects(batch.data)
}

function readObjects(data: Data): Record<string, unknown>[] {
  const names = data.type.children.map((field) => field.name)
  const columns = data.children.map((child) => readColumn(child))
  const rows = new Array<Record<string, unknown>>(data.length)
  for (let r = 0; r < data.length; r++) {
    const row: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) setOwnValue(row, names[c] as string, columns[c]?.[r])
    rows[r] = row
  }
  return rows
}

function readColumn(data: Data): unknown[] {
  const values = readValues(data)
  if (data.nullCount > 0) for (let i = 0; i < data.length; i++) if (!data.getValid(i)) values[i] = null
  return values
}

/** Every value, also where the column is null: what stands there then is anything. */
function readValues(data: Data): unknown[] {
  const { type, length } = data
  if (DataType.isNull(type)) return new Array<unknown>(length).fill(null)
  if (DataType.isBool(type)) return readBits(data)
  if (DataType.isInt(type)) return type.bitWidth === 64 ? readIntegers(data) : numbers(data)
  if (DataType.isFloat(type) && type.precision > 0) return numbers(data)
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return readText(data)
  if (DataType.isTimestamp(type)) return readTimestamps(data, type)
  if (DataType.isDecimal(type) && type.bitWidth === 128) return readDecimals(data, type.scale)
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return readDates(data)
  if (DataType.isTime(type) && type.unit === TimeUnit.MICROSECOND) return readTimes(data)
  if (DataType.isBinary(type)) return readBinary(data)
  if (DataType.isStruct(type)) return readObjects(data)
  if (DataType.isList(type)) return readLists(data)
  throw new MillraceError('E_UNSUPPORTED_TYPE', `a column of type ${type} cannot be read into rows`)
}

function numbers(data: Data): unknown[] {
  return Array.from((data.values as Float64Array).subarray(0, data.length))
}

function readBits(data: Data): unknown[] {
  const bits = data.values as Uint8Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    const at = data.offset + i
    values[i] = ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0
  }
  return values
}

function readIntegers(data: Data): unknown[] {
  const integers = data.values as BigInt64Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    const integer = integers[i] as bigint
    const number = Number(integer)
    values[i] = Number.isSafeInteger(number) ? number : integer
  }
  return values
}

/** A byte order mark is a character like any other here: the default would drop it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function readText(data: Data): unknown[] {
  const offsets = data.valueOffsets as Int32Array
  const bytes = data.values as Uint8Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    values[i] = decoder.decode(bytes.subarray(Number(offsets[i]), Number(offsets[i + 1])))
  }
  return values
}

function readTimestamps(data: Data, { unit, timezone }: Timestamp): unknown[] {
  const integers = data.values as BigInt64Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    if (!data.getValid(i)) continue
    const text = formatTimestamp(toMicros(integers[i] as bigint, unit))
    values[i] = timezone ? text : text.slice(0, -1)
  }
  return values
}

/** Two words each, the low one first, two's complement. */
function readDecimals(data: Data, scale: number): unknown[] {
  const words = data.values as Uint32Array
  const halves = new BigUint64Array(words.slice(0, data.length * 4).buffer)
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    const scaled = BigInt.asIntN(128, ((halves[2 * i + 1] as bigint) << 64n) | (halves[2 * i] as bigint))
    values[i] = formatDecimal(scaled, scale)
  }
  return values
}

function readDates(data: Data): unknown[] {
  const days = data.values as Int32Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) {
    if (data.getValid(i)) values[i] = formatTimestamp(BigInt(days[i] as number) * 86_400_000_000n).split('T', 1)[0]
  }
  return values
}

function readTimes(data: Data): unknown[] {
  const micros = data.values as BigInt64Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) values[i] = formatTimeOfDay(Number(micros[i]))
  return values
}

function readBinary(data: Data): unknown[] {
  const offsets = data.valueOffsets as Int32Array
  const bytes = data.values as Uint8Array
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) values[i] = bytes.slice(offsets[i], offsets[i + 1])
  return values
}

function toMicros(integer: bigint, unit: TimeUnit): bigint {
  if (unit === TimeUnit.MICROSECOND) return integer
  if (unit === TimeUnit.MILLISECOND) return integer * 1_000n
  if (unit === TimeUnit.SECOND) return integer * 1_000_000n
  if (integer % 1_000n === 0n) return integer / 1_000n
  throw new MillraceError('E_UNSUPPORTED_TYPE', 'a timestamp finer than a microsecond cannot be read into rows')
}

function readLists(data: Data): unknown[] {
  const offsets = data.valueOffsets as Int32Array
  const elements = data.children[0] ? readColumn(data.children[0]) : []
  const values = new Array<unknown>(data.length)
  for (let i = 0; i < data.length; i++) values[i] = elements.slice(offsets[i], offsets[i + 1])
  return values
}
