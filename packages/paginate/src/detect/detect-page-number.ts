import type { Answer } from '../paginator.ts'
import { receivedBy } from '../read-answer.ts'
import { type Field, wholeNumber } from './collect-fields.ts'
import type { Detected } from './detected.ts'
import { findHasMore } from './find-has-more.ts'
import { findTotal } from './find-total.ts'
import { queryNameOf } from './query-name-of.ts'

const pagesWord = /^(totalpages?|pages|pagestotal|pagecount|pagescount|numpages|numberofpages|lastpage|maxpages?)$/
const pageWord = /^(page|currentpage|pagenumber|pageno|pagenum|pageindex|thispage)$/
const sizeWord = /^(perpage|pagesize|limit|size|itemsperpage|resultsperpage|pagelimit)$/

/**
 * The number of this page, the number of pages, or both. The number of the first page says whether they count from 0 or
 * from 1.
 *
 * Where nobody says it, from 0 is the guess that loses nothing: an API that counts from 1 answers page 1 with the first
 * page again, which ends the run with an error.
 */
export function detectPageNumber(answer: Answer, fields: readonly Field[]): Detected | undefined {
  const near = fields.filter(({ isBesideRows, value }) => isBesideRows && wholeNumber(value) !== undefined)
  const pages = near.find(({ word }) => pagesWord.test(word))
  const page = findPage(near, pages?.parent)
  if (!pages && !(page && hasMoreToRead(answer, fields, page))) return undefined
  const inUrl = queryNameOf(answer, pageWord)
  const current = page ? wholeNumber(page.value) : inUrl?.value
  // Something else, unless this page was asked for.
  if (current !== undefined && current > 1 && current !== inUrl?.value) return undefined
  const pageParam = inUrl?.name ?? (page && !/^(number|currentpage|thispage)$/.test(page.word) ? page.name : 'page')
  const hasMore = pages ? undefined : findHasMore(fields, page?.parent ?? '')
  const place = page ? `"${page.path}" is ${String(page.value)}` : ''
  const count = pages ? `"${pages.path}" is ${String(pages.value)}` : ''
  return {
    settings: {
      type: 'page_number',
      basePage: current === undefined || current === 0 ? 0 : 1,
      ...(current !== undefined && current > 1 && { page: current }),
      pageParam,
      totalPath: pages?.path ?? null,
      ...(hasMore && { hasMorePath: hasMore.path }),
    },
    reason: `${[place, count].filter(Boolean).join(' and ')}, and pages are asked for by "${pageParam}"`,
    ...(page && { echo: { path: page.path, param: pageParam } }),
  }
}

/** The one beside the number of pages first. Spring calls it `number`. */
function findPage(near: readonly Field[], parent: string | undefined): Field | undefined {
  const isPage = ({ word }: Field): boolean => pageWord.test(word)
  const isBeside = (field: Field): boolean => field.parent === parent
  return (
    near.find((field) => isBeside(field) && isPage(field)) ??
    near.find((field) => isBeside(field) && field.word === 'number') ??
    near.find(isPage)
  )
}

/** A page number alone says nothing; beside a page size, a total or a flag it means that the API pages. */
function hasMoreToRead(answer: Answer, fields: readonly Field[], { parent }: Field): boolean {
  const received = receivedBy(answer)
  const hasMore = findHasMore(fields, parent)
  if (hasMore) return hasMore.value === true
  const size = fields.find(({ word, isBesideRows }) => isBesideRows && sizeWord.test(word))
  const total = wholeNumber(findTotal(fields)?.value)
  if (total === undefined) return size !== undefined
  // A total of fewer rows than came counts something else.
  const isAll = total === received && received < (wholeNumber(size?.value) ?? received + 1)
  return !isAll
}
