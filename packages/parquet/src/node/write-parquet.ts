import { withOneSchema } from '@millrace/arrow'
import type { Sink } from '@millrace/core'
import { type ByteTarget, writeBytes } from '@millrace/core/node'
import type { RecordBatch, Schema } from 'apache-arrow'
import { Counted } from '../counted.ts'
import { defaultRowGroupRows } from '../parquet-encoder.ts'
import { withEncoder } from './with-encoder.ts'
import type { ParquetReport, WriteFileOptions } from './write-parquet-file.ts'

export interface WriteParquetOptions extends WriteFileOptions {
  /** The columns of the file. Default: those of the batches that make up the first row group. */
  readonly schema?: Schema
}

/**
 * A sink that writes one Parquet file, and replaces a file of that name only once the new one is complete and on the disk;
 * or writes it to a stream, of Node or the web, which it ends.
 *
 * It writes to `<path>.tmp-<random>` and renames at the end, so that a reader sees the old file or the new one; a failure
 * or an abort removes it, or destroys the stream. Later batches may lack columns, but not add any to rows already written.
 *
 * Shape:  AsyncIterable<RecordBatch> → {@link ParquetReport}, without `path` where a stream is written to.
 * Order:  rows keep theirs.
 * Memory: the batches of one row group, and the encoder's.
 * Pulls:  as fast as the target takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and no `schema` says what the file would hold;
 *   `E_SCHEMA_CHANGED` for a new column after the first row group; `E_WRITE_FILE`, `E_WRITE_STREAM` where the target fails;
 *   and those of {@link ParquetEncoder.encode}.
 * @example
 * await pipe(pages, toArrow(), writeParquet('events.parquet')) // => { path: 'events.parquet', rows: 1000, bytes: 20480 }
 */
export function writeParquet(path: string, options?: WriteParquetOptions): Sink<RecordBatch, ParquetReport>
export function writeParquet(
  target: ByteTarget,
  options?: WriteParquetOptions,
): Sink<RecordBatch, Omit<ParquetReport, 'path'>>
export function writeParquet(
  target: ByteTarget,
  options: WriteParquetOptions = {},
): Sink<RecordBatch, Omit<ParquetReport, 'path'>> {
  const { schema, rowGroupRows = defaultRowGroupRows } = options
  return (source) =>
    withEncoder(options.encoder, async (encoder) => {
      let counted: Counted | undefined
      const pieces = withOneSchema(
        source,
        { schema, rows: rowGroupRows, rowsOption: 'rowGroupRows' },
        (settled, batches) => {
          counted = new Counted(batches)
          return encoder.encode(settled, counted, options)
        },
      )
      const bytes = await writeBytes(target)(pieces)
      const report = { rows: counted?.rows ?? 0, bytes }
      return typeof target === 'string' ? { path: target, ...report } : report
    })
}
