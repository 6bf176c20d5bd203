import { type CursorValue, compareCursorValues } from './compare-cursor-values.ts'
import { furthest } from './cursor-order.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { moveCursorValue } from './move-cursor-value.ts'
import { notBegun, type Watermark, wholeStream } from './watermark.ts'

/** Where a read starts, for one parent or the whole stream. Fixed: no page of the read changes it. */
export interface ReadStart {
  /** Rows before it are not taken. Undefined: there is no start, everything is read. */
  readonly value: CursorValue | undefined
  /** Where the reads before had come to, else the initial value. */
  readonly last: CursorValue | undefined
  /** Values that rows were loaded with before and that may come again, by digest of the row. */
  readonly known: ReadonlyMap<string, readonly CursorValue[]>
}

/** The start of a read, from what the reads before it stored. */
export function readStart(plan: IncrementalPlan, watermark: Watermark, parent: string = wholeStream): ReadStart {
  const { before } = plan.isBackfill ? notBegun : (watermark.progress.get(parent) ?? notBegun)
  const known = new Map<string, CursorValue[]>()
  for (const { digest, value } of plan.remembersRows ? before.known : []) {
    const values = known.get(digest)
    if (values) values.push(value)
    else known.set(digest, [value])
  }
  return { value: startAfter(plan, before.last), last: before.last ?? plan.initialValue, known }
}

function startAfter(plan: IncrementalPlan, last: CursorValue | undefined): CursorValue | undefined {
  const { initialValue, order, cursor } = plan
  // The lag of a server's clock is taken off when it is read.
  if (last === undefined || plan.lag === 0 || cursor.cursorFrom === 'server_clock') return last ?? initialValue
  const lagged = lagBefore(plan, last)
  if (initialValue === undefined) return lagged
  // The lag leads back to the initial value at most, and an initial value beyond the last one pulls nothing forward.
  const floor = order.compare(initialValue, last) > 0 ? last : initialValue
  return furthest(order, lagged, floor)
}

/** The value that lies the lag before another one. */
export function lagBefore({ lag, order }: IncrementalPlan, value: CursorValue): CursorValue {
  return lag === 0 || order.direction === undefined ? value : moveCursorValue(value, -lag * order.direction, 'lag')
}

/** Whether a row is among the known ones: the same row, and unchanged since, as far as its cursor value tells. */
export function isKnown({ known }: ReadStart, digest: string, value: CursorValue): boolean {
  return known.get(digest)?.some((before) => compareCursorValues(before, value) === 0) ?? false
}
