import { type Data, type DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow'

/**
 * The batch with its nested columns typed as `schema` has them, where only names of list items and the members that may not be
 * null are different. Every writer of Parquet has a name of its own for an item, and DuckDB lets all members be null.
 */
export function retypeBatch(batch: RecordBatch, schema: Schema): RecordBatch {
  const wanted = new Map(schema.fields.map(({ name, type }) => [name, type]))
  const children = batch.data.children.map((data, index) => {
    const type = wanted.get(batch.schema.fields[index]?.name ?? '')
    return type && data.children.length > 0 && String(type) === String(data.type) ? retype(data, type) : data
  })
  const fields = batch.schema.fields.map(
    ({ name, nullable, metadata }, index) => new Field(name, children[index]?.type as DataType, nullable, metadata),
  )
  const { length, nullCount } = batch.data
  return new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length, nullCount, children }))
}

function retype(data: Data, type: DataType): Data {
  const children = data.children.map((child, index) => retype(child, type.children[index]?.type as DataType))
  return data.clone(type, data.offset, data.length, data.nullCount, data.buffers, children)
}
