import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow'

/** The batch with those of its columns that `schema` has: others are what other writers keep for themselves, or have dropped. */
export function knownColumns(batch: RecordBatch, schema: Schema): RecordBatch {
  const known = new Set(schema.names)
  const places = batch.schema.fields.flatMap(({ name }, index) => (known.has(name) ? [index] : []))
  const fields = places.flatMap((place) => batch.schema.fields[place] ?? [])
  const children = places.flatMap((place) => batch.data.children[place] ?? [])
  const { length, nullCount } = batch.data
  return new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length, nullCount, children }))
}
