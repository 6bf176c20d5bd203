import { createHash } from 'node:crypto'
import { errorMessage, MillraceError } from '@millrace/core'
import type { IncrementalConfig } from '../config/incremental-config.ts'
import { areComparable, type CursorValue, compareCursorValues } from './compare-cursor-values.ts'

/** Which of two values is further on: what `last_value_func` says. */
export interface CursorOrder {
  /** Stored with the watermark, which means nothing in another order. */
  readonly name: string
  /** 1 where values grow, -1 where they fall; a function may do either. */
  readonly direction: 1 | -1 | undefined
  /** Above 0 where `one` is further on than `other`, 0 where they are the same. */
  compare(one: CursorValue, other: CursorValue): number
}

/**
 * The order of `last_value_func`. A function is asked for two values that differ, and gives the one that is further on.
 *
 * @throws {MillraceError} from `compare`: `E_CURSOR_TYPE` for a number and a text, `E_CURSOR_FUNCTION` where a function
 * throws, or gives neither of its values.
 */
export function cursorOrder(lastValueFunc: IncrementalConfig['lastValueFunc'] = 'max'): CursorOrder {
  if (lastValueFunc === 'max') return { name: 'max', direction: 1, compare }
  if (lastValueFunc === 'min') return { name: 'min', direction: -1, compare: (one, other) => compare(other, one) }
  const text = createHash('sha256').update(String(lastValueFunc)).digest('hex').slice(0, 12)
  return {
    name: `function ${text}`,
    direction: undefined,
    compare(one, other) {
      if (compare(one, other) === 0) return 0
      const chosen = choose(lastValueFunc, one, other)
      if (chosen === one) return 1
      if (chosen === other) return -1
      throw functionError(`gave ${typeof chosen} ${String(chosen)} for ${one} and ${other}, expected one of the two`)
    },
  }
}

/** The one that is further on; of equal ones, the first. */
export function furthest(order: CursorOrder, one: CursorValue | undefined, other: CursorValue): CursorValue {
  return one === undefined || order.compare(other, one) > 0 ? other : one
}

function compare(one: CursorValue, other: CursorValue): number {
  if (areComparable(one, other)) return compareCursorValues(one, other)
  throw new MillraceError(
    'E_CURSOR_TYPE',
    `the cursor values ${JSON.stringify(String(one))} (${typeof one}) and ${JSON.stringify(String(other))} (${typeof other}) cannot be compared, so they do not tell new rows from old; correct cursor_path or initial_value, or run a full refresh where the API has changed its type`,
  )
}

function choose(
  lastValueFunc: (one: CursorValue, other: CursorValue) => unknown,
  one: CursorValue,
  other: CursorValue,
): unknown {
  try {
    return lastValueFunc(one, other)
  } catch (thrown) {
    throw functionError(`failed for ${one} and ${other}: ${errorMessage(thrown)}`, thrown)
  }
}

function functionError(problem: string, cause?: unknown): MillraceError {
  return new MillraceError('E_CURSOR_FUNCTION', `the function last_value_func ${problem}`, { cause })
}
