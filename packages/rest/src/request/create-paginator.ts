import { auto, fromSettings, type Paginator } from '@millrace/paginate'
import type { PaginatorConfig, PaginatorSettings } from '../config/paginator-config.ts'

export interface ConfiguredPaginator {
  readonly paginator: Paginator
  readonly maxPages: number | undefined
  /** Whether it is found out from the first answer. One that says nothing may hide the rest of the data. */
  readonly isDetected: boolean
  /** Whether answers say what the next page is. A setting that looks for it in the wrong place ends after one page. */
  readonly followsAnswers: boolean
}

const following: readonly string[] = ['auto', 'cursor', 'header_cursor', 'header_link', 'json_link', 'json_response']

/** The paginator of an endpoint. Where none is configured, it is found out. */
export function createPaginator(config: PaginatorConfig = 'auto'): ConfiguredPaginator {
  if (typeof config === 'string') return createPaginator({ type: config })
  if ('next' in config) return { paginator: config, maxPages: undefined, isDetected: false, followsAnswers: true }
  const { type, maxPages } = config
  const isDetected = type === 'auto'
  return { paginator: paginatorOf(config), maxPages, isDetected, followsAnswers: following.includes(type) }
}

/** @throws {RangeError | SyntaxError} where its settings make no sense. */
export function paginatorOf(config: PaginatorSettings): Paginator {
  return config.type === 'auto' ? auto() : fromSettings(config)
}
