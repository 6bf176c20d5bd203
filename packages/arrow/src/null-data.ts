import { type Data, type DataType, makeBuilder } from 'apache-arrow'
import { buildData } from './build-data.ts'
import { isColumnType } from './fits.ts'

/** A column of nulls, of any type: that of a foreign table too. */
export function nullData(type: DataType, length: number): Data {
  if (isColumnType(type)) return buildData(type, new Array(length))
  const builder = makeBuilder({ type, nullValues: [null] })
  for (let i = 0; i < length; i++) builder.append(null)
  return builder.finish().flush()
}
