import { conformBatch, decodeIpc, emptyBatch, encodeIpc } from '@millrace/arrow'
import { readParquet } from '@millrace/parquet'
import type { RecordBatch, Schema } from 'apache-arrow'

/**
 * The batches of Parquet files, one after the other, with exactly the columns of `schema`: those that a file lacks are
 * null, and others that it has are passed over.
 *
 * Shape:  AsyncIterable<RecordBatch>, columns in `schema` order.
 * Order:  that of the files, then of their rows.
 * Memory: one file, compressed, and one row group.
 * Pulls:  lazy; a file is opened when the one before is read to its end.
 *
 * @throws {MillraceError} `E_PARQUET` for a file that is missing or damaged, `E_SCHEMA_MISMATCH` for one with a column of
 *   another type.
 */
export async function* readAs(paths: Iterable<string>, schema: Schema): AsyncGenerator<RecordBatch, undefined> {
  // Arrow compares types by class, and what it reads is of other classes than the same types made by hand.
  const columns = decodeIpc(encodeIpc(emptyBatch(schema))).schema
  const known = new Set<unknown>(columns.names)
  for (const path of paths) {
    for await (const batch of readParquet(path)) yield conformBatch(knownColumns(batch, known), columns)
  }
}

/** Without the others: they are what other writers keep for themselves, or have dropped. */
function knownColumns(batch: RecordBatch, known: ReadonlySet<unknown>): RecordBatch {
  return batch.selectAt(batch.schema.fields.flatMap(({ name }, index) => (known.has(name) ? [index] : [])))
}
