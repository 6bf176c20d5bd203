import { errorMessage, MillraceError } from '@millrace/core'
import {
  Bool,
  DataType,
  Field,
  Float64,
  Int64,
  List,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimeUnit,
  Utf8,
} from 'apache-arrow'

/** @see Delta Lake protocol, "Schema Serialization Format" */
type SparkType =
  | string
  | SparkStruct
  | { readonly type: 'array'; readonly elementType: SparkType; readonly containsNull: boolean }
interface SparkStruct {
  readonly type: 'struct'
  readonly fields: readonly SparkField[]
}
interface SparkField {
  readonly name: string
  readonly type: SparkType
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A table's columns as Delta's log has them. Every column is nullable: an API promises nothing. */
export function toSchemaString(schema: Schema): string {
  return JSON.stringify({ type: 'struct', fields: schema.fields.map((field) => toSparkField(field, field.name)) })
}

function toSparkField(field: Field, path: string): SparkField {
  return { name: field.name, type: toSparkType(field.type, path), nullable: true, metadata: {} }
}

function toSparkType(type: DataType, path: string): SparkType {
  if (DataType.isBool(type)) return 'boolean'
  if (DataType.isInt(type) && type.isSigned && type.bitWidth === 64) return 'long'
  if (DataType.isFloat(type) && type.precision === 2) return 'double'
  if (DataType.isUtf8(type)) return 'string'
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND && type.timezone) return 'timestamp'
  if (DataType.isStruct(type)) {
    return { type: 'struct', fields: type.children.map((field) => toSparkField(field, `${path}.${field.name}`)) }
  }
  if (DataType.isList(type)) {
    const item = type.children[0]
    if (item) return { type: 'array', elementType: toSparkType(item.type, `${path}[]`), containsNull: true }
  }
  throw new MillraceError(
    'E_COLUMN_TYPE',
    `column "${path}" is of type ${type}, which the lake cannot store; convert it to bool, int64, float64, utf8, timestamp(us, UTC), struct or list`,
    { context: { column: path } },
  )
}

/**
 * The Arrow schema of a table.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TABLE` for a type that this library does not read yet, `E_CORRUPT` for what is no schema.
 */
export function fromSchemaString(text: string, table: string): Schema {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    throw new MillraceError('E_CORRUPT', `the schema of table ${table} is no JSON: ${errorMessage(thrown)}`, {
      cause: thrown,
    })
  }
  if (!isStruct(parsed)) throw new MillraceError('E_CORRUPT', `the schema of table ${table} is no struct`)
  return new Schema(parsed.fields.map((field) => fromSparkField(field, field.name, table)))
}

function fromSparkField(field: SparkField, path: string, table: string): Field {
  if (field.nullable === false) throw unsupported(table, `column "${path}" may not be null`)
  if (Object.keys(field.metadata ?? {}).some((key) => key.startsWith('delta.'))) {
    throw unsupported(table, `column "${path}" has Delta features: ${Object.keys(field.metadata).join(', ')}`)
  }
  return new Field(field.name, fromSparkType(field.type, path, table), true)
}

function fromSparkType(type: SparkType, path: string, table: string): DataType {
  if (type === 'boolean') return new Bool()
  if (type === 'long') return new Int64()
  if (type === 'double') return new Float64()
  if (type === 'string') return new Utf8()
  if (type === 'timestamp') return new TimestampMicrosecond('UTC')
  if (isStruct(type))
    return new Struct(type.fields.map((field) => fromSparkField(field, `${path}.${field.name}`, table)))
  if (typeof type === 'object' && type.type === 'array') {
    return new List(new Field(listItem, fromSparkType(type.elementType, `${path}[]`, table), true))
  }
  throw unsupported(table, `column "${path}" is of type ${JSON.stringify(type)}`)
}

/** The name that `@millrace/arrow` gives the field inside a list. Arrow compares it, Delta does not store it. */
const listItem = 'element'

function isStruct(value: unknown): value is SparkStruct {
  return typeof value === 'object' && value !== null && 'fields' in value && Array.isArray(value.fields)
}

function unsupported(table: string, problem: string): MillraceError {
  return new MillraceError(
    'E_UNSUPPORTED_TABLE',
    `table ${table} cannot be read or written: ${problem}, which this version does not know; use the tool that made it`,
    { context: { table } },
  )
}
