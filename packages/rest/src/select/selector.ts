import { errorMessage } from '@millrace/core'
import { compilePath } from '@millrace/paginate'
import { compile, type JSONPathQuery, type JSONValue } from 'json-p3'

/** What a selector found in a body. */
export interface Matches {
  readonly values: readonly unknown[]
  /** Items in the list that the selector filtered or spread, where there is one list and it did. */
  readonly received?: number
}

/** Picks values out of a decoded JSON body. */
export interface Selector {
  readonly path: string
  /** Undefined where the path leads nowhere; a filter that no item of an existing list passes gives no values. */
  select(body: unknown): Matches | undefined
}

/**
 * Compiles a path to one value (`data.items`, `['@odata.list']`, `data[-1]`: what `compilePath` takes) to property reads,
 * and anything else to a JSONPath query.
 *
 * @throws {SyntaxError} for a path that is neither.
 * @see RFC 9535 (JSONPath)
 */
export function compileSelector(path: string): Selector {
  if (path === '$') return { path, select: (body) => ({ values: [body] }) }
  const read = propertyReader(path)
  if (!read) return jsonPathSelector(path)
  function select(body: unknown): Matches | undefined {
    const value = read?.(body)
    return value === undefined ? undefined : { values: [value] }
  }
  return { path, select }
}

/**
 * Compiles a path to a function that reads one value of a row, the first where there are several; undefined where there
 * is none. For loops over rows: a path to one value allocates nothing.
 *
 * @throws {SyntaxError} as {@link compileSelector}.
 */
export function compileReader(path: string): (row: unknown) => unknown {
  const read = path === '$' ? undefined : propertyReader(path)
  if (read) return read
  const selector = compileSelector(path)
  return (row) => selector.select(row)?.values[0]
}

/** Undefined where the path is none to one value. */
function propertyReader(path: string): ((body: unknown) => unknown) | undefined {
  try {
    return compilePath(path)
  } catch {
    return undefined
  }
}

function jsonPathSelector(path: string): Selector {
  const query = compileQuery(path)
  const hasFilter = query.segments.some((segment) => segment.toString().includes('?'))
  const listQuery = singularPrefix(query)
  function select(body: unknown): Matches | undefined {
    // json-p3 compares neither `bigint` with `number` nor with itself: a filter would drop such rows in silence.
    if (hasFilter && holdsBigint(body)) {
      throw new RangeError(`the filter in "${path}" cannot compare integers beyond 2^53, and the body holds one`)
    }
    const values: unknown[] = query.query(body as JSONValue).values()
    if (query.singularQuery()) return values.length === 0 ? undefined : { values }
    const list: unknown = listQuery.query(body as JSONValue).values()[0]
    if (Array.isArray(list)) return { values, received: list.length }
    return values.length === 0 && list !== null ? undefined : { values }
  }
  return { path, select }
}

function compileQuery(path: string): JSONPathQuery {
  const standard = path.startsWith('$') ? path : path.startsWith('[') ? `$${path}` : `$.${path}`
  try {
    return compile(standard)
  } catch (thrown) {
    // dlt's JSONPath takes a dot before a bracket (`data.[*].id`).
    const withoutDots = standard.replaceAll('.[', '[')
    if (withoutDots !== standard) return compileQuery(withoutDots)
    throw new SyntaxError(
      `"${path}" is neither a dotted path nor RFC 9535 JSONPath: ${errorMessage(thrown)}; a name with dots or signs stands in brackets and quotes, such as ['@odata.nextLink']`,
    )
  }
}

/** The longest beginning of a query that matches at most one value: for `$.data[?@.a].b` it is `$.data`. */
function singularPrefix(query: JSONPathQuery): JSONPathQuery {
  let prefix = compile('$')
  for (let length = 1; length <= query.segments.length; length++) {
    const longer = compile(`$${query.segments.slice(0, length).join('')}`)
    if (!longer.singularQuery()) break
    prefix = longer
  }
  return prefix
}

function holdsBigint(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint'
  return Object.values(value).some(holdsBigint)
}
