import type { Answer } from '../paginator.ts'
import { type Field, wholeNumber } from './collect-fields.ts'
import type { Detected } from './detected.ts'
import { findHasMore } from './find-has-more.ts'
import { isNextWord, saysNext } from './next-word.ts'

/** Parameters that go by the name of the field, less its `next`: `nextPageToken` is sent as `pageToken`. */
const sentWithoutNext = /^(cursor|pagetoken|pagecursor|marker|page|pagenumber|offset|start|skip)$/

/** Cursors that do not begin with `next`, and the parameter each is sent as; `''` is its own name. */
const otherCursors: ReadonlyMap<string, string> = new Map([
  ['endcursor', 'after'],
  ['cursor', ''],
  ['continuationtoken', ''],
  ['continuation', ''],
  ['paginationtoken', ''],
  ['pagetoken', ''],
  ['scrollid', 'scroll_id'],
  ['bookmark', ''],
])

/** Headers with a cursor, and the parameter each is sent as. */
const headerCursors = [
  ['x-next-cursor', 'cursor'],
  ['x-next-page', 'page'],
  ['x-next-page-token', 'page_token'],
  ['x-continuation-token', 'continuation_token'],
] as const

/** `next_cursor`, `nextPageToken`, `next_page: 2`, `pageInfo.endCursor` and the like. The parameter's name is a guess. */
export function detectCursor(fields: readonly Field[]): Detected | undefined {
  const cursors = fields.filter((field) => isCursor(field) && parameterOf(field, fields) !== undefined)
  const cursor = cursors.find(isNextWord) ?? cursors[0]
  if (!cursor) return undefined
  const cursorParam = parameterOf(cursor, fields) ?? 'cursor'
  const hasMore = findHasMore(fields, cursor.parent)
  return {
    settings: {
      type: 'cursor',
      cursorPath: cursor.path,
      cursorParam,
      ...(hasMore && { hasMorePath: hasMore.path }),
      // One that counts up never comes to its end by itself.
      ...(wholeNumber(cursor.value) !== undefined && { stopAfterEmptyPage: true }),
    },
    reason: `"${cursor.path}" is a cursor, sent back as "${cursorParam}"`,
  }
}

/** A cursor in a header that goes by a usual name. */
export function detectHeaderCursor({ headers }: Answer): Detected | undefined {
  const found = headerCursors.find(([cursorKey]) => (headers?.get(cursorKey)?.trim() ?? '') !== '')
  if (!found) return undefined
  const [cursorKey, cursorParam] = found
  return {
    settings: { type: 'header_cursor', cursorKey, cursorParam },
    reason: `the header "${cursorKey}" has a cursor, sent back as "${cursorParam}"`,
  }
}

/** In a first answer, 0 leads nowhere. */
function isCursor({ value }: Field): boolean {
  if (typeof value === 'string') return value.trim() !== ''
  return typeof value === 'bigint' || (typeof value === 'number' && value !== 0)
}

/** Undefined where the field leads to no next page. */
function parameterOf(field: Field, fields: readonly Field[]): string | undefined {
  const { name, word, parentWord, isBesideRows, value } = field
  if (isNextWord(field) && !word.includes('next')) return name
  if (saysNext(field)) {
    if (word.endsWith('nexttoken')) return name
    const rest = name.replace(/^.*?next[_-]?/i, '')
    const isPart = sentWithoutNext.test(rest.toLowerCase().replace(/[_-]/g, ''))
    if (isPart) return rest.charAt(0).toLowerCase() + rest.slice(1)
    return sentBeside(field, fields) ?? 'cursor'
  }
  if (!isBesideRows) return word === 'endcursor' ? 'after' : undefined
  if (word === 'after' && /^(cursors?|pag(e|ing|ination))$/.test(parentWord)) return name
  // A number there says where this page starts.
  if (word === 'offset') return wholeNumber(value) === undefined ? name : undefined
  const parameter = otherCursors.get(word)
  return parameter === '' ? name : parameter
}

/** `{ page: 1, next: 2 }`: the next page goes by the name that this one has. */
function sentBeside({ word, value, parent }: Field, fields: readonly Field[]): string | undefined {
  const next = wholeNumber(value)
  if (word !== 'next' || next === undefined) return undefined
  const isBefore = (field: Field): boolean => (wholeNumber(field.value) ?? next) < next
  return fields.find(
    (field) => field.parent === parent && /^(page|pagenumber|offset|start|skip)$/.test(field.word) && isBefore(field),
  )?.name
}
