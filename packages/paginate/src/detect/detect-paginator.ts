import type { Answer } from '../paginator.ts'
import { receivedBy } from '../read-answer.ts'
import { collectFields, type Field, wholeNumber } from './collect-fields.ts'
import { detectCursor, detectHeaderCursor } from './detect-cursor.ts'
import { detectHeaderLink, detectJsonLink } from './detect-link.ts'
import { detectOffset } from './detect-offset.ts'
import { detectPageNumber } from './detect-page-number.ts'
import type { Detected } from './detected.ts'
import { findTotal } from './find-total.ts'

/**
 * How an API pages, from its first answer; undefined where nothing in it says that it does.
 *
 * What leaves least to guess comes first: a link says all, a cursor all but the name of its parameter, a number also where
 * counting starts. Rows are never looked into: the `next_id` of a row is data.
 *
 * @example
 * detectPaginator({ rows, body: { data: rows, next: '/items?page=2' } })?.settings // => { type: 'json_link', nextUrlPath: 'next' }
 */
export function detectPaginator(answer: Answer): Detected | undefined {
  const fields = collectFields(answer)
  const found =
    detectHeaderLink(answer) ??
    detectJsonLink(fields) ??
    detectCursor(fields) ??
    detectHeaderCursor(answer) ??
    preferKnownBase(detectPageNumber(answer, fields), () => detectOffset(answer, fields))
  const rowsPath = found && rowsTotalOf(answer, fields)
  return found && rowsPath !== undefined ? { ...found, rowsPath } : found
}

/** A number of pages without the number of this one comes last. */
function preferKnownBase(byPage: Detected | undefined, byOffset: () => Detected | undefined): Detected | undefined {
  return byPage?.echo ? byPage : (byOffset() ?? byPage)
}

/** A total of no more rows than came says nothing: it may be the number of rows of the page. */
function rowsTotalOf(answer: Answer, fields: readonly Field[]): string | undefined {
  const total = findTotal(fields)
  return total && (wholeNumber(total.value) ?? 0) > receivedBy(answer) ? total.path : undefined
}
