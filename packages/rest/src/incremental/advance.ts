import type { Emit } from '@millrace/core'
import { type CursorValue, isToken } from './compare-cursor-values.ts'
import { furthest } from './cursor-order.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { mostKnown, mostTies, type Seen } from './seen.ts'
import { lagBefore } from './start-value.ts'
import { type DroppedRows, notBegun, type Progress, type Watermark, wholeStream } from './watermark.ts'

/**
 * Parents whose watermarks are kept under `per_parent`. All are stored with every page: two thousand are about 150 kB, and a
 * run that reads a page of each writes 300 MB.
 */
export const mostParents = 2_000

/** As {@link mostTies}, for each parent under `per_parent`. */
export const mostTiesPerParent = 20

export type Advance = (watermark: Watermark, seen: Seen, parent?: string) => Watermark

/** Adds what a page has shown to the watermark. Called for every page, in the order of delivery. */
export function createAdvance(plan: IncrementalPlan, emit: Emit): Advance {
  const { cursor, stream } = plan
  const mostRemembered = cursor.perParent ? mostTiesPerParent : mostTies
  const warned = new Set<string>()

  function warnOnce(about: string, message: string): void {
    if (warned.has(about)) return
    warned.add(about)
    emit({ type: 'warning', stream, message })
  }

  return (watermark, seen, parent = wholeStream) => {
    const counted = { ...watermark, dropped: sum(watermark.dropped, seen.dropped) }
    if (plan.isBackfill || (seen.reached === undefined && seen.last === undefined)) return counted
    const before = watermark.progress.get(parent)
    if (!before && watermark.progress.size >= mostParents) {
      const message = `per_parent keeps the watermarks of ${mostParents} parents, and there are more: every run reads the others from initial_value, and append loads their rows again; use write_disposition merge, or one watermark for all parents`
      warnOnce('parents', message)
      return counted
    }
    const { progress, hasMoreKnown } = progressAfter(plan, before ?? notBegun, seen, mostRemembered)
    if (hasMoreKnown) {
      const where =
        plan.lag === 0 ? `have the furthest value of "${cursor.cursorPath}"` : `lie within the lag of ${plan.lag}`
      const message = `more than ${mostRemembered} rows ${where} (${progress.now.last}): the next run may load some of them a second time; use write_disposition merge, or a cursor_path with finer values`
      warnOnce('ties', message)
    }
    return { ...counted, progress: new Map(watermark.progress).set(parent, progress) }
  }
}

function progressAfter(
  plan: IncrementalPlan,
  { before, now, reached }: Progress,
  seen: Seen,
  mostRemembered: number,
): { readonly progress: Progress; readonly hasMoreKnown: boolean } {
  const { order } = plan
  switch (plan.cursor.cursorFrom) {
    case 'row': {
      const last = seen.last === undefined ? now.last : furthest(order, now.last, seen.last)
      const moved = { before, reached: seen.reached === undefined ? reached : furthest(order, reached, seen.reached) }
      if (last === undefined || !plan.remembersRows) {
        return { progress: { ...moved, now: { last, known: [] } }, hasMoreKnown: false }
      }
      const from = lagBefore(plan, last)
      const again = [...now.known, ...seen.known].filter(({ value }) => order.compare(value, from) >= 0)
      const { known, hasMoreKnown } = mostKnown(again, mostRemembered, order.compare)
      // What a page had to leave out matters only where it has filled all there is room for.
      return {
        progress: { ...moved, now: { last, known } },
        hasMoreKnown: hasMoreKnown || (seen.hasMoreKnown && known.length === mostRemembered),
      }
    }
    case 'body': {
      const value = seen.reached as CursorValue
      // Of tokens the latest counts.
      const isLatest = isToken(value) || (now.last !== undefined && isToken(now.last))
      const further = (than: CursorValue | undefined) => (isLatest ? value : furthest(order, than, value))
      return {
        progress: { before, now: { last: further(now.last), known: [] }, reached: further(reached) },
        hasMoreKnown: false,
      }
    }
    case 'server_clock': {
      const value = seen.reached as CursorValue
      // The earliest of all answers: what changed while the others were read is read again.
      const first = reached !== undefined && order.compare(value, reached) > 0 ? reached : value
      return {
        progress: { before, now: { last: furthest(order, before.last, first), known: [] }, reached: first },
        hasMoreKnown: false,
      }
    }
  }
}

function sum(one: DroppedRows, other: DroppedRows): DroppedRows {
  return {
    below: one.below + other.below,
    beyond: one.beyond + other.beyond,
    repeated: one.repeated + other.repeated,
    withoutValue: one.withoutValue + other.withoutValue,
  }
}
