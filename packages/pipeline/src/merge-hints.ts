/** What a merge does about rows that are there already. */
export type MergeStrategy = 'upsert' | 'delete-insert' | 'insert-only' | 'scd2'

/** What becomes of rows that the source no longer has. */
export type DeletedRows = 'keep' | 'mark' | 'remove'

/** Which of several rows with one primary key stays. */
export interface DedupSort {
  readonly column: string
  /** `asc`: the smallest value. `desc`: the largest. A row without a value stands behind all others. */
  readonly order: 'asc' | 'desc'
}

/** How the rows of a stream with disposition `merge` come into its table. Columns are named as the rows name them. */
export interface MergeHints {
  /**
   * - `upsert`: a row takes the place of the one with its primary key. The default.
   * - `delete-insert`: all rows go whose {@link mergeKey} is among those that come, then those come. The default beside a
   *   `mergeKey`; without one it is `upsert`.
   * - `insert-only`: rows come whose primary key is not there yet.
   * - `scd2`: rows stay when they change, each with the time it was valid from and to.
   */
  readonly strategy?: MergeStrategy
  /** Columns that tell which part of the table a load is of, such as a day: with `delete-insert` and `scd2`. */
  readonly mergeKey?: readonly string[]
  /** Rows that have `true` in this column, or any value where it is none of `bool`, delete the row with their primary key. */
  readonly hardDelete?: string
  /** Default: the last row to arrive stays. */
  readonly dedupSort?: DedupSort
  /**
   * What becomes of rows that a whole read of the source no longer has. Default `keep`. `mark` puts the time into
   * {@link deletedAtColumn}, until the row comes back; `remove` removes them. Of a read that was not whole nothing is marked or
   * removed, and a warning says so.
   */
  readonly deletedRows?: DeletedRows
  /** Of `scd2`: the columns with the time a row was valid from and to. Default {@link defaultValidityColumnNames}. */
  readonly validityColumnNames?: readonly [from: string, to: string]
  /** Of `scd2`: what the second of them has while a row is valid, ISO 8601. Default: null. */
  readonly activeRecordTimestamp?: string
  /** Of `scd2`: the time at which one version ends and the next begins, ISO 8601. Default: that of the commit. */
  readonly boundaryTimestamp?: string
  /** Of `scd2`: a column that is another with every change of its row. Default: all columns are compared. */
  readonly rowVersionColumnName?: string
}

/** When `deletedRows: 'mark'` found that a row is gone; null in all others. */
export const deletedAtColumn = '_deleted_at'

/** dlt's names. */
export const defaultValidityColumnNames: readonly [from: string, to: string] = ['_dlt_valid_from', '_dlt_valid_to']
