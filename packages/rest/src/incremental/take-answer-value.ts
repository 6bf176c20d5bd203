import { MillraceError } from '@millrace/core'
import { compileReader } from '../select/selector.ts'
import { isCursorValue } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { nothingSeen, type Seen } from './seen.ts'
import { type AnswerHeaders, clockValue, serverNowMs } from './server-clock.ts'
import { nothingDropped } from './watermark.ts'

/** What of an answer can say how far the stream has been read. */
export interface CursorAnswer {
  readonly body?: unknown
  readonly headers?: AnswerHeaders
  /** Redacted, for messages. */
  readonly url: string
}

/** What an answer says about the cursor beside its rows: a value in its body, or the server's clock. */
export type TakeAnswerValue = (answer: CursorAnswer) => Seen

/** @throws {MillraceError} `E_CURSOR_TYPE`; `E_CURSOR_MISSING` for an answer without a `Date`. */
export function createTakeAnswerValue(plan: IncrementalPlan): TakeAnswerValue {
  const { cursorPath, onCursorValueMissing: onMissing = 'raise' } = plan.config
  if (plan.cursor.cursorFrom === 'server_clock') {
    return ({ headers, url }) => {
      const now = serverNowMs(headers)
      if (now !== undefined) return { ...nothingSeen, reached: clockValue(plan, now) }
      if (onMissing !== 'raise') return nothingSeen
      throw new MillraceError(
        'E_CURSOR_MISSING',
        `the answer of ${url} has no Date header, which cursor_from server_clock reads; take the cursor from the rows or the body`,
        { context: { url } },
      )
    }
  }
  const readValue = compileReader(cursorPath)
  return ({ body, url }) => {
    // An answer without a body, such as a 204, says nothing.
    if (body === undefined || body === null) return nothingSeen
    const value = readValue(body)
    if (value === undefined || value === null)
      return { ...nothingSeen, dropped: { ...nothingDropped, withoutValue: 1 } }
    if (isCursorValue(value)) return { ...nothingSeen, reached: value }
    throw new MillraceError(
      'E_CURSOR_TYPE',
      `the answer of ${url} has ${Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`} at cursor_path "${cursorPath}" of its body, expected a number or text`,
      { context: { url, cursorPath } },
    )
  }
}
