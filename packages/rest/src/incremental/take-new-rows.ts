import { MillraceError, type Row } from '@millrace/core'
import { compileReader } from '../select/selector.ts'
import { areComparable, type CursorValue, isCursorValue } from './compare-cursor-values.ts'
import { furthest } from './cursor-order.ts'
import type { CursorRange } from './cursor-range.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { rowDigest } from './row-digest.ts'
import { mostKnown, mostTies, type Seen } from './seen.ts'
import { isKnown, lagBefore, type ReadStart } from './start-value.ts'
import type { KnownRow } from './watermark.ts'

/** What is left of a page. */
export interface Taken {
  readonly rows: readonly Row[]
  readonly seen: Seen
  /** By the order the API gives rows in, no later page of this unit has rows that belong to it. */
  readonly isLast: boolean
}

export type TakeNewRows = (page: readonly Row[], start: ReadStart, range: CursorRange, url: string) => Taken

/**
 * Leaves out the rows that do not belong to a unit of a read: before its start, at or after its end, loaded before, or
 * without a value where such rows are not wanted.
 *
 * Depends on nothing but the page and the start, which is fixed, so units can be read at the same time.
 *
 * @throws {MillraceError} `E_CURSOR_MISSING`, `E_CURSOR_TYPE`, each with the row.
 */
export function createTakeNewRows(plan: IncrementalPlan): TakeNewRows {
  const { order, primaryKey, remembersRows, config } = plan
  const { cursorPath, rowOrder, onCursorValueMissing: onMissing = 'raise' } = config
  const readValue = compileReader(cursorPath)

  function cursorValueOf(row: Row, index: number, like: CursorValue | undefined, url: string): CursorValue | undefined {
    const value = readValue(row)
    if (value === undefined || value === null) {
      if (onMissing === 'raise') throw missing(row, index, cursorPath, url)
      return undefined
    }
    if (!isCursorValue(value)) throw wrongType(value, index, cursorPath, url, 'a number or text')
    if (like !== undefined && !areComparable(value, like)) {
      throw wrongType(
        value,
        index,
        cursorPath,
        url,
        `${typeof like === 'string' ? 'text' : 'a number'}, as initial_value and all values before it`,
      )
    }
    return value
  }

  return (page, start, range, url) => {
    const dropped = { below: 0, beyond: 0, repeated: 0, withoutValue: 0 }
    const rows: Row[] = []
    const taken: { row: Row; value: CursorValue }[] = []
    let reached: CursorValue | undefined
    let last: CursorValue | undefined

    for (let index = 0; index < page.length; index++) {
      const row = page[index] as Row
      const value = cursorValueOf(row, index, range.start ?? range.end ?? reached, url)
      if (value === undefined) {
        if (onMissing === 'include') rows.push(row)
        else dropped.withoutValue += 1
        continue
      }
      reached = furthest(order, reached, value)
      if (isBefore(value, range)) {
        dropped.below += 1
        continue
      }
      if (isAfter(value, range)) {
        dropped.beyond += 1
        continue
      }
      last = furthest(order, last, value)
      if (start.known.size > 0 && isKnown(start, rowDigest(row, primaryKey), value)) {
        dropped.repeated += 1
        continue
      }
      rows.push(row)
      if (remembersRows) taken.push({ row, value })
    }
    const seen = { reached, last, dropped, ...knownOf(taken, last) }
    const isLast = (rowOrder === 'desc' && dropped.below > 0) || (rowOrder === 'asc' && dropped.beyond > 0)
    return { rows, seen, isLast }
  }

  function isBefore(value: CursorValue, { start, isStartOpen }: CursorRange): boolean {
    if (start === undefined) return false
    const toStart = order.compare(value, start)
    return isStartOpen ? toStart <= 0 : toStart < 0
  }

  function isAfter(value: CursorValue, { end, isEndClosed }: CursorRange): boolean {
    if (end === undefined) return false
    const toEnd = order.compare(value, end)
    return isEndClosed ? toEnd > 0 : toEnd >= 0
  }

  /** The rows that the next run would get again if the read ended here. */
  function knownOf(
    taken: readonly { row: Row; value: CursorValue }[],
    last: CursorValue | undefined,
  ): Pick<Seen, 'known' | 'hasMoreKnown'> {
    if (last === undefined) return { known: [], hasMoreKnown: false }
    // Also where nothing is remembered: values that have no lag are to be found in the run that reads them.
    const from = lagBefore(plan, last)
    const known: KnownRow[] = []
    for (const { row, value } of taken) {
      if (order.compare(value, from) >= 0) known.push({ digest: rowDigest(row, primaryKey), value })
    }
    return mostKnown(known, mostTies, order.compare)
  }
}

function missing(row: Row, index: number, cursorPath: string, url: string): MillraceError {
  const keys = Object.keys(row).slice(0, 20).join(', ') || 'none'
  return new MillraceError(
    'E_CURSOR_MISSING',
    `row ${index} (counted from 0) of the answer of ${url} has no value at cursor_path "${cursorPath}"; its keys: ${keys}; correct the path, or set on_cursor_value_missing to include or exclude`,
    { context: { url, row: index, cursorPath } },
  )
}

function wrongType(value: unknown, index: number, cursorPath: string, url: string, expected: string): MillraceError {
  const kind = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
  return new MillraceError(
    'E_CURSOR_TYPE',
    `row ${index} (counted from 0) of the answer of ${url} has ${kind} at cursor_path "${cursorPath}", expected ${expected}; values that cannot be compared do not tell new rows from old`,
    { context: { url, row: index, cursorPath } },
  )
}
