import { offset, type Paginator, singlePage } from '@millrace/paginate'
import type { PaginatorConfig } from './rest-config.ts'

export interface ConfiguredPaginator {
  readonly paginator: Paginator
  readonly maxPages: number | undefined
  /** Whether somebody chose it. A single page that nobody chose may hide the rest of the data. */
  readonly isChosen: boolean
}

/** The paginator of an endpoint. */
export function createPaginator(config: PaginatorConfig | undefined): ConfiguredPaginator {
  if (config === undefined) return { paginator: singlePage(), maxPages: undefined, isChosen: false }
  if (typeof config === 'string') return createPaginator({ type: config })
  const paginator = config.type === 'offset' ? offset(config) : singlePage()
  return { paginator, maxPages: config.maxPages, isChosen: true }
}
