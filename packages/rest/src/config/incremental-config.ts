/** A value that tells new rows from old, as it may stand in a configuration. */
export type CursorScalar = string | number

export interface IncrementalConfig {
  /**
   * Where in a row the value is that tells new rows from old: a dotted path or JSONPath, relative to the row. With
   * `cursorFrom: 'body'`, relative to the body; with `server_clock`, a name for the watermark and no more.
   */
  readonly cursorPath: string
  /**
   * Where the value is looked for. `row`, the default: in each row.
   *
   * `body`: in the body of each answer, an envelope such as `meta.synced_until`. The furthest of the read counts, or the
   * latest where they are tokens, text that is no time. Where an API gives the time of each answer there, rows that change
   * while later pages are read can be missed: use `server_clock`.
   *
   * `server_clock`: nowhere. The `Date` of the first answer counts, less `lag`, written like `initialValue`.
   *
   * The last two filter no rows: what the API gives is loaded.
   */
  readonly cursorFrom?: 'row' | 'body' | 'server_clock'
  /** Where the first run starts. Without it, it reads everything. */
  readonly initialValue?: CursorScalar
  /** Where this run ends. Makes it a backfill: it starts at `initialValue` and neither reads nor moves the watermark. */
  readonly endValue?: CursorScalar
  /** Query parameter that carries the start value. A placeholder in `params` does the same. */
  readonly startParam?: string
  /** Query parameter that carries the end value, of the read or of the window. */
  readonly endParam?: string
  /**
   * What of the values seen the next run starts from. Default `max`. With `min` everything is turned round: old rows lie
   * above the start. A function gets two values that differ and gives the one that is further on. A watermark made
   * under another one, or under a function with another text, is forgotten with a warning.
   */
  readonly lastValueFunc?: 'max' | 'min' | ((one: CursorScalar | bigint, other: CursorScalar | bigint) => unknown)
  /** Columns that tell rows at the boundary apart. Default: the resource's primary key. `[]`: they are not told apart. */
  readonly primaryKey?: string | readonly string[]
  /**
   * The order the API gives rows in, as `lastValueFunc` counts: reading stops after the first page beyond the start
   * (`desc`) or the end (`asc`).
   */
  readonly rowOrder?: 'asc' | 'desc'
  /**
   * What a row without the value means: an error (`raise`, the default), or a row to keep or to leave out. With
   * `cursorFrom: 'body'`, an error where no answer of the read has the value, else none.
   */
  readonly onCursorValueMissing?: 'raise' | 'include' | 'exclude'
  /**
   * Read again so much before the watermark, for rows that arrive late: seconds for timestamps, days for dates, else units.
   * Never leads back beyond `initialValue`. `append` loads what is read again once, within the bound of `mostTies`.
   */
  readonly lag?: number
  /** Whether a row at the start value is new (`closed`, the default) or known (`open`). */
  readonly rangeStart?: 'open' | 'closed'
  /** Whether a row at the end value belongs to this run (`closed`) or to the next (`open`, the default). */
  readonly rangeEnd?: 'open' | 'closed'
  /** Makes of a value what the API wants to see in the request. Not asked about values that are missing, nor the lag. */
  readonly convert?: (value: CursorScalar | bigint) => CursorScalar
  /**
   * Reads in windows of this size, each with its own start and end value in the request: seconds for timestamps, days
   * for dates, else units. The windows end at `endValue`, else, for times, at the server's clock.
   *
   * A row on the border of two windows is taken from the later one. Where the API leaves out the start value itself, set
   * `rangeStart: 'open'`: then it is taken from the earlier one.
   */
  readonly step?: number
  /**
   * Keeps one watermark for each parent instead of one for all. For child resources, and for at most `mostParents`: beyond
   * them, parents are read from `initialValue` every time, with a warning.
   */
  readonly perParent?: boolean
}
