import type { Emit, JsonValue, Position, Row } from '@millrace/core'
import type { IncrementalConfig } from '../config/incremental-config.ts'
import { shortDigest } from '../short-digest.ts'
import { createAdvance } from './advance.ts'
import { endRead } from './end-read.ts'
import { type IncrementalPlanOptions, planIncremental } from './incremental-plan.ts'
import { type ReadPart, readPart } from './read-part.ts'
import { nothingSeen, type Seen } from './seen.ts'
import { type AnswerHeaders, serverNowMs } from './server-clock.ts'
import { readStart } from './start-value.ts'
import { type CursorAnswer, createTakeAnswerValue } from './take-answer-value.ts'
import { createTakeNewRows, type Taken } from './take-new-rows.ts'
import { beginWatermark, type Watermark, wholeStream } from './watermark.ts'
import { watermarkFromJson, watermarkToJson } from './watermark-json.ts'
import { firstWindow, nextWindow, windowFromJson } from './window.ts'

export interface IncrementalOptions extends IncrementalPlanOptions {
  readonly emit: Emit
}

/**
 * Reads one stream incrementally: what to ask for, which rows of an answer are new, and where the next run starts.
 *
 * `firstPart`, `nextPart` and `take` depend on the start of the read alone, which nothing moves, so children of many
 * parents may be read at the same time. `advance` is for each page in the order of delivery; what it gives belongs into the
 * position of that page.
 */
export interface Incremental {
  /** The watermark of a new read, from what the last one stored. */
  begin(stored: JsonValue | undefined, isUnfinished: boolean): Watermark
  /** The watermark of a read that goes on where it was stopped. */
  resume(stored: JsonValue | undefined): Watermark
  /** The watermark as it is stored: small JSON. */
  store(watermark: Watermark): Position
  /**
   * What to ask for first.
   *
   * @param parent - What tells the parent's row from others, under `per_parent`.
   * @param part - {@link ReadPart.position} of the part that a stopped read goes on in.
   */
  firstPart(watermark: Watermark, parent?: JsonValue, part?: JsonValue): ReadPart
  /** What to ask for after the last page of a part; undefined: that was all. `headers` are the latest answer's. */
  nextPart(part: ReadPart, headers: AnswerHeaders | undefined): ReadPart | undefined
  /** The rows of an answer that belong to the part, and what it says about the cursor. */
  take(rows: readonly Row[], answer: CursorAnswer, part: ReadPart): Taken
  /** The watermark after a page. */
  advance(watermark: Watermark, seen: Seen, parent?: JsonValue): Watermark
  /**
   * Tells what only a whole read shows. To be called with the watermark after its last page, and before the position is
   * stored that says that the read is finished: what it throws must not be forgotten by the next run.
   */
  end(watermark: Watermark): void
}

/** @throws {MillraceError} from its methods: `E_CURSOR_MISSING`, `E_CURSOR_TYPE`, `E_CURSOR_FUNCTION`. */
export function createIncremental(config: IncrementalConfig, options: IncrementalOptions): Incremental {
  const { emit } = options
  const plan = planIncremental(config, options)
  const takeNewRows = createTakeNewRows(plan)
  const takeAnswerValue = createTakeAnswerValue(plan)
  const advance = createAdvance(plan, emit)
  const keyOf = (parent: JsonValue | undefined): string =>
    plan.cursor.perParent && parent !== undefined ? shortDigest(parent) : wholeStream

  return Object.freeze<Incremental>({
    begin: (stored, isUnfinished) => beginWatermark(plan, watermarkFromJson(stored), { isUnfinished, emit }),
    resume: (stored) => watermarkFromJson(stored) ?? beginWatermark(plan, undefined, { isUnfinished: false, emit }),
    store: watermarkToJson,
    firstPart(watermark, parent, part) {
      const start = readStart(plan, watermark, keyOf(parent))
      return readPart(plan, start, windowFromJson(part) ?? firstWindow(plan, start.value))
    },
    nextPart({ start, window }, headers) {
      const next = window && nextWindow(plan, window, serverNowMs(headers))
      return next && readPart(plan, start, next)
    },
    take(rows, answer, { start, range }) {
      if (plan.cursor.cursorFrom === 'row') return takeNewRows(rows, start, range, answer.url)
      return { rows, seen: plan.isBackfill ? nothingSeen : takeAnswerValue(answer), isLast: false }
    },
    advance: (watermark, seen, parent) => advance(watermark, seen, keyOf(parent)),
    end: (watermark) => endRead(plan, watermark, emit),
  })
}
