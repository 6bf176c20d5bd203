/** How staged rows come into a table. All columns are named as the table names them. */
export interface MergeRules {
  /**
   * What to do about rows that are there already. Default `upsert`.
   *
   * - `upsert`: a row takes the place of the one with its primary key.
   * - `delete-insert`: all live rows go whose `mergeKey` is among the staged ones, and those with a staged primary key.
   * - `insert-only`: rows come whose primary key no live row has.
   * - `scd2`: a live row that changes ends, and its new version begins. Without a primary key all columns together are one.
   */
  readonly strategy?: 'upsert' | 'delete-insert' | 'insert-only' | 'scd2'
  /** Columns that tell which part of the table a load is of. Default: none. */
  readonly mergeKey?: readonly string[]
  /** A staged row with `true` in this column, or any value where it is not bool, takes the live row away and is not added. */
  readonly hardDelete?: string
  /**
   * Which staged row of a key stays: that with the smallest (`asc`) or largest (`desc`) value; a null loses, and the last to
   * arrive wins a tie. With `upsert` a live row that wins so stays too. Default: the last to arrive.
   */
  readonly dedupSort?: { readonly column: string; readonly order: 'asc' | 'desc' }
  /** What becomes of live rows whose primary key is not staged, where `isWhole`. Default `keep`. */
  readonly deletedRows?: 'keep' | 'mark' | 'remove'
  /** For `scd2`. */
  readonly versions?: VersionRules
  /** Whether the staged rows are all there are, so that those not among them are gone. Default false. */
  readonly isWhole?: boolean
  /** The time of the merge, milliseconds since 1970. Needed to mark rows, and for versions without a boundary. */
  readonly at?: number
}

export interface VersionRules {
  readonly validFrom: string
  readonly validTo: string
  /** In `validTo` while a row is valid, ISO 8601. Default: null. */
  readonly active?: string
  /** When versions end and begin, ISO 8601. Default: `at`, or the start of the latest version that ends where that is later. */
  readonly boundary?: string
  /** The only column that tells versions apart. Default: all columns do. */
  readonly column?: string
}

/** The column that `deletedRows: 'mark'` keeps. */
export const deletedAtColumn = '_deleted_at'
