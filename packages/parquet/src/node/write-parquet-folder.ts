import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { growSchema } from '@millrace/arrow'
import { isMillraceError, MillraceError, rewordError, type Sink, wholeNumber } from '@millrace/core'
import { onDisk, syncFolder, writeBytes } from '@millrace/core/node'
import type { RecordBatch, Schema } from 'apache-arrow'
import { defaultRowGroupRows, type ParquetEncoder } from '../parquet-encoder.ts'
import { RowSource } from '../row-source.ts'
import { withEncoder } from './with-encoder.ts'
import type { ParquetReport, WriteFileOptions } from './write-parquet-file.ts'

/** Bytes after which a file ends: few files for much data, and still enough for several readers at once. */
export const defaultFileBytes = 268_435_456

export interface WriteFolderOptions extends WriteFileOptions {
  /** Most rows in a file; every file that is not ended for another reason has exactly so many. Default: no limit. */
  readonly fileRows?: number
  /**
   * A file ends after the row group with which it has so many bytes, and the batches that were on their way by then: for
   * small files make row groups small, too. Default {@link defaultFileBytes}.
   */
  readonly fileBytes?: number
  /** The columns to start with. Default: those of the batches that make up the first row group. */
  readonly schema?: Schema
  /** Told of each file when it is whole and on the disk: also of those before a failure. */
  readonly onFile?: (file: ParquetReport) => void
}

export interface FolderReport {
  readonly files: readonly ParquetReport[]
  readonly rows: number
  readonly bytes: number
}

/**
 * A sink that writes a folder of Parquet files, `part-00000.parquet` and on, and begins the next one by rows, by bytes, and
 * where a batch brings a new column: each file has one schema, which later files may add columns to.
 *
 * Files appear one by one, each whole and on the disk. Where it fails, the file it was at is removed and those before it
 * stay: they are what `onFile` was told of, and the error says how many. Since nobody can tell them from the whole, a
 * folder that has such files already is refused.
 *
 * Shape:  AsyncIterable<RecordBatch> → {@link FolderReport}
 * Order:  rows keep theirs, over the files in the order of their names.
 * Memory: the batches of one row group, and the encoder's.
 * Pulls:  as fast as the disk takes the bytes. On failure calls `return()` on the source.
 *
 * @throws {MillraceError} `E_FILE_EXISTS` for a folder with files of an earlier run; `E_NO_ROWS` where the source is empty
 *   and no `schema` says what a file would hold; `E_SCHEMA_CONFLICT` for a column that changes its type; `E_WRITE_FILE`
 *   where the disk fails; and those of {@link ParquetEncoder.encode}.
 * @example
 * await pipe(pages, toArrow(), writeParquetFolder('events', { fileRows: 1_000_000 })) // => { files: […], rows, bytes }
 */
export function writeParquetFolder(folder: string, options: WriteFolderOptions = {}): Sink<RecordBatch, FolderReport> {
  const { fileRows, fileBytes = defaultFileBytes } = options
  if (fileRows !== undefined) wholeNumber('fileRows', fileRows, 1)
  wholeNumber('fileBytes', fileBytes, 1)
  return async (source) => {
    const batches = new RowSource(source)
    const files: ParquetReport[] = []
    try {
      await makeFolder(folder)
      await withEncoder(options.encoder, async (encoder) => {
        for await (const file of writeFiles(folder, batches, encoder, options)) {
          files.push(file)
          options.onFile?.(file)
        }
      })
    } catch (thrown) {
      await batches.close().catch(() => {})
      if (isMillraceError(thrown) && files.length > 0) sayWhatIsFinished(thrown, folder, files)
      throw thrown
    }
    return { files, rows: sum(files, 'rows'), bytes: sum(files, 'bytes') }
  }
}

async function* writeFiles(
  folder: string,
  batches: RowSource,
  encoder: ParquetEncoder,
  options: WriteFolderOptions,
): AsyncGenerator<ParquetReport, undefined> {
  let { schema } = options
  for (let number = 0; ; number++) {
    const first = await firstRowGroup(batches, schema, options)
    schema = first.schema
    if (first.batches.length === 0 && number > 0) return
    if (!schema) throw noRows()
    const path = join(folder, `part-${String(number).padStart(5, '0')}.parquet`)
    yield writeOne(path, schema, { first: first.batches, batches }, encoder, options)
  }
}

/** Enough batches for one row group of the next file, and all columns so far: until they are encoded these may change. */
async function firstRowGroup(
  source: RowSource,
  known: Schema | undefined,
  { rowGroupRows = defaultRowGroupRows, fileRows = rowGroupRows }: WriteFolderOptions,
): Promise<{ readonly batches: readonly RecordBatch[]; readonly schema: Schema | undefined }> {
  const batches: RecordBatch[] = []
  let schema = known
  for (let rows = 0; rows < Math.min(rowGroupRows, fileRows); ) {
    const batch = await source.take(fileRows - rows)
    if (!batch) break
    schema = growSchema(schema, batch.schema)
    if (batch.numRows > 0) batches.push(batch)
    rows += batch.numRows
  }
  return { batches, schema }
}

interface FileSource {
  /** Taken already. */
  readonly first: readonly RecordBatch[]
  readonly batches: RowSource
}

async function writeOne(
  path: string,
  schema: Schema,
  { first, batches }: FileSource,
  encoder: ParquetEncoder,
  options: WriteFolderOptions,
): Promise<ParquetReport> {
  const { fileRows = Number.POSITIVE_INFINITY, fileBytes = defaultFileBytes } = options
  let rows = 0
  let bytes = 0

  async function* ofThisFile(): AsyncGenerator<RecordBatch, undefined> {
    for (const batch of first) {
      rows += batch.numRows
      yield batch
    }
    while (rows < fileRows && bytes < fileBytes) {
      const batch = await batches.take(fileRows - rows)
      if (!batch) return
      if (growSchema(schema, batch.schema) !== schema) {
        batches.putBack(batch)
        return
      }
      rows += batch.numRows
      yield batch
    }
  }

  async function* pieces(): AsyncGenerator<Uint8Array, undefined> {
    for await (const piece of encoder.encode(schema, ofThisFile(), options)) {
      bytes += piece.length
      yield piece
    }
  }

  await writeBytes(path)(pieces())
  return { path, rows, bytes }
}

async function makeFolder(folder: string): Promise<void> {
  const isNew = await onDisk(folder, () => mkdir(folder, { recursive: true }))
  if (isNew !== undefined) await syncFolder(folder)
  const [found] = (await onDisk(folder, () => readdir(folder))).filter((name) => /^part-\d+\.parquet$/.test(name))
  if (found === undefined) return
  throw new MillraceError(
    'E_FILE_EXISTS',
    `${folder} has files already, such as ${found}, and they would be taken for a part of the new ones: choose another folder, or remove them`,
    { context: { path: folder } },
  )
}

function noRows(): MillraceError {
  return new MillraceError(
    'E_NO_ROWS',
    'there are no rows, so nobody knows the columns of a file: pass a `schema` to write an empty one',
  )
}

function sayWhatIsFinished(error: MillraceError, folder: string, files: readonly ParquetReport[]): void {
  const rows = sum(files, 'rows')
  const message = `${error.message}; ${files.length} files with ${rows} rows are whole in ${folder}`
  rewordError(error, message, { ...error.context, finishedFiles: files.length, finishedRows: rows })
}

function sum(files: readonly ParquetReport[], what: 'rows' | 'bytes'): number {
  return files.reduce((total, file) => total + file[what], 0)
}
