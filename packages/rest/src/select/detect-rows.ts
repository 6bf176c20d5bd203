import { MillraceError } from '@millrace/core'

/** What APIs call the list of rows, at the top of the body. The same names as dlt's. */
export const rowKeys: readonly string[] = Object.freeze([
  'data',
  'items',
  'results',
  'entries',
  'records',
  'rows',
  'entities',
  'payload',
  'content',
  'objects',
  'values',
])

/**
 * Where the rows of a body are, for endpoints without a selector: the body itself where it is a list, the one list under
 * a usual name, else the body as a single row.
 *
 * Narrow on purpose: no search in depth, no list of plain values, no guess between two lists.
 *
 * @throws {MillraceError} `E_SELECTOR` where two lists have a usual name.
 */
export function detectRows(body: unknown, url: string): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return '$'
  const entries: Readonly<Record<string, unknown>> = body as Record<string, unknown>
  const found = rowKeys.filter((key) => Object.hasOwn(entries, key) && isListOfObjects(entries[key]))
  if (found.length > 1) {
    throw new MillraceError(
      'E_SELECTOR',
      `the answer of ${url} has more than one list that may hold the rows: ${found.join(', ')}; set data_selector to one of them`,
      { context: { url } },
    )
  }
  return found[0] ?? '$'
}

function isListOfObjects(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  const [first] = value
  return value.length === 0 || (typeof first === 'object' && first !== null && !Array.isArray(first))
}
