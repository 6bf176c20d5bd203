import { type Data, type DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow'

/**
 * The batch with those of its columns that `schema` has, nested ones typed as it has them where only names of list items and the
 * members that may not be null are different. Every writer of Parquet has a name of its own for an item, and DuckDB lets all
 * members be null. Columns beyond the table's are what other writers keep for themselves, or have dropped.
 */
export function retypeBatch(batch: RecordBatch, schema: Schema): RecordBatch {
  const wanted = new Map(schema.fields.map(({ name, type }) => [name, type]))
  const columns = batch.schema.fields.flatMap(({ name, nullable, metadata }, index) => {
    const type = wanted.get(name)
    const data = batch.data.children[index]
    if (!type || !data) return []
    const child = data.children.length > 0 && String(type) === String(data.type) ? retype(data, type) : data
    return [{ field: new Field(name, child.type, nullable, metadata), child }]
  })
  const fields = columns.map(({ field }) => field)
  const children = columns.map(({ child }) => child)
  const { length, nullCount } = batch.data
  return new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length, nullCount, children }))
}

function retype(data: Data, type: DataType): Data {
  const children = data.children.map((child, index) => retype(child, type.children[index]?.type as DataType))
  return data.clone(type, data.offset, data.length, data.nullCount, data.buffers, children)
}
