import type { TableDiscards } from './count-discards.ts'
import type { Mode } from './source.ts'

/** What one table came to in one run: that of a stream, or one of its nested rows. */
export interface TableOutcome {
  readonly table: string
  /** Where a person finds the table: a folder, a qualified name. */
  readonly location: string
  /** Version of the table that holds this run's rows; −1 for a stream that never had a column, and so has no table. */
  readonly version: number
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** Rows in the table after the run. */
  readonly tableRows: number
  readonly filesAdded: number
  readonly filesRemoved: number
  readonly bytesAdded: number
}

/** What one stream came to in one run. */
export interface StreamReport extends TableOutcome {
  readonly stream: string
  /** False where the run stopped early: the next run goes on from there. */
  readonly complete: boolean
  /** Why it stopped early, where nobody asked for that by `maxPages`. */
  readonly incomplete?: string
  /** Pages and rows read from the source, those of a dead run that this one took over included. */
  readonly pages: number
  readonly read: number
  /** How many of {@link pages} a dead run had read already. */
  readonly resumedPages: number
  /** Tables of nested rows, where there are any (`nested: 'tables'`). */
  readonly nested?: readonly TableOutcome[]
  /** What the schema contract dropped in this run, where it dropped anything. What a dead run dropped is not known. */
  readonly discarded?: readonly TableDiscards[]
}

/** What a run came to. All of it is plain JSON and may be printed. */
export interface RunReport {
  readonly pipeline: string
  readonly run: string
  readonly mode: Mode
  readonly destination: string
  readonly streams: readonly StreamReport[]
  /** HTTP requests sent, every attempt counted, and how many of them were retries. */
  readonly requests: number
  readonly retries: number
  /** Decompressed bytes of all answers. */
  readonly bytes: number
  readonly seconds: number
  /** Things a person should know that did not stop the run. */
  readonly warnings: readonly string[]
}
