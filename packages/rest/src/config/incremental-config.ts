/** A value that tells new rows from old, as it may stand in a configuration. */
export type CursorScalar = string | number

export interface IncrementalConfig {
  /** Where in a row the value is that tells new from old: a dotted path or JSONPath, relative to the row. */
  readonly cursorPath: string
  /**
   * Where the value is looked for: in each row (`row`, the default), in the body of each answer (`body`: an envelope such
   * as `meta.synced_until`), or nowhere: `server_clock` takes the `Date` of the first answer, less `lag`. The last two
   * filter no rows.
   */
  readonly cursorFrom?: 'row' | 'body' | 'server_clock'
  /** Where the first run starts. Without it, it reads everything. */
  readonly initialValue?: CursorScalar
  /** Where this run ends. Makes it a backfill: it starts at `initialValue` and neither reads nor moves the watermark. */
  readonly endValue?: CursorScalar
  /** Query parameter that carries the start value. A placeholder in `params` does the same. */
  readonly startParam?: string
  /** Query parameter that carries the end value. */
  readonly endParam?: string
  /** What of the values seen the next run starts from. Default `max`. A function gets two values and gives one of them. */
  readonly lastValueFunc?: 'max' | 'min' | ((one: CursorScalar | bigint, other: CursorScalar | bigint) => unknown)
  /** Columns that tell rows at the boundary apart. Default: the resource's primary key. `[]`: they are not told apart. */
  readonly primaryKey?: string | readonly string[]
  /** The order the API gives rows in: reading stops after the first page beyond the start (`desc`) or the end (`asc`). */
  readonly rowOrder?: 'asc' | 'desc'
  /** What a row without the value means: an error (`raise`, the default), or a row to keep or to leave out. */
  readonly onCursorValueMissing?: 'raise' | 'include' | 'exclude'
  /** Read again so much before the watermark, for rows that arrive late: seconds for timestamps, days for dates, else units. */
  readonly lag?: number
  /** Whether a row at the start value is new (`closed`, the default) or known (`open`). */
  readonly rangeStart?: 'open' | 'closed'
  /** Whether a row at the end value belongs to this run (`closed`) or to the next (`open`, the default). */
  readonly rangeEnd?: 'open' | 'closed'
  /** Makes of a value what the API wants to see in the request. */
  readonly convert?: (value: CursorScalar | bigint) => CursorScalar
  /**
   * Reads in windows of this size, each with its own start and end value in the request: seconds for timestamps, days
   * for dates, else units. The windows end at `endValue`, else, for times, at the server's clock.
   */
  readonly step?: number
  /** Keeps one watermark for each parent instead of one for all. For child resources. */
  readonly perParent?: boolean
}
