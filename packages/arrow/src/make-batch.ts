import { type Data, makeData, RecordBatch, type Schema, Struct } from 'apache-arrow'

/**
 * A batch with this very schema, of columns that are as long as it is.
 *
 * The library's constructor gives a batch a copy of its schema, which takes as long as to fill the columns (it is quadratic in
 * their number), and by which nobody can tell at a glance that the next batch has the same.
 */
export function makeBatch(schema: Schema, length: number, children: Data[]): RecordBatch {
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })
  return Object.assign(new RecordBatch({}), { schema, data })
}
