import { type OneSchemaOptions, withOneSchema } from '@millrace/arrow'
import type { Sink } from '@millrace/core'
import { type ByteTarget, writeBytes } from '@millrace/core/node'
import type { RecordBatch } from 'apache-arrow'
import { Counted } from '../counted.ts'
import { releasePieces } from './release-pieces.ts'
import { withEncoder } from './with-encoder.ts'
import type { ParquetReport, WriteFileOptions } from './write-parquet-file.ts'

export interface WriteParquetOptions extends WriteFileOptions, OneSchemaOptions {}

/**
 * A sink that writes one Parquet file, and replaces a file of that name only once the new one is complete and on the disk;
 * or writes it to a stream, of Node or the web, which it ends.
 *
 * It writes to `<path>.tmp-<random>` and renames at the end, so that a reader sees the old file or the new one; a failure
 * or an abort removes it, or destroys the stream. Later batches may lack columns, but not add any to rows already written.
 *
 * Shape:  AsyncIterable<RecordBatch> → {@link ParquetReport}, without `path` where a stream is written to.
 * Order:  rows keep theirs.
 * Memory: the batches of the first `schemaRows` rows, and the encoder's.
 * Pulls:  as fast as the target takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and no `schema` says what the file would hold;
 *   `E_SCHEMA_CHANGED` for a new column after the first `schemaRows` rows; `E_WRITE_FILE`, `E_WRITE_STREAM` where the target fails;
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
  return (source) =>
    withEncoder(options.encoder, async (encoder) => {
      let counted: Counted | undefined
      const pieces = withOneSchema(source, options, (schema, batches) => {
        counted = new Counted(batches)
        return encoder.encode(schema, counted, options)
      })
      // A stream may hold on to what it was given.
      const bytes = await writeBytes(target)(typeof target === 'string' ? releasePieces(pieces) : pieces)
      const report = { rows: counted?.rows ?? 0, bytes }
      return typeof target === 'string' ? { path: target, ...report } : report
    })
}
