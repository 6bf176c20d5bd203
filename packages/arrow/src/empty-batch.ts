import { makeData, RecordBatch, type Schema, Struct } from 'apache-arrow'
import { nullData } from './null-data.ts'

/** A batch of no rows: it carries the columns. With empty columns, since a writer wants some to write. */
export function emptyBatch(schema: Schema): RecordBatch {
  const children = schema.fields.map(({ type }) => nullData(type, 0))
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }))
}
