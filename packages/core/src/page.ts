import type { JsonObject } from './json.ts'

/** One JSON object of an API, before it has a type of its own. */
export type Row = Readonly<Record<string, unknown>>

/**
 * The place a later run goes on from: a small JSON value, opaque to everyone but the one who made it.
 *
 * It is stored next to the data, so it must hold no secret and survive `JSON.parse(JSON.stringify(…))`.
 */
export type Position = JsonObject

/** Where a page came from. All of it may be printed: the URL is redacted. */
export interface PageMeta {
  /** Redacted. */
  readonly url: string
  readonly status: number
  /** Milliseconds from the first attempt to the decoded body, waits included. */
  readonly ms: number
  /** Size of the decompressed body. */
  readonly bytes: number
  /** 1 for an answer at the first try. */
  readonly attempt: number
  /** Rows the API says there are in all, where it says so. */
  readonly total?: number
}

/** One answer of an API: its rows in order, and the place a later run would go on from after them. */
export interface Page<R = Row> {
  readonly rows: readonly R[]
  readonly position: Position
  readonly meta?: PageMeta
}
