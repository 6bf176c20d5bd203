import { errorMessage, isMillraceError, MillraceError, type Page, type Row } from '@millrace/core'
import type { ReadContext } from '@millrace/pipeline'
import type { MergedRows } from '../config/merge-defaults.ts'
import { createDiscardedRows } from './discarded-rows.ts'
import type { Stored } from './read-position.ts'
import { createRunSteps } from './run-steps.ts'

/** Rows of a page where they come one by one. */
export const rowsPerPage = 1_000

/**
 * The pages of a resource whose rows come from code. A read that goes on skips as many rows as lie behind.
 *
 * Order:  the iterable's.
 * Memory: one page: a list as it comes, or {@link rowsPerPage} single rows.
 * Pulls:  lazy.
 *
 * @throws {MillraceError} `E_ROW` where an item is no object, `E_ROW_FUNCTION` where the iterable itself fails.
 */
export async function* readRows(
  { name, rows, processingSteps }: MergedRows,
  { checkpoint, committed }: Stored,
  { signal, emit }: Pick<ReadContext, 'signal' | 'emit'>,
  configuration: string,
): AsyncGenerator<Page, void, undefined> {
  const isUnfinished = committed?.['configuration'] === configuration && committed['paging'] === undefined
  const before = checkpoint ?? (isUnfinished ? committed : undefined)
  if (before?.['paging'] !== undefined) return
  let page = Number(before?.['page'] ?? 0)
  let behind = Number(before?.['rowsRead'] ?? 0)
  let skip = behind
  const steps = createRunSteps(processingSteps, name)
  const discarded = createDiscardedRows(name, emit)
  let waiting: Row[] = []

  async function toPage(items: readonly Row[], isLast: boolean): Promise<Page> {
    page += 1
    behind += items.length
    const stepped = await steps(items, `"${name}"`)
    discarded.add(stepped)
    const end = isLast ? { paging: { done: true } } : {}
    return { rows: stepped.rows, position: { page, configuration, rowsRead: behind, ...end } }
  }

  try {
    for await (const item of itemsOf(rows, name)) {
      signal.throwIfAborted()
      const items: readonly Row[] = Array.isArray(item) ? item : [item as Row]
      const fresh = items.slice(Math.min(skip, items.length))
      skip -= items.length - fresh.length
      for (const [index, row] of fresh.entries()) requireRow(row, behind + waiting.length + index, name)
      for (const row of fresh) waiting.push(row)
      if (waiting.length >= rowsPerPage || (Array.isArray(item) && waiting.length > 0)) {
        yield await toPage(waiting, false)
        waiting = []
      }
    }
    yield await toPage(waiting, true)
  } finally {
    discarded.tell()
  }
}

/** What the user's code throws on the way has its place in it. */
async function* itemsOf(rows: MergedRows['rows'], name: string): AsyncGenerator<Row | readonly Row[]> {
  let given = 0
  try {
    const input = typeof rows === 'function' ? rows() : rows
    if (typeof input !== 'object' || !(Symbol.iterator in input || Symbol.asyncIterator in input)) {
      throw new TypeError(`the function gave ${typeof input}, expected an iterable`)
    }
    for await (const item of input) {
      yield item
      given += 1
    }
  } catch (thrown) {
    if (isMillraceError(thrown)) throw thrown
    const message = `the rows of "${name}" failed after ${given} items: ${errorMessage(thrown)}`
    throw new MillraceError('E_ROW_FUNCTION', message, { context: { stream: name }, cause: thrown })
  }
}

function requireRow(row: unknown, index: number, stream: string): void {
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return
  throw new MillraceError('E_ROW', `row ${index} (counted from 0) of "${stream}" is no object`, {
    context: { stream, row: index },
  })
}
