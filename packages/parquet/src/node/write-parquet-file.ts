import { createFile } from '@millrace/core/node'
import type { RecordBatch, Schema } from 'apache-arrow'
import { Counted } from '../counted.ts'
import type { EncodeOptions, ParquetEncoder } from '../parquet-encoder.ts'
import { withEncoder } from './with-encoder.ts'

export interface WriteFileOptions extends EncodeOptions {
  /**
   * Default: `createWorkerEncoder()` for this one call, so that the thread that makes the batches goes on meanwhile. With
   * many small files, pass one for all of them: to start a thread takes about a tenth of a second.
   */
  readonly encoder?: ParquetEncoder
}

export interface ParquetReport {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/**
 * Writes a new Parquet file. When it resolves, file and folder entry are on the disk.
 *
 * Where it fails, the file it began is removed.
 *
 * Shape:  AsyncIterable<RecordBatch> → one file, columns as in `schema`.
 * Order:  rows keep theirs.
 * Memory: that of the encoder; independent of the total.
 * Pulls:  as fast as the disk takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_FILE_EXISTS` where there is a file of that name; `E_WRITE_FILE` where the disk fails; and
 *   those of {@link ParquetEncoder.encode}.
 */
export async function writeParquetFile(
  path: string,
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  options: WriteFileOptions = {},
): Promise<ParquetReport> {
  const counted = new Counted(batches)
  return withEncoder(options.encoder, async (encoder) => {
    const bytes = await createFile(path)(encoder.encode(schema, counted, options))
    return { path, rows: counted.rows, bytes }
  })
}
