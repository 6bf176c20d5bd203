import type { RecordBatch, Schema } from 'apache-arrow'

/** Rows per row group. DuckDB's own number: small enough to hold in memory, large enough to read in parallel. */
export const defaultRowGroupRows = 122_880

export interface EncodeOptions {
  /** Default: `zstd` where the encoder has it, the best it has otherwise. Asking for one it lacks is an error. */
  readonly compression?: 'zstd' | 'snappy' | 'gzip' | 'none'
  /** Most rows in a row group. Default: the encoder's own, {@link defaultRowGroupRows} for `parquetWasm()`. */
  readonly rowGroupRows?: number
  /** Key-value metadata of the file. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Turns record batches into the bytes of one Parquet file. */
export interface ParquetEncoder {
  readonly name: string
  /**
   * The file, in pieces, in order. A file of no rows where there are no batches.
   *
   * Shape:  AsyncIterable<RecordBatch> → AsyncIterable<Uint8Array>, columns as in `schema`; a batch may lack some of them.
   * Order:  rows and columns keep theirs.
   * Memory: one row group, and a few batches; see the encoder.
   * Pulls:  lazy. On early exit calls `return()` on the source.
   *
   * @throws {MillraceError} `E_NO_COLUMNS`, `E_UNSUPPORTED_TYPE`, `E_UNSUPPORTED_COMPRESSION`, `E_SCHEMA_MISMATCH`,
   *   `E_PARQUET` for anything the underlying library throws.
   */
  encode(
    schema: Schema,
    batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
    options?: EncodeOptions,
  ): AsyncIterable<Uint8Array>
}
