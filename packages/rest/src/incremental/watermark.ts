import type { Emit } from '@millrace/core'
import type { CursorValue } from './compare-cursor-values.ts'
import type { CursorIdentity, IncrementalPlan } from './incremental-plan.ts'

/** A row that was loaded and may come again: at the last value, or less than the lag before it. */
export interface KnownRow {
  readonly digest: string
  readonly value: CursorValue
}

/** How far reads have come. */
export interface Mark {
  /** The furthest value seen. */
  readonly last: CursorValue | undefined
  readonly known: readonly KnownRow[]
}

/** How far one read has come, and from where. */
export interface Progress {
  /** Where the reads before this one had come to. It decides the start, so it stays as it is for the whole read. */
  readonly before: Mark
  readonly now: Mark
  /** The furthest value this read has received, taken or not; of `server_clock`, the earliest. */
  readonly reached: CursorValue | undefined
}

/** Rows of this read that were left out, by reason. */
export interface DroppedRows {
  /** Their value is before the start. */
  readonly below: number
  /** Their value is at or after the end. */
  readonly beyond: number
  /** Loaded by an earlier run. */
  readonly repeated: number
  /** Without a value, under `on_cursor_value_missing: exclude`. Of `body`: answers without one, whose rows are taken. */
  readonly withoutValue: number
}

/** How far an incremental stream has been read, and what this read has left out. Kept in the position of every page. */
export interface Watermark {
  readonly cursor: CursorIdentity
  /** By digest of the parent under `per_parent`, else under {@link wholeStream} alone. */
  readonly progress: ReadonlyMap<string, Progress>
  readonly dropped: DroppedRows
}

/** The key of {@link Watermark.progress} where there is one watermark for all parents, or no parents. */
export const wholeStream = ''

export const nothingDropped: DroppedRows = Object.freeze({ below: 0, beyond: 0, repeated: 0, withoutValue: 0 })

const nowhere: Mark = Object.freeze({ last: undefined, known: [] })
export const notBegun: Progress = Object.freeze({ before: nowhere, now: nowhere, reached: undefined })

export interface BeginWatermarkOptions {
  /** The read that stored it was not finished, and is not gone on with: what it had seen does not count. */
  readonly isUnfinished: boolean
  readonly emit: Emit
}

/**
 * The watermark a new read begins with, from the one the last read stored.
 *
 * A backfill carries the stored one through, whatever cursor it belongs to. Any other read forgets one of another cursor
 * with a warning: it reads more than it has to rather than less.
 */
export function beginWatermark(
  plan: IncrementalPlan,
  stored: Watermark | undefined,
  { isUnfinished, emit }: BeginWatermarkOptions,
): Watermark {
  const isCarried = stored !== undefined && (plan.isBackfill || isSameCursor(stored.cursor, plan.cursor))
  if (stored !== undefined && !isCarried) {
    const message = `the stored watermark belongs to ${describe(stored.cursor)}, and the configuration has ${describe(plan.cursor)}: it is forgotten, and this run reads from initial_value`
    emit({ type: 'warning', stream: plan.stream, message })
  }
  const progress = new Map<string, Progress>()
  for (const [key, { before, now }] of isCarried ? stored.progress : []) {
    const mark = isUnfinished ? before : now
    if (mark.last !== undefined) progress.set(key, { before: mark, now: mark, reached: undefined })
  }
  return { cursor: isCarried ? stored.cursor : plan.cursor, progress, dropped: nothingDropped }
}

function isSameCursor(one: CursorIdentity, other: CursorIdentity): boolean {
  return describe(one) === describe(other)
}

function describe({ cursorPath, cursorFrom, order, perParent }: CursorIdentity): string {
  return `cursor_path "${cursorPath}" (cursor_from ${cursorFrom}, last_value_func ${order}, per_parent ${perParent})`
}
