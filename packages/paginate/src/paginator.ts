import type { JsonObject, PageMeta, Row } from '@millrace/core'

/** Query parameters by name. */
export type QueryParameters = Readonly<Record<string, string | number | boolean>>

/** What a paginator changes about the endpoint's request. Plain JSON: it is the heart of a `Position`. */
export interface PageRequest {
  /** Takes the place of the endpoint's own URL. */
  readonly url?: string
  /** Added to the endpoint's own query parameters, and wins over them. */
  readonly query?: QueryParameters
  /** Values by dotted path, set in the endpoint's own body. */
  readonly body?: JsonObject
  /** What the paginator has to remember beyond the request. Not sent. */
  readonly memo?: JsonObject
}

/** What came back for one {@link PageRequest}. */
export interface Answer<R = Row> {
  readonly rows: readonly R[]
  /** The decoded body, for paginators that look for a total, a cursor or a link in it. */
  readonly body?: unknown
  readonly headers?: { get(name: string): string | null }
  /** The URL that answered, without credentials: what relative links are relative to. */
  readonly url?: string
  readonly meta?: PageMeta
  /** Items the API sent, where `rows` holds more or fewer of them (a filter was applied, a list was spread). */
  readonly received?: number
}

/**
 * A way to ask for pages one after the other: a small frozen object without state, so that one serves any number of
 * runs, and a page request alone says where a run goes on.
 */
export interface Paginator {
  readonly name: string
  /** The request of the first page. */
  first(): PageRequest
  /** The request after `request`, which was answered by `answer`; undefined where that was the last page. */
  next(answer: Answer, request: PageRequest): PageRequest | undefined
  /** Rows the API says there are in all, in the answer to `request`. For people who watch; nothing is decided by it. */
  total?(answer: Answer, request: PageRequest): number | undefined
  /**
   * How many of the first rows of the answer were in the page before, where the paginator asked for some of them again.
   * 0 says that none of these came, so that rows may be missing between the two pages.
   */
  repeated?(answer: Answer, request: PageRequest): number | undefined
}
