import type { Position } from '@millrace/core'
import type { CursorValue } from './compare-cursor-values.ts'
import { type CursorRange, cursorRange } from './cursor-range.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { type IncrementalValues, incrementalParams, incrementalValues } from './incremental-values.ts'
import type { ReadStart } from './start-value.ts'
import { type Window, windowToJson } from './window.ts'

/** A read, or one window of it: what is asked for with the same start and end value. */
export interface ReadPart {
  readonly start: ReadStart
  readonly window: Window | undefined
  readonly range: CursorRange
  /** Stored with the pages of this part, so that a stopped read goes on in it. Undefined where the read is one part. */
  readonly position: Position | undefined
  /** For the placeholders `{incremental.…}`. */
  readonly values: IncrementalValues
  /** The query parameters of `start_param` and `end_param`. */
  readonly params: Readonly<Record<string, CursorValue>>
}

export function readPart(plan: IncrementalPlan, start: ReadStart, window: Window | undefined): ReadPart {
  const values = incrementalValues(plan, start, window)
  return {
    start,
    window,
    range: cursorRange(plan, start, window),
    position: window && windowToJson(window),
    values,
    params: incrementalParams(plan, values),
  }
}
