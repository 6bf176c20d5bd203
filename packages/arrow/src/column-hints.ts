import { MillraceError } from '@millrace/core'
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Schema,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { jsonField } from './json-field.ts'

/** dlt's names for the types of columns. */
export const columnDataTypes = [
  'text',
  'bigint',
  'double',
  'bool',
  'timestamp',
  'date',
  'time',
  'decimal',
  'wei',
  'binary',
  'json',
] as const

export type ColumnDataType = (typeof columnDataTypes)[number]

/** What is declared of a column. */
export interface ColumnHint {
  readonly dataType: ColumnDataType
  /** Whether a row may be without it. Default true: an API promises nothing. */
  readonly nullable?: boolean
  /**
   * Of `bigint` the bits: 8, 16, 32 or 64. Of `decimal` and `wei` the digits, at most 38. Of `timestamp` and `time` the
   * digits of a second, at most 6; fewer are stored as 6.
   */
  readonly precision?: number
  /** Of `decimal`: digits behind the point. Default 9, or 0 where only `precision` is given: dlt's own. */
  readonly scale?: number
  /** Of `timestamp`: false for a time of day and date of nobody knows where. Default true, an instant in UTC. */
  readonly timezone?: boolean
}

/** dlt's default for `decimal`, and the most that 128 bits hold. */
const decimalPrecision = 38
const decimalScale = 9

/** Microseconds: finer than most APIs, and the finest that Delta Lake and DuckDB share. */
const secondDigits = 6

/**
 * The columns as an Arrow schema, in their order.
 *
 * @throws {MillraceError} `E_SCHEMA` naming the column, what is wrong and what would be right.
 * @example
 * toSchema({ id: { dataType: 'bigint', nullable: false }, price: { dataType: 'decimal', precision: 12, scale: 2 } })
 * @see dlt, "Schema: Data types"
 */
export function toSchema(columns: Readonly<Record<string, ColumnHint>>): Schema {
  return new Schema(Object.entries(columns).map(([name, hint]) => toField(name, hint)))
}

function toField(name: string, hint: ColumnHint): Field {
  const { dataType, nullable = true } = hint
  if (dataType === 'json') {
    refuse(name, hint, [])
    return jsonField(name, nullable)
  }
  return new Field(name, toType(name, hint), nullable)
}

function toType(name: string, hint: ColumnHint): DataType {
  const { dataType, precision, scale, timezone = true } = hint
  switch (dataType) {
    case 'text':
      refuse(name, hint, [])
      return new Utf8()
    case 'bool':
      refuse(name, hint, [])
      return new Bool()
    case 'double':
      refuse(name, hint, [])
      return new Float64()
    case 'date':
      refuse(name, hint, [])
      return new DateDay()
    case 'binary':
      refuse(name, hint, [])
      return new Binary()
    case 'bigint':
      refuse(name, hint, ['precision'])
      return integer(name, precision ?? 64)
    case 'timestamp':
      refuse(name, hint, ['precision', 'timezone'])
      checkNumber(name, 'precision', precision ?? secondDigits, 0, secondDigits)
      return new TimestampMicrosecond(timezone ? 'UTC' : null)
    case 'time':
      refuse(name, hint, ['precision'])
      checkNumber(name, 'precision', precision ?? secondDigits, 0, secondDigits)
      return new TimeMicrosecond()
    case 'wei':
      refuse(name, hint, ['precision'])
      return decimal(name, precision ?? decimalPrecision, 0)
    case 'decimal':
      refuse(name, hint, ['precision', 'scale'])
      return decimal(name, precision ?? decimalPrecision, scale ?? (precision === undefined ? decimalScale : 0))
    default:
      throw problem(
        name,
        `has the type ${JSON.stringify(dataType)}, and there is no such type: take one of ${columnDataTypes.join(', ')}`,
      )
  }
}

/** A setting that says nothing about a type must not seem to. */
function refuse(name: string, hint: ColumnHint, allowed: readonly ('precision' | 'scale' | 'timezone')[]): void {
  for (const key of ['precision', 'scale', 'timezone'] as const) {
    if (hint[key] === undefined || allowed.includes(key)) continue
    throw problem(name, `has a ${key}, which says nothing about the type ${hint.dataType}: leave it out`)
  }
}

function integer(name: string, bits: number): DataType {
  if (bits === 8) return new Int8()
  if (bits === 16) return new Int16()
  if (bits === 32) return new Int32()
  if (bits === 64) return new Int64()
  throw problem(name, `has the precision ${bits}: a bigint has 8, 16, 32 or 64 bits`)
}

function decimal(name: string, precision: number, scale: number): DataType {
  checkNumber(name, 'precision', precision, 1, decimalPrecision)
  checkNumber(name, 'scale', scale, 0, precision)
  // The scale comes first here, unlike everywhere else.
  return new Decimal(scale, precision)
}

function checkNumber(name: string, key: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw problem(name, `has the ${key} ${value}: it must be a whole number from ${least} to ${most}`)
}

function problem(column: string, what: string): MillraceError {
  return new MillraceError('E_SCHEMA', `column "${column}" ${what}`, { context: { column } })
}
