import type { JsonValue, Position } from '@millrace/core'
import { type CursorValue, isCursorValue } from './compare-cursor-values.ts'

/** How far an incremental stream has been read, and what this read has left out. Kept in the position of every page. */
export interface Watermark {
  readonly cursorPath: string
  /** Rows below it are not taken. The same from the first page of a read to its last. */
  readonly start: CursorValue | undefined
  /** Digests of the rows at `start` that were loaded before. */
  readonly startTies: readonly string[]
  /** The highest value seen; the next read starts there. */
  readonly last: CursorValue | undefined
  /** Digests of the rows at `last`. */
  readonly ties: readonly string[]
  readonly dropped: DroppedRows
}

/** Rows of this read that were left out, by reason. */
export interface DroppedRows {
  /** Their value is below the start. */
  readonly below: number
  /** At the start value, and loaded by an earlier run. */
  readonly repeated: number
  /** Without a value, under `on_cursor_value_missing: exclude`. */
  readonly withoutValue: number
}

export const nothingDropped: DroppedRows = Object.freeze({ below: 0, repeated: 0, withoutValue: 0 })

export function watermarkToJson(mark: Watermark): Position {
  return {
    cursorPath: mark.cursorPath,
    start: valueToJson(mark.start),
    startTies: mark.startTies,
    last: valueToJson(mark.last),
    ties: mark.ties,
    dropped: { ...mark.dropped },
  }
}

/** Reads what {@link watermarkToJson} wrote; undefined where it is missing or belongs to another cursor path. */
export function watermarkFromJson(json: JsonValue | undefined, cursorPath: string): Watermark | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const stored = json as Position
  if (stored['cursorPath'] !== cursorPath) return undefined
  const dropped = (stored['dropped'] ?? {}) as Partial<DroppedRows>
  return {
    cursorPath,
    start: valueFromJson(stored['start']),
    startTies: (stored['startTies'] ?? []) as readonly string[],
    last: valueFromJson(stored['last']),
    ties: (stored['ties'] ?? []) as readonly string[],
    dropped: { ...nothingDropped, ...dropped },
  }
}

/** JSON has no integers beyond 2^53. */
function valueToJson(value: CursorValue | undefined): JsonValue {
  return typeof value === 'bigint' ? { integer: `${value}` } : (value ?? null)
}

function valueFromJson(json: JsonValue | undefined): CursorValue | undefined {
  if (isCursorValue(json)) return json
  const integer = typeof json === 'object' && json !== null ? (json as Position)['integer'] : undefined
  return typeof integer === 'string' ? BigInt(integer) : undefined
}
