import { MillraceError, type Row } from '@millrace/core'
import { isEmptyEnvelope } from './body-shape.ts'
import { detectRows } from './detect-rows.ts'
import { compileSelector, type Selector } from './selector.ts'

/** What was read out of one body. */
export interface BodyRows {
  readonly rows: readonly Row[]
  /** Where the rows were. Later pages of the same read have them there too. Undefined where that cannot be told yet. */
  readonly path: string | undefined
  /** What in the body told where the rows are. Missing where it was known before. */
  readonly reason?: string
  /** {@link Matches.received} */
  readonly received?: number
}

export interface RowsOfBodyOptions {
  /** The configured selector. Default: found by name. */
  readonly selector: Selector | undefined
  /** Where an earlier page of the same read had its rows, if it was found by name. */
  readonly foundAt: string | undefined
  readonly onMissing: 'fail' | 'empty'
  /** Redacted, for messages. */
  readonly url: string
}

/**
 * The rows of one decoded body.
 *
 * Every match of the selector counts alike, however many there are: a list gives its items, an object is one row, `null`
 * is nothing.
 *
 * @throws {MillraceError} `E_SELECTOR` where the selector leads nowhere, `E_ROW` where a row is no object.
 */
export function rowsOfBody(body: unknown, options: RowsOfBodyOptions): BodyRows {
  const { foundAt, onMissing, url } = options
  const isConfigured = options.selector !== undefined
  const detected = isConfigured || foundAt !== undefined ? undefined : detectRows(body, url)
  const where = foundAt ?? detected?.path
  if (!isConfigured && where === undefined) return { rows: [], path: undefined }
  const selector = options.selector ?? compileSelector(where ?? '$')
  if (!isConfigured && foundAt === '$') refuseListBesideRow(body, url)
  const matches = select(selector, body, url)
  const path = selector.path
  if (matches === undefined) {
    // Some APIs leave out a list without items.
    if (onMissing === 'empty' || (!isConfigured && isEmptyEnvelope(body))) return { rows: [], path }
    throw new MillraceError('E_SELECTOR', missMessage(path, body, url, !isConfigured), {
      context: { url, selector: path },
    })
  }
  const rows = matches.values.length === 1 ? rowsOf(matches.values[0]) : matches.values.flatMap(rowsOf)
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw notARow(row, index, path, url)
  }
  const { received } = matches
  return {
    rows: rows as Row[],
    path,
    ...(detected && { reason: detected.reason }),
    ...(received !== undefined && { received }),
  }
}

/** After pages that were one row each, an answer with a list of rows: whichever is meant, half of them were read wrong. */
function refuseListBesideRow(body: unknown, url: string): void {
  const path = detectRows(body, url)?.path
  if (path === '$' || path === undefined) return
  throw new MillraceError(
    'E_SELECTOR',
    `the answer of ${url} has rows under "${path}", and the pages before it had no such list; set data_selector`,
    { context: { url, selector: path } },
  )
}

function rowsOf(match: unknown): readonly unknown[] {
  if (match === null) return []
  return Array.isArray(match) ? match : [match]
}

function select(selector: Selector, body: unknown, url: string) {
  try {
    return selector.select(body)
  } catch (thrown) {
    throw new MillraceError('E_SELECTOR', `${(thrown as Error).message} (${url}); select without a filter`, {
      context: { url, selector: selector.path },
      cause: thrown,
    })
  }
}

function missMessage(path: string, body: unknown, url: string, wasDetected: boolean): string {
  const advice = wasDetected
    ? 'an earlier page had its rows there; set data_selector'
    : 'check data_selector, or set on_missing_selector: empty if an answer without it means no rows'
  return `the selector "${path}" matches nothing in the answer of ${url}, ${describeBody(body)}; ${advice}`
}

function describeBody(body: unknown): string {
  if (Array.isArray(body)) return `which is a list of ${body.length} items`
  if (typeof body !== 'object' || body === null) return `which is ${body === null ? 'null' : `a ${typeof body}`}`
  const keys = Object.keys(body)
  return keys.length === 0
    ? 'which is an object without keys'
    : `which has the keys ${keys.slice(0, 20).join(', ')}${keys.length > 20 ? `, and ${keys.length - 20} more` : ''}`
}

function notARow(row: unknown, index: number, path: string, url: string): MillraceError {
  const kind = row === null ? 'null' : Array.isArray(row) ? 'a list' : `a ${typeof row}`
  return new MillraceError(
    'E_ROW',
    `row ${index} (counted from 0) of the answer of ${url} at "${path}" is ${kind}, and a row must be an object; set data_selector to where the objects are`,
    { context: { url, row: index, selector: path } },
  )
}
