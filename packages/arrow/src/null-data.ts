import { type Data, type DataType, makeBuilder } from 'apache-arrow'
import { buildColumn } from './builders/build-column.ts'
import { isColumnType } from './column-type.ts'

/** A column of nulls, of any type: that of a foreign table too. */
export function nullData(type: DataType, length: number): Data {
  const data = isColumnType(type) && buildColumn(type, { rows: new Array(length), key: undefined }, false)
  if (data) return data
  const builder = makeBuilder({ type, nullValues: [null] })
  for (let i = 0; i < length; i++) builder.append(null)
  return builder.finish().flush()
}
