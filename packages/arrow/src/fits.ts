import { DataType, Precision, TimeUnit } from 'apache-arrow'
import { isExactFloat } from './infer-type.ts'
import { kind, kindOf, notJson } from './kind.ts'
import { ownValue } from './own-value.ts'
import { parseTimestamp } from './timestamp.ts'
import { UnstorableError } from './unstorable-error.ts'

const anyKind = kind.bool | kind.int | kind.bigint | kind.float | kind.huge | kind.text | kind.object | kind.list

/** Kinds of which every value fits a column of the type. Of the others {@link fits} decides, value by value. */
export function fittingKinds(type: DataType): number {
  if (DataType.isUtf8(type)) return anyKind
  if (DataType.isBool(type)) return kind.bool
  if (DataType.isInt(type)) return kind.int | kind.bigint
  if (DataType.isFloat(type)) return kind.int | kind.float
  return 0
}

/** True where a column of the type holds the value without loss. A text column holds anything that UTF-8 can write. */
export function fits(type: DataType, value: unknown): boolean {
  const one = kindOf(value)
  if ((one & fittingKinds(type)) !== 0) return true
  if (DataType.isFloat(type)) return one === kind.bigint && isExactFloat(value as bigint)
  if (DataType.isTimestamp(type)) return one === kind.text && parseTimestamp(value as string) !== undefined
  if (DataType.isStruct(type))
    return one === kind.object && fitsStruct(type, value as Readonly<Record<string, unknown>>)
  if (DataType.isList(type)) return one === kind.list && fitsList(type.valueType, value as readonly unknown[])
  return false
}

/** Inside a nested value text is text only: a number in its place sends the whole value to the JSON variant. */
function fitsNested(type: DataType, value: unknown): boolean {
  const one = kindOf(value)
  if (one === notJson) throw new UnstorableError(value)
  if (one === 0) return true
  return DataType.isUtf8(type) ? one === kind.text : fits(type, value)
}

function fitsStruct(type: DataType, object: Readonly<Record<string, unknown>>): boolean {
  const fields = type.children
  let known = 0
  for (const field of fields) {
    if (!fitsNested(field.type, ownValue(object, field.name))) return false
    if (Object.hasOwn(object, field.name)) known += 1
  }
  const keys = Object.keys(object)
  if (keys.length === known) return true
  const names = new Set(fields.map((field) => field.name))
  for (const key of keys) {
    if (names.has(key)) continue
    if (object[key] !== null && object[key] !== undefined) return false
  }
  return true
}

function fitsList(type: DataType, list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) if (!fitsNested(type, list[i])) return false
  return true
}

/** True for the types that columns made from rows have, and so for all that can take further rows. */
export function isColumnType(type: DataType): boolean {
  if (DataType.isBool(type) || DataType.isUtf8(type)) return true
  if (DataType.isInt(type)) return type.bitWidth === 64 && type.isSigned
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE
  if (DataType.isTimestamp(type)) return type.unit === TimeUnit.MICROSECOND && type.timezone === 'UTC'
  if (DataType.isStruct(type))
    return type.children.length > 0 && type.children.every((field) => isColumnType(field.type))
  return DataType.isList(type) && isColumnType(type.valueType)
}
