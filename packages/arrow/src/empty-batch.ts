import type { RecordBatch, Schema } from 'apache-arrow'
import { makeBatch } from './make-batch.ts'
import { nullData } from './null-data.ts'

/** A batch without rows: how a schema alone goes where batches go. */
export function emptyBatch(schema: Schema): RecordBatch {
  const children = schema.fields.map(({ type }) => nullData(type, 0))
  return makeBatch(schema, 0, children)
}
