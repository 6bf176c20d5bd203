import type { DataType } from 'apache-arrow'
import { scalarTypes, utf8 } from './infer-type.ts'
import { jsonText } from './json-text.ts'
import { kind, kindOf } from './kind.ts'
import { parseTimestamp } from './timestamp.ts'

/** What a variant column's name ends in after `__v_`. `json` is JSON text, the others are what they say. */
export type VariantType = keyof typeof scalarTypes | 'json'

/** The columns that take values which do not fit the column they arrived in. */
export const variantTypes: Readonly<Record<VariantType, DataType>> = { ...scalarTypes, json: utf8 }

const pattern = /^(.*)__v_(?:bool|int64|float64|utf8|timestamp|json)$/s

/** `price__v_utf8` for `price` and `utf8`. */
export function variantName(column: string, type: VariantType): string {
  return `${column}__v_${type}`
}

/** The column that a name would be a variant of, or undefined for any other name. */
export function variantBase(name: string): string | undefined {
  return pattern.exec(name)?.[1]
}

/** The variant column that holds a value: that of its own type, as if it stood in a new column alone. */
export function variantTypeOf(value: unknown): VariantType {
  switch (kindOf(value)) {
    case kind.bool:
      return 'bool'
    case kind.int:
    case kind.bigint:
      return 'int64'
    case kind.float:
      return 'float64'
    case kind.huge:
      return 'utf8'
    case kind.text:
      return parseTimestamp(value as string) === undefined ? 'utf8' : 'timestamp'
    default:
      return 'json'
  }
}

/** The value as its variant column stores it. */
export function variantValue(type: VariantType, value: unknown): unknown {
  return type === 'json' ? jsonText(value) : value
}
