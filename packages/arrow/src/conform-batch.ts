import { MillraceError } from '@millrace/core'
import type { RecordBatch, Schema } from 'apache-arrow'
import { makeBatch } from './make-batch.ts'
import { nullData } from './null-data.ts'
import { widenData } from './widen-data.ts'

/**
 * The batch with exactly the columns of `schema`, in its order: those it lacks are null, and so are members that its
 * objects lack.
 *
 * @throws {MillraceError} `E_SCHEMA_MISMATCH` for a column of another type, one that `schema` does not have, or nulls where
 *   it allows none.
 * @example
 * conformBatch(firstBatch, lastBatch.schema).schema.names // => those of the last batch
 */
export function conformBatch(batch: RecordBatch, schema: Schema): RecordBatch {
  if (batch.schema === schema) return batch
  const indexes = new Map(batch.schema.fields.map((field, index) => [field.name, index]))
  const length = batch.numRows
  const children = schema.fields.map((field) => {
    const index = indexes.get(field.name)
    indexes.delete(field.name)
    const data = index === undefined ? undefined : batch.data.children[index]
    const nulls = data === undefined ? length : data.nullCount
    if (nulls > 0 && !field.nullable) throw mismatch(field.name, `has no value in ${nulls} rows, and may not be null`)
    if (data === undefined) return nullData(field.type, length)
    const widened = widenData(data, field.type)
    if (widened) return widened
    throw mismatch(field.name, `is ${data.type} in the batch and ${field.type} in the schema`)
  })
  for (const [name] of indexes) throw mismatch(name, 'is in the batch and not in the schema')
  return makeBatch(schema, length, children)
}

function mismatch(column: string, what: string): MillraceError {
  return new MillraceError(
    'E_SCHEMA_MISMATCH',
    `column "${column}" ${what}: make all batches with one converter, or start the converter from the schema`,
    { context: { column } },
  )
}
