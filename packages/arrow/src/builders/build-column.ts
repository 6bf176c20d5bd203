import { MillraceError } from '@millrace/core'
import { type Data, DataType } from 'apache-arrow'
import { buildBinary } from './build-binary.ts'
import { buildBool } from './build-bool.ts'
import { buildDate } from './build-date.ts'
import { buildDecimal } from './build-decimal.ts'
import { buildFloat } from './build-float.ts'
import { buildInt64, buildNarrowInt } from './build-int.ts'
import { buildList } from './build-list.ts'
import { buildStruct } from './build-struct.ts'
import { buildText } from './build-text.ts'
import { buildTime } from './build-time.ts'
import { buildTimestamp } from './build-timestamp.ts'
import type { Cells } from './cells.ts'

/**
 * One column of a batch, or undefined where one of its values does not fit the type; null and undefined are null.
 *
 * What fits a type is said by its builder and nowhere else: each is one loop over its values that fills a typed array and
 * stops at the first that it could not store without loss.
 *
 * @param isNested Inside a struct or list, where text is text only: at the top a text column takes any value, as JSON text.
 */
export function buildColumn(type: DataType, cells: Cells, isNested: boolean): Data | undefined {
  if (DataType.isUtf8(type)) return buildText(type, cells, isNested)
  if (DataType.isInt(type)) return type.bitWidth === 64 ? buildInt64(type, cells) : buildNarrowInt(type, cells)
  if (DataType.isFloat(type)) return buildFloat(type, cells)
  if (DataType.isBool(type)) return buildBool(type, cells)
  if (DataType.isTimestamp(type)) return buildTimestamp(type, cells)
  if (DataType.isStruct(type)) return buildStruct(type, cells, buildNested)
  if (DataType.isList(type)) return buildList(type, cells, buildNested)
  if (DataType.isDecimal(type)) return buildDecimal(type, cells)
  if (DataType.isDate(type)) return buildDate(type, cells)
  if (DataType.isTime(type)) return buildTime(type, cells)
  if (DataType.isBinary(type)) return buildBinary(type, cells)
  throw new MillraceError('E_UNSUPPORTED_TYPE', `no column of type ${type} can be built from rows`)
}

function buildNested(type: DataType, cells: Cells): Data | undefined {
  return buildColumn(type, cells, true)
}
