import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'
import { type Answer, auto, fromSettings, type PageRequest, type Paginator } from '@millrace/paginate'
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
  if ('next' in config)
    return { paginator: checked(config), maxPages: undefined, isDetected: false, followsAnswers: true }
  const { type, maxPages } = config
  const isDetected = type === 'auto'
  return { paginator: paginatorOf(config), maxPages, isDetected, followsAnswers: following.includes(type) }
}

/** @throws {RangeError | SyntaxError} where its settings make no sense. */
export function paginatorOf(config: PaginatorSettings): Paginator {
  return config.type === 'auto' ? auto() : fromSettings(config)
}

/** A paginator of the user's: what it throws, or gives by mistake, says where it came from. */
function checked(paginator: Paginator): Paginator {
  const { name = 'of your own' } = paginator as Partial<Paginator>

  function fail(answer: Answer, problem: string, cause?: unknown): MillraceError {
    const { url } = answer.meta ?? {}
    const message = `paginator "${name}": its function next ${problem} (answer of ${url})`
    return new MillraceError('E_PAGINATOR', message, { context: { paginator: name, url }, cause })
  }

  function next(answer: Answer, request: PageRequest): PageRequest | undefined {
    let following: unknown
    try {
      following = paginator.next(answer, request) ?? undefined
    } catch (thrown) {
      throw isMillraceError(thrown) ? thrown : fail(answer, `failed: ${errorMessage(thrown)}`, thrown)
    }
    if (following === undefined || (typeof following === 'object' && !Array.isArray(following))) {
      return following as PageRequest | undefined
    }
    throw fail(answer, `gave ${typeof following}, expected a request such as { query: { page: 2 } }, or undefined`)
  }

  const total = paginator.total?.bind(paginator)
  const repeated = paginator.repeated?.bind(paginator)
  return Object.freeze({
    name,
    first: () => paginator.first(),
    next,
    ...(total && { total }),
    ...(repeated && { repeated }),
  })
}
