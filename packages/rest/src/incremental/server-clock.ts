import { MillraceError } from '@millrace/core'
import type { CursorValue } from './compare-cursor-values.ts'
import type { IncrementalPlan } from './incremental-plan.ts'
import { lagBefore } from './start-value.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

/** Epoch numbers from here on are milliseconds: as seconds they would lie beyond the year 5138. */
const firstEpochMs = 1e11

/** What is read of the headers of an answer. */
export interface AnswerHeaders {
  get(name: string): string | null
}

/** The server's clock when it answered, in milliseconds since 1970; undefined where it does not tell. */
export function serverNowMs(headers: AnswerHeaders | undefined): number | undefined {
  const ms = Date.parse(headers?.get('date') ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

/**
 * The server's clock less the lag, written like the initial value: a date, a timestamp in its notation, or a number of
 * seconds or milliseconds since 1970. Without an initial value, a timestamp in UTC.
 *
 * @throws {MillraceError} `E_CURSOR_TYPE` where the initial value is text of another kind.
 */
export function clockValue(plan: IncrementalPlan, nowMs: number): CursorValue {
  const { initialValue: like = '1970-01-01T00:00:00Z' } = plan
  if (typeof like !== 'string') return lagBefore(plan, Number(like) >= firstEpochMs ? nowMs : Math.floor(nowMs / 1000))
  const notation = parseTimestamp(like)
  const seconds = Math.floor(nowMs / 1000)
  const now = notation && formatTimestamp({ ...notation, seconds, fraction: notation.fraction.replaceAll(/\d/g, '0') })
  if (now !== undefined) return lagBefore(plan, now)
  throw new MillraceError(
    'E_CURSOR_TYPE',
    `cursor_from server_clock needs an initial_value that is a date, a timestamp, or seconds or milliseconds since 1970, got the text ${JSON.stringify(like)}`,
  )
}
