import { createHash } from 'node:crypto'
import { type Emit, MillraceError, type Row } from '@millrace/core'
import type { IncrementalConfig } from '../config/incremental-config.ts'
import { compileReader } from '../select/selector.ts'
import { stableJson } from '../stable-json.ts'
import { areComparable, type CursorValue, compareCursorValues, isCursorValue } from './compare-cursor-values.ts'
import type { Watermark } from './watermark.ts'

/**
 * Rows at the highest value that are remembered to be told from new ones. They are stored with every checkpoint: a
 * thousand are about 20 kB.
 */
export const mostTies = 1_000

export interface NewRows {
  readonly rows: readonly Row[]
  readonly watermark: Watermark
  /** A row lay before the start: with rows in descending order, all that follow do. */
  readonly hasOlder: boolean
}

/** Takes the new rows of a page, and moves the watermark over it. */
export type TakeNewRows = (page: readonly Row[], watermark: Watermark, url: string) => NewRows

export interface TakeNewRowsOptions {
  readonly incremental: IncrementalConfig
  readonly primaryKey: readonly string[]
  /** Whether rows at the start value that were loaded before would be loaded twice, as they are by `append`. */
  readonly dropTies: boolean
  readonly stream: string
  readonly emit: Emit
}

/**
 * Leaves out rows below the start, and those at the start that an earlier run has loaded; follows the highest value.
 *
 * @throws {MillraceError} `E_CURSOR_MISSING`, `E_CURSOR_TYPE`, each with the row.
 */
export function createTakeNewRows(options: TakeNewRowsOptions): TakeNewRows {
  const { incremental, primaryKey, dropTies, stream, emit } = options
  const { cursorPath, onCursorValueMissing: onMissing = 'raise' } = incremental
  const readValue = compileReader(cursorPath)
  let hasWarned = false

  return (page, watermark, url) => {
    const { start } = watermark
    const startTies = new Set(dropTies ? watermark.startTies : [])
    const dropped = { ...watermark.dropped }
    const rows: Row[] = []
    const values: (CursorValue | undefined)[] = []
    let last = watermark.last
    let hasOlder = false

    for (let index = 0; index < page.length; index++) {
      const row = page[index] as Row
      const value = readValue(row)
      if (value === undefined || value === null) {
        if (onMissing === 'raise') throw missing(row, index, cursorPath, url)
        if (onMissing === 'exclude') dropped.withoutValue += 1
        else {
          rows.push(row)
          values.push(undefined)
        }
        continue
      }
      if (!isCursorValue(value)) throw wrongType(value, index, cursorPath, url, 'a number or text')
      const against = last ?? start
      if (against !== undefined && !areComparable(value, against)) {
        throw wrongType(
          value,
          index,
          cursorPath,
          url,
          typeof against === 'string' ? 'text as before' : 'a number as before',
        )
      }
      const toStart = start === undefined ? 1 : compareCursorValues(value, start)
      if (toStart < 0) {
        hasOlder = true
        dropped.below += 1
        continue
      }
      if (last === undefined || compareCursorValues(value, last) > 0) last = value
      if (toStart === 0 && startTies.size > 0 && startTies.has(digest(row, primaryKey))) {
        dropped.repeated += 1
        continue
      }
      rows.push(row)
      values.push(value)
    }
    const ties = dropTies ? tiesAt(last, watermark, rows, values) : []
    return { rows, hasOlder, watermark: { ...watermark, last, ties, dropped } }
  }

  /** Digests of all rows at `last`: those known before, where it has not moved, and those of this page. */
  function tiesAt(
    last: CursorValue | undefined,
    before: Watermark,
    rows: readonly Row[],
    values: readonly (CursorValue | undefined)[],
  ): readonly string[] {
    if (last === undefined) return []
    const hasMoved = before.last === undefined || compareCursorValues(last, before.last) !== 0
    const ties = new Set(hasMoved ? [] : before.ties)
    for (let index = 0; index < rows.length; index++) {
      const value = values[index]
      if (value === undefined || compareCursorValues(value, last) !== 0) continue
      const tie = digest(rows[index] as Row, primaryKey)
      if (ties.has(tie)) continue
      if (ties.size >= mostTies) {
        warnOnce(last)
        break
      }
      ties.add(tie)
    }
    return [...ties]
  }

  function warnOnce(last: CursorValue): void {
    if (hasWarned) return
    hasWarned = true
    const message = `more than ${mostTies} rows have the highest value of "${cursorPath}" (${last}): the next run may load some of them a second time; use write_disposition merge, or a cursor_path with finer values`
    emit({ type: 'warning', stream, message })
  }
}

/** 96 bits: a thousand of them collide with a chance of one in 10^23. */
function digest(row: Row, primaryKey: readonly string[]): string {
  const identity = primaryKey.length === 0 ? row : primaryKey.map((column) => row[column])
  return createHash('sha256').update(stableJson(identity)).digest().subarray(0, 12).toString('base64url')
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
