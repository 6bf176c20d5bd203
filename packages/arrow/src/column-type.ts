import { DataType, DateUnit, Precision, TimeUnit } from 'apache-arrow'

/** What a message says of {@link isColumnType}. */
export const columnTypes =
  'Bool, Int8 to Int64, Float32, Float64, Utf8, Binary, Decimal128, Date32, Time64<MICROSECOND>, Timestamp<MICROSECOND> with UTC or without a zone, and structs and lists of these'

/** True for the types that values of rows can be stored as. */
export function isColumnType(type: DataType): boolean {
  if (DataType.isBool(type) || DataType.isUtf8(type) || DataType.isBinary(type)) return true
  if (DataType.isInt(type)) return type.isSigned
  if (DataType.isFloat(type)) return type.precision !== Precision.HALF
  if (DataType.isTimestamp(type))
    return type.unit === TimeUnit.MICROSECOND && [undefined, null, '', 'UTC'].includes(type.timezone)
  if (DataType.isDecimal(type))
    return type.bitWidth === 128 && type.precision <= 38 && type.scale >= 0 && type.scale <= type.precision
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY
  if (DataType.isTime(type)) return type.unit === TimeUnit.MICROSECOND
  if (DataType.isStruct(type))
    return type.children.length > 0 && type.children.every((field) => isColumnType(field.type))
  return DataType.isList(type) && isColumnType(type.valueType)
}
