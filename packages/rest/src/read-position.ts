import { MillraceError, type Position } from '@millrace/core'
import { isFinished } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { IncrementalConfig } from './config/incremental-config.ts'
import { nothingDropped, type Watermark, watermarkFromJson, watermarkToJson } from './incremental/watermark.ts'

/** Where a read of a stream stands. What is stored of it is the position of every page. */
export interface ReadPosition {
  /** Of `paginate`. Undefined before the first page. */
  readonly paging: Position | undefined
  /** Where the rows were found, if they were found by name. */
  readonly rowsAt: string | undefined
  /** Missing where the stream is not incremental. */
  readonly watermark: Watermark | undefined
}

/**
 * Where this read begins: in the middle of a run that died, in the middle of one that was stopped by a limit of pages, at
 * the watermark of the last one, or at the beginning.
 */
export function beginRead(
  context: Pick<ReadContext, 'checkpoint' | 'committed'>,
  incremental: IncrementalConfig | undefined,
  configuration: string,
): ReadPosition {
  if (context.checkpoint) return parse(context.checkpoint, incremental)
  const { committed } = context
  const cursorPath = incremental?.cursorPath
  // Of another cursor path, or of none: it says nothing about this one.
  if (!committed || storedCursorPath(committed) !== cursorPath) {
    return { paging: undefined, rowsAt: undefined, watermark: incremental && freshWatermark(incremental) }
  }
  const before = parse(committed, incremental)
  const isUnfinished = before.paging !== undefined && !isFinished(before.paging)
  const isSameRead = committed['configuration'] === configuration
  if (isUnfinished && isSameRead) return before
  return {
    paging: undefined,
    rowsAt: isSameRead ? before.rowsAt : undefined,
    watermark: incremental && (isUnfinished ? restarted(before) : freshWatermark(incremental, before.watermark)),
  }
}

/** An unfinished read of other pages is done again from its start: its place in them says nothing about these. */
function restarted({ watermark }: ReadPosition): Watermark | undefined {
  if (!watermark) return undefined
  const { start, startTies } = watermark
  return { ...watermark, last: start, ties: startTies, dropped: nothingDropped }
}

function freshWatermark(incremental: IncrementalConfig, before?: Watermark): Watermark {
  const { cursorPath, initialValue } = incremental
  const { last, ties = [] } = before ?? {}
  return { cursorPath, start: last ?? initialValue, startTies: ties, last, ties, dropped: nothingDropped }
}

/** @param configuration - Of the stream: an unfinished read goes on only under the same. */
export function toPosition(read: ReadPosition & { readonly paging: Position }, configuration: string): Position {
  return {
    paging: read.paging,
    configuration,
    ...(read.rowsAt !== undefined && { rowsAt: read.rowsAt }),
    ...(read.watermark && { watermark: watermarkToJson(read.watermark) }),
  }
}

function parse(position: Position, incremental: IncrementalConfig | undefined): ReadPosition {
  const { paging, rowsAt, watermark } = position
  if (typeof paging !== 'object' || paging === null || Array.isArray(paging)) {
    throw new MillraceError(
      'E_POSITION',
      `this position was not made by a REST stream: it has ${Object.keys(position).join(', ') || 'no keys'}, expected "paging"; run with a full refresh to start anew`,
    )
  }
  return {
    paging: paging as Position,
    rowsAt: typeof rowsAt === 'string' ? rowsAt : undefined,
    watermark: incremental && (watermarkFromJson(watermark, incremental.cursorPath) ?? freshWatermark(incremental)),
  }
}

function storedCursorPath(position: Position): string | undefined {
  const { watermark } = position
  if (typeof watermark !== 'object' || watermark === null) return undefined
  const path = (watermark as Position)['cursorPath']
  return typeof path === 'string' ? path : undefined
}
