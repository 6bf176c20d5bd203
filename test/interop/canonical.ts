import type { Row } from '@millrace/core'
import { DataType, type Field, Precision, type Schema } from 'apache-arrow'

/** A column as Delta's schema has it: name, type, whether it may be null. */
export type Column = readonly [string, ColumnType, boolean]
type ColumnType =
  | string
  | { readonly struct: readonly Column[] }
  | { readonly array: ColumnType; readonly containsNull: boolean }

/** The columns of a table of ours, to be compared with what `python/canonical.py` makes of another reader's. */
export function canonicalColumns(schema: Schema): readonly Column[] {
  return schema.fields.map(columnOf)
}

function columnOf({ name, type, nullable }: Field): Column {
  return [name, typeOf(type), nullable]
}

const integers: Readonly<Record<number, string>> = { 8: 'byte', 16: 'short', 32: 'integer', 64: 'long' }

function typeOf(type: DataType): ColumnType {
  if (DataType.isBool(type)) return 'boolean'
  if (DataType.isInt(type)) return integers[type.bitWidth] ?? unknown(type)
  if (DataType.isFloat(type)) return type.precision === Precision.SINGLE ? 'float' : 'double'
  if (DataType.isDecimal(type)) return `decimal(${type.precision},${type.scale})`
  if (DataType.isUtf8(type)) return 'string'
  if (DataType.isBinary(type)) return 'binary'
  if (DataType.isDate(type)) return 'date'
  if (DataType.isTimestamp(type)) return type.timezone === 'UTC' ? 'timestamp' : unknown(type)
  if (DataType.isStruct(type)) return { struct: type.children.map(columnOf) }
  const item = DataType.isList(type) ? type.children[0] : undefined
  return item ? { array: typeOf(item.type), containsNull: item.nullable } : unknown(type)
}

function unknown(type: DataType): never {
  throw new TypeError(`no canonical form of ${type}`)
}

/**
 * A line of JSON per row, sorted: an array with its values in order of the columns, each in a form that loses nothing. What a row
 * leaves out is null.
 */
export async function canonicalLines(
  rows: AsyncIterable<Row> | Iterable<Row>,
  schema: Schema,
): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const row of rows) lines.push(JSON.stringify(valuesOf(row, schema.fields)))
  return lines.sort()
}

function valuesOf(row: Row, fields: readonly Field[]): readonly unknown[] {
  return fields.map(({ name, type }) => canonicalValue(row[name], type))
}

function canonicalValue(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null
  // Digits, because readers of JSON round.
  if (DataType.isInt(type)) return String(value)
  if (DataType.isFloat(type)) return Number.isFinite(value) && !Object.is(value, -0) ? value : floatName(value)
  if (DataType.isBinary(type)) return Buffer.from(value as Uint8Array).toString('hex')
  if (DataType.isTimestamp(type)) return withMicros(value as string)
  // An array, because objects put names such as `1` first.
  if (DataType.isStruct(type)) return valuesOf(value as Row, type.children)
  const item = DataType.isList(type) ? type.children[0] : undefined
  return item ? (value as readonly unknown[]).map((each) => canonicalValue(each, item.type)) : value
}

function floatName(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** `2024-05-01T00:00:00.5Z` → `2024-05-01T00:00:00.500000Z`. */
function withMicros(text: string): string {
  const [, seconds = text, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? []
  return `${seconds}.${fraction.padEnd(6, '0')}Z`
}

/** Lines of another reader as {@link canonicalLines} has them: JSON written the same way, and sorted. */
export function sameForm(lines: readonly string[]): readonly string[] {
  return lines.map((line) => JSON.stringify(JSON.parse(line))).sort()
}
