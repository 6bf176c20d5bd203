import type { Emit, Page, Position } from '@millrace/core'
import type { MergeHints } from './merge-hints.ts'
import type { SchemaHints } from './schema-hints.ts'

/**
 * What a run does to what is already there.
 *
 * `full-refresh` forgets the cursor, reads all, and swaps the table in one commit. `incremental` starts from the stored
 * cursor, and the stream's disposition decides between append and merge.
 */
export type Mode = 'full-refresh' | 'incremental'

/** What a load does to existing rows. `merge` keeps one row per primary key; {@link MergeHints} say more. */
export type Disposition = 'append' | 'replace' | 'merge'

/** Where rows come from: one or more named streams. */
export interface Source {
  readonly name: string
  streams(): readonly Stream[]
}

/** One endpoint of a source (dlt: resource). */
export interface Stream {
  readonly name: string
  /** The table it is loaded into. Default: the stream's name. */
  readonly table?: string
  /** Keys of a row, as the rows name them. With `nested: 'tables'`: columns of the root table, `user__id`. */
  readonly primaryKey?: readonly string[]
  readonly disposition: Disposition
  /** How rows are merged, with disposition `merge` and no other. */
  readonly merge?: MergeHints
  /**
   * Columns by whose values a destination keeps rows apart, where it can, so that readers open only the files of those they
   * ask for: few values each, such as a day or a country. `[]`: none. Default: the table stays as it is; a new one has none.
   * With `nested: 'tables'`: of the root table.
   */
  readonly partitionBy?: readonly string[]
  readonly schema?: SchemaHints
  /**
   * A digest of all that decides which rows the stream reads. Rows staged by a run that died are taken over only where
   * it is the same, and {@link schema} is. Default: the empty string, which says "never changes".
   */
  readonly configuration?: string
  /** Streams of one group are read at the same time, because they share what they fetch: a parent and its children. */
  readonly group?: string
  /** What there is to know about how it is read, for people. Free of secrets. */
  readonly details?: Readonly<Record<string, string>>
  read(context: ReadContext): AsyncIterable<Page>
  /** Whether nothing is left to read after a position. Missing: only the end of the pages tells. */
  isFinished?(position: Position): boolean
  /**
   * Whether a read that starts with this committed position, and comes to its end, has all rows that there are: only then is
   * a row that it has not a row that is gone. Missing: only a read without a committed position has.
   */
  readsAll?(committed: Position | undefined): boolean
}

/** The streams of one group that one run reads at the same time. The same object for all of them, and for no other run. */
export interface ReadGroup {
  readonly names: readonly string[]
}

export interface ReadContext {
  /** Set when this run goes on in the middle of one that died: yield only what comes after this position. */
  readonly checkpoint?: Position
  /** The position stored by the last commit: where an incremental run starts. Missing on a first run or full refresh. */
  readonly committed?: Position
  readonly mode: Mode
  /** Missing where the stream is read by itself. */
  readonly group?: ReadGroup
  /** Ends everything at once, what is under way too. */
  readonly signal: AbortSignal
  /**
   * Ends what only waits (for a rate limit, for a retry, for something new to read): reject with its reason then. A page
   * that is under way is finished, and taken. Fires at the latest when `signal` does. Missing: nobody stops this read.
   */
  readonly stop?: AbortSignal
  readonly emit: Emit
}
