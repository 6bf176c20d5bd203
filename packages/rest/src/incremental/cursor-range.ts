import type { CursorValue } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import type { ReadStart } from './start-value.ts'
import type { Window } from './window.ts'

/** Which values belong to a unit of a read. */
export interface CursorRange {
  readonly start: CursorValue | undefined
  readonly isStartOpen: boolean
  readonly end: CursorValue | undefined
  readonly isEndClosed: boolean
}

/**
 * The range of a window, else of the whole read.
 *
 * A value on the border of two windows belongs to one of them: the later, or the earlier where the start is open, because
 * an API that leaves out the start can only give it there.
 */
export function cursorRange(plan: IncrementalPlan, start: ReadStart, window: Window | undefined): CursorRange {
  const { isStartOpen, endValue, order } = plan
  if (!window) return { start: start.value, isStartOpen, end: endValue, isEndClosed: plan.isEndClosed }
  const isLast = endValue !== undefined && order.compare(window.end, endValue) >= 0
  return { ...window, isStartOpen, isEndClosed: isLast ? plan.isEndClosed : isStartOpen }
}
