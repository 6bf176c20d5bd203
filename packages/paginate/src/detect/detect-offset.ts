import type { Answer } from '../paginator.ts'
import { receivedBy } from '../read-answer.ts'
import { type Field, wholeNumber } from './collect-fields.ts'
import type { Detected } from './detected.ts'
import { findHasMore } from './find-has-more.ts'
import { findTotal } from './find-total.ts'
import { queryNameOf } from './query-name-of.ts'

const offsetWord = /^(offset|start|skip|startat|startindex|from)$/
const limitWord = /^(limit|count|perpage|pagesize|size|maxresults|itemsperpage|rows|top|take)$/

/** Where this page starts, with its size and the number of rows in all, or a flag that says whether more follow. */
export function detectOffset(answer: Answer, fields: readonly Field[]): Detected | undefined {
  const received = receivedBy(answer)
  const near = fields.filter(({ isBesideRows, value }) => isBesideRows && wholeNumber(value) !== undefined)
  const start = near.find(({ word }) => offsetWord.test(word))
  if (!start || received === 0) return undefined
  const total = findTotal(fields)
  const size = near.find(({ word, path }) => limitWord.test(word) && path !== total?.path)
  const hasMore = findHasMore(fields, start.parent)
  const isTold = size !== undefined || hasMore !== undefined || (wholeNumber(total?.value) ?? 0) > received
  const first = wholeNumber(start.value) ?? 0
  const inUrl = queryNameOf(answer, offsetWord)
  // A large number that nobody asked for, as a time is, starts something else.
  if (!isTold || (first > 1 && (first !== inUrl?.value || /^(start|from)$/.test(start.word)))) return undefined
  const offsetParam = inUrl?.name ?? start.name
  const limit = Math.max(wholeNumber(size?.value) ?? received, received)
  const sentAs = queryNameOf(answer, limitWord)?.name
  return {
    settings: {
      type: 'offset',
      limit,
      ...(first > 0 && { offset: first }),
      offsetParam,
      limitParam: sentAs ?? size?.name ?? 'limit',
      totalPath: total && isOfAll(total, { first, limit, received }) ? total.path : null,
      ...(hasMore && { hasMorePath: hasMore.path }),
    },
    reason: `"${start.path}" is ${String(start.value)}${total ? ` and "${total.path}" is ${String(total.value)}` : ''}`,
    echo: { path: start.path, param: offsetParam },
  }
}

interface FirstPage {
  readonly first: number
  readonly limit: number
  readonly received: number
}

/**
 * Whether a total may be trusted with the end. Not where rows are counted from 1, nor where it equals a full page and may
 * be the number of rows of that page: then the pages end with an empty one.
 */
function isOfAll(total: Field, { first, limit, received }: FirstPage): boolean {
  const all = wholeNumber(total.value) ?? 0
  return first === 0 && (all > received || (all === received && received < limit))
}
