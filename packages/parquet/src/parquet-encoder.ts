import type { RecordBatch, Schema } from 'apache-arrow'

/** Rows per row group. DuckDB's own number: small enough to hold in memory, large enough to read in parallel. */
export const defaultRowGroupRows = 122_880

/** Bytes of encoded data per row group, so that wide rows do not make large ones: 64 MiB take about 200 MB to encode. */
export const defaultRowGroupBytes = 67_108_864

/** Bytes per data page: what a reader decompresses at once. The number that Parquet's own writers have. */
export const defaultPageBytes = 1_048_576

/** Least and greatest value of every row group, which readers skip by. Those of every page take a fifth longer to write. */
export const defaultStatistics = 'rowGroup'

/** Only where the first values repeat: a dictionary of others costs twice the time, and a third more bytes than none. */
export const defaultDictionary = 'auto'

export interface EncodeOptions {
  /** Default: `zstd` where the encoder has it, the best it has otherwise. Asking for one it lacks is an error. */
  readonly compression?: 'zstd' | 'snappy' | 'gzip' | 'none'
  /** Most rows in a row group. Default: the encoder's own, {@link defaultRowGroupRows} for `parquetWasm()`. */
  readonly rowGroupRows?: number
  /** Bytes of encoded data after which a row group ends. Default {@link defaultRowGroupBytes}. */
  readonly rowGroupBytes?: number
  /** Bytes of encoded data after which a page ends, looked at every 1,024 rows. Default {@link defaultPageBytes}. */
  readonly pageBytes?: number
  /** Whether repeated values are stored once per row group, or that where they repeat. Default {@link defaultDictionary}. */
  readonly dictionary?: boolean | 'auto'
  /** Of what least and greatest values are stored: each page, each row group, nothing. Default {@link defaultStatistics}. */
  readonly statistics?: 'page' | 'rowGroup' | 'none'
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
   * @throws {MillraceError} `E_NO_COLUMNS`, `E_UNSUPPORTED_TYPE`, `E_UNSUPPORTED_COMPRESSION`,
   *   `E_UNSUPPORTED_OPTION`, `E_SCHEMA_MISMATCH`, `E_PARQUET` for anything the underlying library throws.
   */
  encode(
    schema: Schema,
    batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
    options?: EncodeOptions,
  ): AsyncIterable<Uint8Array>
}
