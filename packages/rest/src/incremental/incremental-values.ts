import { errorMessage, MillraceError } from '@millrace/core'
import { type CursorValue, isCursorValue } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import type { ReadStart } from './start-value.ts'
import type { Window } from './window.ts'

/** What the placeholders `{incremental.…}` stand for in a request. Undefined: there is no value. */
export interface IncrementalValues {
  readonly start_value: CursorValue | undefined
  readonly initial_value: CursorValue | undefined
  /** Where the reads before had come to, without the lag. It does not move during a read. */
  readonly last_value: CursorValue | undefined
  readonly end_value: CursorValue | undefined
  readonly lag: CursorValue | undefined
}

/**
 * The values of a unit of a read, as `convert` gives them; `convert` sees no value that is missing, nor the lag.
 *
 * @throws {MillraceError} `E_CURSOR_FUNCTION` where `convert` throws, or gives neither text nor a number.
 */
export function incrementalValues(
  plan: IncrementalPlan,
  start: ReadStart,
  window: Window | undefined,
): IncrementalValues {
  const { config, initialValue, endValue } = plan
  const converted = (value: CursorValue | undefined) => convert(config.convert, value)
  return {
    start_value: converted(window ? window.start : start.value),
    initial_value: converted(initialValue),
    last_value: converted(start.last),
    end_value: converted(window ? window.end : endValue),
    lag: config.lag,
  }
}

/** The query parameters of `start_param` and `end_param`; one without a value is left out. */
export function incrementalParams(
  { config }: IncrementalPlan,
  values: IncrementalValues,
): Readonly<Record<string, CursorValue>> {
  const { startParam, endParam } = config
  return {
    ...(startParam !== undefined && values.start_value !== undefined && { [startParam]: values.start_value }),
    ...(endParam !== undefined && values.end_value !== undefined && { [endParam]: values.end_value }),
  }
}

function convert(
  converter: ((value: CursorValue) => CursorValue) | undefined,
  value: CursorValue | undefined,
): CursorValue | undefined {
  if (value === undefined || converter === undefined) return value
  let converted: unknown
  try {
    converted = converter(value)
  } catch (thrown) {
    throw new MillraceError('E_CURSOR_FUNCTION', `the function convert failed for ${value}: ${errorMessage(thrown)}`, {
      cause: thrown,
    })
  }
  if (isCursorValue(converted)) return converted
  throw new MillraceError(
    'E_CURSOR_FUNCTION',
    `the function convert gave ${typeof converted} for ${value}, expected text or a number`,
  )
}
