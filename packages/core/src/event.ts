import type { JsonObject } from './json.ts'

/**
 * What happens during a run, told as it happens. Events are for people and reports: nothing in the library acts on them.
 *
 * `stream` is missing where the sender does not know it (the HTTP client used alone).
 */
export type MillraceEvent =
  | { readonly type: 'request'; readonly method: string; readonly url: string; readonly attempt: number }
  | {
      readonly type: 'response'
      readonly url: string
      readonly status: number
      readonly ms: number
      readonly bytes: number
    }
  | {
      readonly type: 'retry'
      /** What failed, in one line. */
      readonly reason: string
      /** The attempt that failed, from 1. */
      readonly attempt: number
      readonly waitMs: number
    }
  | {
      readonly type: 'page'
      readonly stream: string
      readonly page: number
      readonly rows: number
      readonly total?: number
    }
  | {
      /** What nobody configured was found out from the first answer. It can stand in the configuration as it is. */
      readonly type: 'detected'
      readonly stream: string
      /** Settings of the paginator, `type` included. Missing where it was configured, or the answer says nothing. */
      readonly paginator?: JsonObject
      /** Missing where it was configured. */
      readonly dataSelector?: string
      /** What in the answer says so. */
      readonly reason: string
    }
  | { readonly type: 'resume'; readonly stream: string; readonly pages: number; readonly rows: number }
  | { readonly type: 'stage-discarded'; readonly stream: string; readonly reason: string }
  | { readonly type: 'column-added'; readonly stream: string; readonly column: string; readonly dataType: string }
  | {
      /** Rows or values of one page that the schema contract dropped. */
      readonly type: 'discarded'
      readonly stream: string
      readonly table: string
      readonly dropped: 'row' | 'value'
      /** There was no such table or column, the value did not fit its column, or a null stood where none may. */
      readonly reason: 'table' | 'column' | 'type' | 'null'
      readonly column?: string
      readonly count: number
      /** One of them, as JSON. */
      readonly sample?: string
    }
  | {
      readonly type: 'commit'
      readonly stream: string
      readonly table: string
      readonly version: number
      readonly rows: number
    }
  /** A stream ended before its end, where the rest may still be had: the next run goes on there. */
  | { readonly type: 'incomplete'; readonly stream: string; readonly reason: string }
  | { readonly type: 'warning'; readonly stream?: string; readonly message: string }

/** Takes one event. Must return quickly and not throw. */
export type Emit = (event: MillraceEvent) => void

/** The default: nobody listens. */
export const silent: Emit = () => {}
