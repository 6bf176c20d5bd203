import { makeData, RecordBatch, type Schema, Struct } from 'apache-arrow'
import { nullData } from './null-data.ts'

/** A batch without rows: how a schema alone goes where batches go. */
export function emptyBatch(schema: Schema): RecordBatch {
  // With its columns: the library takes a column that is missing for one that may be null.
  const children = schema.fields.map(({ type }) => nullData(type, 0))
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }))
}
