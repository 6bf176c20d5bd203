import { MillraceError } from '@millrace/core'
import { bodyShape, countsAny, hasIdentity, isEmptyEnvelope } from './body-shape.ts'
import { collectLists, type FoundList, type Lists } from './collect-lists.ts'

/** Names that stand for rows wherever they are. Others, such as `items`, may also be a part of one row. */
const alwaysRows = /^(data|results|records|rows|hits)$/

/** Where the rows of a body are. */
export interface DetectedRows {
  readonly path: string
  /** What in the body says so, for people. */
  readonly reason: string
}

/**
 * Where the rows of a body are, for endpoints without a selector: the body itself where it is a list, a list of objects
 * in it, else the body as a single row. Undefined where there is nothing to see: `{}`, or counts of 0 alone.
 *
 * Lists nearer to the top come first, and on each level usual names (`rowKeys`) before others. A body with an id or two
 * values of its own and no sign of paging is one row, also where it holds a list under an unusual name.
 *
 * @throws {MillraceError} `E_SELECTOR` where two places are equally good, or nothing but errors came.
 */
export function detectRows(body: unknown, url: string): DetectedRows | undefined {
  if (Array.isArray(body)) return { path: '$', reason: 'the body is the list of rows' }
  if (typeof body !== 'object' || body === null) return oneRow
  const lists = collectLists(body)
  for (const level of lists.levels) {
    const found = rowsOfLevel(level, body, url)
    if (found) return found
  }
  refuseSideList(lists, body, url)
  return isEmptyEnvelope(body) && !countsAny(body) ? undefined : oneRow
}

const oneRow: DetectedRows = Object.freeze({ path: '$', reason: 'the body is one row' })

function rowsOfLevel(level: readonly FoundList[], body: object, url: string): DetectedRows | undefined {
  const usual = withoutTwins(level.filter(({ isUsual }) => isUsual))
  const others = level.filter(({ isUsual }) => !isUsual)
  const best = usual.length > 0 ? usual : withoutMessages(others)
  const [list] = best
  if (!list) return undefined
  // An empty list tells nothing where another one has items.
  const choices = list.isUsual && list.isEmpty ? [...best, ...withoutMessages(others)] : best
  const shape = bodyShape(list.holder)
  if (!list.isUsual && shape === 'entity') return list.parent === '$' ? oneRow : undefined
  if (choices.length > 1) throw unclear(pathsOf(choices), url)
  const isOfRow = list.isUsual
    ? shape === 'entity' && hasIdentity(list.holder) && !alwaysRows.test(list.word)
    : shape === 'unclear'
  // A wrapper inside of what looks like a row.
  const isInRow = list.parent !== '$' && bodyShape(body) === 'entity'
  if (isOfRow || isInRow) throw unclear([list.path, isInRow ? '$' : list.parent], url)
  return { path: list.path, reason: `"${list.path}" is ${list.isUsual ? 'a' : 'the only'} list of objects` }
}

const pathsOf = (lists: readonly FoundList[]): readonly string[] => lists.map(({ path }) => path)

/** Both are the same rows in GraphQL. */
function withoutTwins(lists: readonly FoundList[]): readonly FoundList[] {
  const isTwin = ({ word, parent }: FoundList): boolean =>
    word === 'edges' && lists.some((other) => other.word === 'nodes' && other.parent === parent)
  return lists.filter((list) => !isTwin(list))
}

/** Beside another list, messages are about it. */
function withoutMessages(lists: readonly FoundList[]): readonly FoundList[] {
  return lists.length > 1 ? lists.filter(({ word }) => word !== 'messages') : lists
}

function refuseSideList({ beside }: Lists, body: object, url: string): void {
  if (beside === undefined || bodyShape(body) !== 'envelope') return
  throw new MillraceError(
    'E_SELECTOR',
    `the answer of ${url} has no rows but a list "${beside}"; set data_selector to "${beside}" if these are the rows, or to "$" if the answer is one row`,
    { context: { url } },
  )
}

function unclear(paths: readonly string[], url: string): MillraceError {
  return new MillraceError(
    'E_SELECTOR',
    `the answer of ${url} has more than one place where the rows may be: ${paths.map((path) => (path === '$' ? '$ (the whole answer as one row)' : path)).join(', ')}; set data_selector to one of them`,
    { context: { url } },
  )
}
