import { type Emit, MillraceError } from '@millrace/core'
import { isToken } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import type { Progress, Watermark } from './watermark.ts'

/**
 * Says, after the last page of a read, what only the whole of it can show: that the API has gone back behind an earlier
 * read, or that no answer had the value that was looked for.
 *
 * @throws {MillraceError} `E_CURSOR_MISSING` where no body had a value, under `on_cursor_value_missing: raise`.
 */
export function endRead(plan: IncrementalPlan, watermark: Watermark, emit: Emit): void {
  const { cursor, config, stream } = plan
  if (plan.isBackfill) return
  const all = [...watermark.progress.values()]
  const isRaised = (config.onCursorValueMissing ?? 'raise') === 'raise'
  const hasReached = all.some(({ reached }) => reached !== undefined)
  if (cursor.cursorFrom === 'body' && isRaised && !hasReached && watermark.dropped.withoutValue > 0) {
    throw new MillraceError(
      'E_CURSOR_MISSING',
      `none of the answers of "${stream}" has a value at cursor_path "${cursor.cursorPath}" of its body; correct the path, or set on_cursor_value_missing to include`,
      { context: { stream, cursorPath: cursor.cursorPath } },
    )
  }
  const behind = all.filter((progress) => isBehind(plan, progress))
  const [first] = behind
  if (!first) return
  const others = behind.length === 1 ? '' : `, and the same for ${behind.length - 1} other parents`
  const message = `the API has gone back: the furthest value of "${cursor.cursorPath}" is ${first.reached} now and was ${first.before.last} in an earlier run${others}; the watermark stays where it is; if an old replica answered, the next run catches up, and if the data were restored, run a full refresh`
  emit({ type: 'warning', stream, message })
}

function isBehind({ order, cursor }: IncrementalPlan, { before, reached }: Progress): boolean {
  const { last } = before
  if (last === undefined || reached === undefined) return false
  if (cursor.cursorFrom === 'body' && (isToken(last) || isToken(reached))) return false
  return order.compare(reached, last) < 0
}
