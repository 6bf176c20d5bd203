import { MillraceError } from '@millrace/core'
import { DataType, DateUnit, Precision, TimeUnit } from 'apache-arrow'
import { quoteIdentifier } from './quote.ts'

/**
 * The DuckDB type that holds exactly the values of an Arrow type.
 *
 * @throws {MillraceError} `E_COLUMN_TYPE` for a type that has no exact counterpart here yet.
 */
export function columnType(type: DataType, column: string): string {
  if (DataType.isBool(type)) return 'BOOLEAN'
  if (DataType.isInt(type) && type.isSigned) return integers[type.bitWidth] ?? refused(type, column)
  if (DataType.isFloat(type) && type.precision !== Precision.HALF) {
    return type.precision === Precision.SINGLE ? 'FLOAT' : 'DOUBLE'
  }
  if (DataType.isDecimal(type) && type.bitWidth === 128) return `DECIMAL(${type.precision}, ${type.scale})`
  if (DataType.isUtf8(type)) return 'VARCHAR'
  if (DataType.isBinary(type)) return 'BLOB'
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return 'DATE'
  if (DataType.isTime(type) && type.unit === TimeUnit.MICROSECOND) return 'TIME'
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND)
    return type.timezone ? 'TIMESTAMPTZ' : 'TIMESTAMP'
  if (DataType.isList(type)) {
    const [item] = type.children
    if (item) return `${columnType(item.type, `${column}[]`)}[]`
  }
  if (DataType.isStruct(type) && type.children.length > 0) {
    const fields = type.children.map(
      (field) => `${quoteIdentifier(field.name)} ${columnType(field.type, `${column}.${field.name}`)}`,
    )
    return `STRUCT(${fields.join(', ')})`
  }
  return refused(type, column)
}

const integers: Readonly<Record<number, string>> = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }

function refused(type: DataType, column: string): never {
  throw new MillraceError(
    'E_COLUMN_TYPE',
    `column "${column}" is of type ${type}, which cannot be merged; convert it to bool, a signed integer, float32, float64, decimal128, utf8, binary, date, time(us), timestamp(us), struct or list`,
    { context: { column } },
  )
}
