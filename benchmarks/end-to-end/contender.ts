import type { Command } from '../support/measure.ts'
import type { Loaded } from '../support/query-answer.ts'

/** One way from the API to a result, in a process of its own. */
export interface Contender {
  readonly name: string
  /** How to start it, to load from this server into this folder. */
  command(url: string, limit: number, folder: string): Command
  /** Where the rows are that it loaded. Missing for one that keeps none. */
  loaded?(folder: string): Promise<Loaded>
  /** Loads into what this other contender has left behind in the same round. */
  readonly onto?: string
  /** The contender of dlt that does the same job. */
  readonly peer?: string
  /** Takes part where ten times as much is loaded, too. */
  readonly isLong?: true
}
