import { DataType, Precision } from 'apache-arrow'
import { buildColumn } from './builders/build-column.ts'
import { kind, kindOf } from './kind.ts'

const anyKind = kind.bool | kind.int | kind.bigint | kind.float | kind.huge | kind.text | kind.object | kind.list

/** Kinds of which every value fits a column of the type: the quick answer for most. */
function fittingKinds(type: DataType): number {
  if (DataType.isUtf8(type)) return anyKind
  if (DataType.isBool(type)) return kind.bool
  if (DataType.isInt(type)) return type.bitWidth === 64 ? kind.int | kind.bigint : 0
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? kind.int | kind.float : 0
  return 0
}

/** True where a column of the type holds the value without loss. */
export function fits(type: DataType, value: unknown): boolean {
  if ((kindOf(value) & fittingKinds(type)) !== 0) return true
  return buildColumn(type, { rows: [value], key: undefined }, false) !== undefined
}
