import type {
  CursorOptions,
  HeaderCursorOptions,
  HeaderLinkOptions,
  JsonLinkOptions,
  OffsetOptions,
  PageNumberOptions,
  Paginator,
} from '@millrace/paginate'

/** A paginator by name, with its settings, or one of your own (`Paginator` of `@millrace/paginate`). */
export type PaginatorConfig = PaginatorSettings['type'] | PaginatorSettings | Paginator

export type PaginatorSettings =
  | OffsetPaginatorConfig
  | PageNumberPaginatorConfig
  | CursorPaginatorConfig
  | HeaderCursorPaginatorConfig
  | HeaderLinkPaginatorConfig
  | JsonLinkPaginatorConfig
  | SinglePagePaginatorConfig
  | AutoPaginatorConfig

export interface AnyPaginatorConfig {
  /**
   * Pages per run; of a child, per row of its parent. Where there are more, the run of the resource ends there, and the next
   * one goes on after them. Default: no limit.
   */
  readonly maxPages?: number
}

/** `?offset=0&limit=100`, advancing by the rows received. */
export interface OffsetPaginatorConfig extends OffsetOptions, AnyPaginatorConfig {
  readonly type: 'offset'
}

/** `?page=0`, `?page=1`, and so on. */
export interface PageNumberPaginatorConfig extends PageNumberOptions, AnyPaginatorConfig {
  readonly type: 'page_number'
}

/** A cursor in the body of each answer, for a parameter or the body of the next request. */
export interface CursorPaginatorConfig extends CursorOptions, AnyPaginatorConfig {
  readonly type: 'cursor'
}

/** The same with the cursor in a header of each answer. */
export interface HeaderCursorPaginatorConfig extends HeaderCursorOptions, AnyPaginatorConfig {
  readonly type: 'header_cursor'
}

/** The `Link` header of each answer (RFC 8288). */
export interface HeaderLinkPaginatorConfig extends HeaderLinkOptions, AnyPaginatorConfig {
  readonly type: 'header_link'
}

/** A link in the body of each answer. */
export interface JsonLinkPaginatorConfig extends JsonLinkOptions, AnyPaginatorConfig {
  /** `json_response` is an older word for it. */
  readonly type: 'json_link' | 'json_response'
}

/** One request and no more. */
export interface SinglePagePaginatorConfig {
  readonly type: 'single_page'
  /** Pages per run; here 1 is all there is. */
  readonly maxPages?: number
}

/** Found out from the first answer, whatever the client's paginator is. What was found is an event. */
export interface AutoPaginatorConfig extends AnyPaginatorConfig {
  readonly type: 'auto'
}
