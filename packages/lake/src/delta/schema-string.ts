import { errorMessage, MillraceError } from '@millrace/core'
import {
  Binary,
  Bool,
  DataType,
  DateDay,
  DateUnit,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Precision,
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
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A table's columns as Delta's log has them. */
export function toSchemaString(schema: Schema): string {
  return JSON.stringify({ type: 'struct', fields: schema.fields.map((field) => toSparkField(field, field.name)) })
}

/** The columns as the files of a table have them: what only Arrow knows is in the log, and in no file or in all. */
export function toFileSchema(schema: Schema): Schema {
  return new Schema(schema.fields.map(plainField))
}

function plainField({ name, type, nullable }: Field): Field {
  return new Field(name, plainType(type), nullable)
}

function plainType(type: DataType): DataType {
  if (DataType.isStruct(type)) return new Struct(type.children.map(plainField))
  const item = DataType.isList(type) ? type.children[0] : undefined
  return item ? new List(plainField(item)) : type
}

function toSparkField({ name, type, nullable, metadata }: Field, path: string): SparkField {
  const extension = metadata.get(extensionKey)
  return {
    name,
    type: toSparkType(type, path),
    nullable,
    metadata: extension === undefined ? {} : { [ownKey]: extension },
  }
}

/** What Arrow knows of a column and Delta has no word for: that its text is JSON. */
const extensionKey = 'ARROW:extension:name'

/**
 * The same in Delta's schema. Under Arrow's own name Polars expects the files to say it too, which DuckDB's do not; tables
 * that have it there are still read.
 */
const ownKey = 'millrace.extension'

const integers: Readonly<Record<number, string>> = { 8: 'byte', 16: 'short', 32: 'integer', 64: 'long' }

function toSparkType(type: DataType, path: string): SparkType {
  if (DataType.isBool(type)) return 'boolean'
  if (DataType.isInt(type) && type.isSigned) return integers[type.bitWidth] ?? refused(type, path)
  if (DataType.isFloat(type) && type.precision !== Precision.HALF) {
    return type.precision === Precision.SINGLE ? 'float' : 'double'
  }
  if (DataType.isDecimal(type) && type.bitWidth === 128) return `decimal(${type.precision},${type.scale})`
  if (DataType.isUtf8(type)) return 'string'
  if (DataType.isBinary(type)) return 'binary'
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return 'date'
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND && type.timezone) return 'timestamp'
  if (DataType.isStruct(type)) {
    return { type: 'struct', fields: type.children.map((field) => toSparkField(field, `${path}.${field.name}`)) }
  }
  if (DataType.isList(type)) {
    const item = type.children[0]
    if (item) return { type: 'array', elementType: toSparkType(item.type, `${path}[]`), containsNull: item.nullable }
  }
  return refused(type, path)
}

function refused(type: DataType, path: string): never {
  throw new MillraceError(
    'E_COLUMN_TYPE',
    `column "${path}" is of type ${type}, which the lake cannot store; ${adviceFor(type)}`,
    { context: { column: path } },
  )
}

function adviceFor(type: DataType): string {
  if (DataType.isTime(type)) return 'Delta Lake has no times of day: declare it as text'
  if (DataType.isTimestamp(type) && !type.timezone) {
    return 'readers of every version know timestamps in UTC only: declare it with a time zone, or as text'
  }
  return 'convert it to bool, a signed integer, float32, float64, decimal128, utf8, binary, date, timestamp(us, UTC), struct or list'
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

function fromSparkField({ name, type, nullable, metadata = {} }: SparkField, path: string, table: string): Field {
  if (Object.keys(metadata).some((key) => key.startsWith('delta.'))) {
    throw unsupported(table, `column "${path}" has Delta features: ${Object.keys(metadata).join(', ')}`)
  }
  const extension = metadata[ownKey] ?? metadata[extensionKey]
  const known = typeof extension === 'string' ? new Map([[extensionKey, extension]]) : undefined
  return new Field(name, fromSparkType(type, path, table), nullable !== false, known)
}

const types: Readonly<Record<string, () => DataType>> = {
  boolean: () => new Bool(),
  byte: () => new Int8(),
  short: () => new Int16(),
  integer: () => new Int32(),
  long: () => new Int64(),
  float: () => new Float32(),
  double: () => new Float64(),
  string: () => new Utf8(),
  binary: () => new Binary(),
  date: () => new DateDay(),
  timestamp: () => new TimestampMicrosecond('UTC'),
}

function fromSparkType(type: SparkType, path: string, table: string): DataType {
  if (typeof type === 'string') {
    const made = Object.hasOwn(types, type) ? types[type]?.() : undefined
    const [, precision, scale] = /^decimal\((\d+), ?(\d+)\)$/.exec(type) ?? []
    if (made) return made
    // The scale comes first here, unlike everywhere else.
    if (precision !== undefined) return new Decimal(Number(scale), Number(precision))
  }
  if (isStruct(type))
    return new Struct(type.fields.map((field) => fromSparkField(field, `${path}.${field.name}`, table)))
  if (typeof type === 'object' && type.type === 'array') {
    const item = fromSparkType(type.elementType, `${path}[]`, table)
    return new List(new Field(listItem, item, type.containsNull !== false))
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
