import type { IncrementalConfig } from '../config/incremental-config.ts'
import { areComparable, compareCursorValues } from './compare-cursor-values.ts'
import { parseTimestamp } from './timestamp.ts'

/** A key of `incremental`, and what is wrong with it in the light of the others. */
export type IncrementalProblem = readonly [key: keyof IncrementalConfig, message: string]

/** What is wrong only in the light of other keys. */
export function incrementalProblems(config: IncrementalConfig): IncrementalProblem[] {
  return [...endProblems(config), ...lagProblems(config), ...stepProblems(config), ...sourceProblems(config)]
}

function endProblems({ initialValue, endValue, lastValueFunc, rangeEnd }: IncrementalConfig): IncrementalProblem[] {
  if (endValue === undefined) return []
  if (initialValue === undefined) return [['endValue', 'needs initial_value: a backfill has a start and an end']]
  if (!areComparable(initialValue, endValue)) {
    return [['endValue', 'cannot be compared with initial_value: one is a number, the other text']]
  }
  if (typeof lastValueFunc === 'function') return []
  const length = compareCursorValues(endValue, initialValue) * (lastValueFunc === 'min' ? -1 : 1)
  if (length > 0 || (length === 0 && rangeEnd === 'closed')) return []
  return [
    ['endValue', `leaves nothing to read: it must lie ${lastValueFunc === 'min' ? 'below' : 'above'} initial_value`],
  ]
}

function lagProblems({ initialValue, lag = 0, lastValueFunc }: IncrementalConfig): IncrementalProblem[] {
  if (lag === 0) return []
  if (typeof lastValueFunc === 'function')
    return [['lag', 'needs last_value_func max or min: a function has no direction']]
  return isMovable(initialValue) ? [] : [['lag', 'needs an initial_value that is a number, a date or a timestamp']]
}

function stepProblems(config: IncrementalConfig): IncrementalProblem[] {
  const { step, initialValue, endValue, lastValueFunc } = config
  if (step === undefined) return []
  if (typeof lastValueFunc === 'function')
    return [['step', 'needs last_value_func max or min: a function has no direction']]
  if (initialValue === undefined) return [['step', 'needs initial_value: where the first window starts']]
  if (!isMovable(initialValue)) return [['step', 'needs an initial_value that is a number, a date or a timestamp']]
  if (endValue === undefined && typeof initialValue === 'number') {
    return [['step', 'needs end_value, since the values are numbers: only times end at the clock of the server']]
  }
  if (endValue === undefined && lastValueFunc === 'min') {
    return [['step', 'needs end_value with last_value_func min: windows that go back in time have no end']]
  }
  const isDate = typeof initialValue === 'string' && parseTimestamp(initialValue)?.notation.isDate === true
  return isDate && !Number.isInteger(step)
    ? [['step', 'must be a whole number of days, since initial_value is a date']]
    : []
}

/** Keys that are about rows do nothing where no row is looked at. */
const rowKeys = ['primaryKey', 'rowOrder', 'rangeStart', 'rangeEnd'] as const

function sourceProblems(config: IncrementalConfig): IncrementalProblem[] {
  const { cursorFrom = 'row', initialValue, lastValueFunc } = config
  if (cursorFrom === 'row') return []
  const problems: IncrementalProblem[] = rowKeys
    .filter((key) => config[key] !== undefined)
    .map((key) => [key, `does nothing with cursor_from ${cursorFrom}, which filters no rows`])
  if (cursorFrom === 'server_clock') {
    if (lastValueFunc !== undefined) problems.push(['lastValueFunc', 'does nothing with cursor_from server_clock'])
    if (!isMovable(initialValue)) {
      problems.push(['initialValue', 'must be a date, a timestamp or a number with cursor_from server_clock'])
    }
  }
  return problems
}

/** Whether a lag or a step can be taken from it, as far as is known before the first row. */
function isMovable(value: IncrementalConfig['initialValue']): boolean {
  return typeof value !== 'string' || parseTimestamp(value) !== undefined
}
