import { type JsonValue, MillraceError, type Position } from '@millrace/core'
import type { CursorValue } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { moveCursorValue } from './move-cursor-value.ts'
import { parseTimestamp } from './timestamp.ts'
import { valueFromJson, valueToJson } from './watermark-json.ts'

/** A part of the read that has a start and an end of its own in the request. Stored while the read is going on. */
export interface Window {
  readonly start: CursorValue
  readonly end: CursorValue
}

/** The first window of a read; undefined where the read has no windows. */
export function firstWindow(plan: IncrementalPlan, start: CursorValue | undefined): Window | undefined {
  return plan.config.step === undefined || start === undefined ? undefined : windowFrom(plan, start, plan.config.step)
}

/**
 * The window after another one; undefined after the last: the one that ends at `end_value`, else the one that covers the
 * server's clock.
 *
 * @param serverNowMs - The `Date` of the latest answer.
 * @throws {MillraceError} `E_CURSOR_MISSING` where the clock is needed and the server does not tell it.
 */
export function nextWindow(
  plan: IncrementalPlan,
  { end }: Window,
  serverNowMs: number | undefined,
): Window | undefined {
  const isLast = plan.endValue === undefined ? covers(end, serverNowMs) : plan.order.compare(end, plan.endValue) >= 0
  return isLast || plan.config.step === undefined ? undefined : windowFrom(plan, end, plan.config.step)
}

export function windowToJson({ start, end }: Window): Position {
  return { start: valueToJson(start), end: valueToJson(end) }
}

/** Reads what {@link windowToJson} wrote. */
export function windowFromJson(json: JsonValue | undefined): Window | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const start = valueFromJson((json as Position)['start'])
  const end = valueFromJson((json as Position)['end'])
  return start === undefined || end === undefined ? undefined : { start, end }
}

function windowFrom({ order, endValue }: IncrementalPlan, start: CursorValue, step: number): Window {
  const end = moveCursorValue(start, step * (order.direction ?? 1), 'step')
  // Anything that does not move on would be read for ever.
  if (order.compare(end, start) <= 0) {
    throw new MillraceError('E_CURSOR_TYPE', `a step of ${step} is too small to move on from ${start}`)
  }
  return { start, end: endValue !== undefined && order.compare(end, endValue) > 0 ? endValue : end }
}

function covers(end: CursorValue, serverNowMs: number | undefined): boolean {
  const time = typeof end === 'string' ? parseTimestamp(end) : undefined
  if (!time) throw new MillraceError('E_CURSOR_TYPE', `windows of ${end} have no end: set end_value`)
  if (serverNowMs === undefined) {
    throw new MillraceError(
      'E_CURSOR_MISSING',
      'the answer has no Date header, and without end_value it tells which window is the last; set end_value, or remove step',
    )
  }
  return time.seconds * 1000 > serverNowMs
}
