import {
  cursor,
  headerCursor,
  headerLink,
  jsonLink,
  offset,
  type Paginator,
  pageNumber,
  singlePage,
} from '@millrace/paginate'
import type { PaginatorConfig, PaginatorSettings } from '../config/paginator-config.ts'

export interface ConfiguredPaginator {
  readonly paginator: Paginator
  readonly maxPages: number | undefined
  /** Whether somebody chose it. A single page that nobody chose may hide the rest of the data. */
  readonly isChosen: boolean
  /** Whether answers say what the next page is. A setting that looks for it in the wrong place ends after one page. */
  readonly followsAnswers: boolean
}

const following: readonly string[] = ['cursor', 'header_cursor', 'header_link', 'json_link', 'json_response']

/** The paginator of an endpoint. */
export function createPaginator(config: PaginatorConfig | undefined): ConfiguredPaginator {
  if (config === undefined)
    return { paginator: singlePage(), maxPages: undefined, isChosen: false, followsAnswers: false }
  if (typeof config === 'string') return createPaginator({ type: config })
  if ('next' in config) return { paginator: config, maxPages: undefined, isChosen: true, followsAnswers: true }
  const { type, maxPages } = config
  return { paginator: paginatorOf(config), maxPages, isChosen: true, followsAnswers: following.includes(type) }
}

/** @throws {RangeError | SyntaxError} where its settings make no sense. */
export function paginatorOf(config: PaginatorSettings): Paginator {
  switch (config.type) {
    case 'offset':
      return offset(config)
    case 'page_number':
      return pageNumber(config)
    case 'cursor':
      return cursor(config)
    case 'header_cursor':
      return headerCursor(config)
    case 'header_link':
      return headerLink(config)
    case 'json_link':
    case 'json_response':
      return jsonLink(config)
    case 'single_page':
      return singlePage()
    case 'auto':
      throw new RangeError('"auto" is not supported yet')
  }
}
