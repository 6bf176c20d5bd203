import { randomUUID } from 'node:crypto'
import { rename, unlink } from 'node:fs/promises'
import { MillraceError, type Sink } from '@millrace/core'
import { type Field, type RecordBatch, Schema } from 'apache-arrow'
import { defaultRowGroupRows } from '../parquet-encoder.ts'
import {
  onDisk,
  type ParquetReport,
  syncFolder,
  type WriteFileOptions,
  writeParquetFile,
} from './write-parquet-file.ts'

export interface WriteParquetOptions extends WriteFileOptions {
  /** The columns of the file. Default: those of the batches that make up the first row group. */
  readonly schema?: Schema
}

/**
 * A sink that writes one Parquet file, and replaces a file of that name only once the new one is complete and on the disk.
 *
 * It writes to `<path>.tmp-<random>` and renames at the end, so that a reader sees the old file or the new one; a failure
 * or an abort removes it. Later batches may lack columns, but not add any to rows already written.
 *
 * Shape:  AsyncIterable<RecordBatch> → {@link ParquetReport}
 * Order:  rows keep theirs.
 * Memory: the batches of one row group, and the encoder's.
 * Pulls:  as fast as the disk takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and no `schema` says what the file would hold;
 *   `E_SCHEMA_CHANGED` for a new column after the first row group; and those of {@link writeParquetFile}.
 * @example
 * await pipe(pages, toArrow(), writeParquet('events.parquet')) // => { path: 'events.parquet', rows: 1000, bytes: 20480 }
 */
export function writeParquet(path: string, options: WriteParquetOptions = {}): Sink<RecordBatch, ParquetReport> {
  return async (source) => {
    const temporary = `${path}.tmp-${randomUUID()}`
    const iterator = source[Symbol.asyncIterator]()
    let settled = false
    try {
      const first = options.schema ? [] : await firstRowGroup(iterator, options.rowGroupRows ?? defaultRowGroupRows)
      const schema = options.schema ?? schemaOf(first)
      const report = await writeParquetFile(temporary, schema, rest(first, iterator, schema), options)
      await onDisk(path, () => rename(temporary, path))
      settled = true
      await syncFolder(path)
      return { ...report, path }
    } catch (thrown) {
      if (!settled) await unlink(temporary).catch(() => {})
      await iterator.return?.()
      throw thrown
    }
  }
}

/** Enough batches for one row group: until they are encoded, their columns may still change. */
async function firstRowGroup(iterator: AsyncIterator<RecordBatch>, rowGroupRows: number): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = []
  for (let rows = 0; rows < rowGroupRows; ) {
    const next = await iterator.next()
    if (next.done) break
    batches.push(next.value)
    rows += next.value.numRows
  }
  if (batches.length > 0) return batches
  throw new MillraceError(
    'E_NO_ROWS',
    'there are no rows, so nobody knows the columns of the file: pass a `schema` to write an empty file',
  )
}

/** All columns of all batches, in order of first appearance. */
function schemaOf(batches: readonly RecordBatch[]): Schema {
  const fields = new Map<string, Field>()
  for (const batch of batches) {
    for (const field of batch.schema.fields) if (!fields.has(field.name)) fields.set(field.name, field)
  }
  return new Schema([...fields.values()])
}

async function* rest(
  first: readonly RecordBatch[],
  iterator: AsyncIterator<RecordBatch>,
  schema: Schema,
): AsyncGenerator<RecordBatch> {
  yield* first
  const names = new Set(schema.names)
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    for (const { name } of next.value.schema.fields) if (!names.has(name)) throw schemaChanged(String(name))
    yield next.value
  }
}

function schemaChanged(column: string): MillraceError {
  return new MillraceError(
    'E_SCHEMA_CHANGED',
    `column "${column}" first appeared after the first row group was written, and one Parquet file has one schema: pass a \`schema\` with all columns, a larger \`rowGroupRows\`, or write to a lake, whose tables can grow`,
    { context: { column } },
  )
}
