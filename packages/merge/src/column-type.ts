import { MillraceError } from '@millrace/core'
import { DataType, TimeUnit } from 'apache-arrow'
import { quoteIdentifier } from './quote.ts'

/**
 * The DuckDB type that holds exactly the values of an Arrow type.
 *
 * @throws {MillraceError} `E_COLUMN_TYPE` for a type that has no exact counterpart here yet.
 */
export function columnType(type: DataType, column: string): string {
  if (DataType.isBool(type)) return 'BOOLEAN'
  if (DataType.isInt(type) && type.isSigned && type.bitWidth === 64) return 'BIGINT'
  if (DataType.isFloat(type) && type.precision === 2) return 'DOUBLE'
  if (DataType.isUtf8(type)) return 'VARCHAR'
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND && type.timezone) return 'TIMESTAMPTZ'
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
  throw new MillraceError(
    'E_COLUMN_TYPE',
    `column "${column}" is of type ${type}, which cannot be merged; convert it to bool, int64, float64, utf8, timestamp(us, UTC), struct or list`,
    { context: { column } },
  )
}
