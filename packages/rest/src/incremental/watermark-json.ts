import { isJsonObject, type JsonObject, type JsonValue, type Position } from '@millrace/core'
import { type CursorValue, isCursorValue } from './compare-cursor-values.ts'
import type { CursorIdentity } from './incremental-plan.ts'
import {
  type DroppedRows,
  type KnownRow,
  type Mark,
  notBegun,
  nothingDropped,
  type Progress,
  type Watermark,
  wholeStream,
} from './watermark.ts'

/** As small as it goes, since it is stored with every page: what has its default value is left out. */
export function watermarkToJson({ cursor, progress, dropped }: Watermark): Position {
  const { cursorPath, cursorFrom, order, perParent } = cursor
  return {
    cursorPath,
    ...(cursorFrom !== 'row' && { cursorFrom }),
    ...(order !== 'max' && { order }),
    ...(perParent
      ? { parents: Object.fromEntries([...progress].map(([key, each]) => [key, progressToJson(each)])) }
      : progressToJson(progress.get(wholeStream) ?? notBegun)),
    dropped: { ...dropped },
  }
}

/** Reads what {@link watermarkToJson} wrote, in this version or an earlier one; undefined where there is nothing of it. */
export function watermarkFromJson(json: JsonValue | undefined): Watermark | undefined {
  if (!isJsonObject(json) || typeof json['cursorPath'] !== 'string') return undefined
  const { cursorPath, cursorFrom = 'row', order = 'max', parents, dropped } = json
  const cursor = { cursorPath, cursorFrom, order, perParent: isJsonObject(parents) } as CursorIdentity
  const progress = isJsonObject(parents)
    ? Object.entries(parents).map(([key, each]) => [key, progressFromJson(each)] as const)
    : [[wholeStream, progressFromJson(json)] as const]
  return {
    cursor,
    progress: new Map(progress),
    dropped: { ...nothingDropped, ...((dropped ?? {}) as Partial<DroppedRows>) },
  }
}

function progressToJson({ before, now, reached }: Progress): JsonObject {
  return {
    ...markToJson(now),
    ...(before !== now && { before: markToJson(before) }),
    ...(reached !== undefined && { reached: valueToJson(reached) }),
  }
}

function progressFromJson(json: JsonValue): Progress {
  if (!isJsonObject(json)) return notBegun
  const now = markFromJson(json)
  const { before, start, startTies } = json
  // An earlier version kept the start itself, which was where the reads before had come to.
  const began = before ?? (start === undefined ? undefined : { last: start, ties: startTies ?? [] })
  return {
    now,
    before: began === undefined ? now : markFromJson(began),
    reached: valueFromJson(json['reached']),
  }
}

function markToJson({ last, known }: Mark): JsonObject {
  return {
    ...(last !== undefined && { last: valueToJson(last) }),
    // Rows at the last value, all of them where there is no lag, need no value of their own.
    ...(known.length > 0 && {
      ties: known.map(({ digest, value }) => (value === last ? digest : [digest, valueToJson(value)])),
    }),
  }
}

function markFromJson(json: JsonValue): Mark {
  if (!isJsonObject(json)) return notBegun.now
  const last = valueFromJson(json['last'])
  const ties = Array.isArray(json['ties']) ? (json['ties'] as readonly JsonValue[]) : []
  return { last, known: ties.map((tie) => knownFromJson(tie, last)).filter((row) => row !== undefined) }
}

function knownFromJson(tie: JsonValue, last: CursorValue | undefined): KnownRow | undefined {
  const [digest, own] = Array.isArray(tie) ? (tie as readonly JsonValue[]) : [tie]
  const value = own === undefined ? last : valueFromJson(own)
  return typeof digest === 'string' && value !== undefined ? { digest, value } : undefined
}

/** JSON has no integers beyond 2^53. */
export function valueToJson(value: CursorValue): JsonValue {
  return typeof value === 'bigint' ? { integer: `${value}` } : value
}

export function valueFromJson(json: JsonValue | undefined): CursorValue | undefined {
  if (isCursorValue(json)) return json
  return isJsonObject(json) && typeof json['integer'] === 'string' ? BigInt(json['integer']) : undefined
}
