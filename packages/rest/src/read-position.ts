import { type JsonValue, MillraceError, type Position } from '@millrace/core'
import { isFinished } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { Incremental } from './incremental/create-incremental.ts'
import type { Watermark } from './incremental/watermark.ts'
import { watermarkToJson } from './incremental/watermark-json.ts'

/** Where a read of a stream stands. What is stored of it is the position of every page. */
export interface ReadPosition {
  /** Of `paginate`. Undefined before the first page of the read or of its window. */
  readonly paging: Position | undefined
  /** Where the rows were found, if they were found by name. */
  readonly rowsAt: string | undefined
  /** Missing where the stream is not incremental. */
  readonly watermark: Watermark | undefined
  /** Of the window; missing where the read has none. */
  readonly window: JsonValue | undefined
}

/**
 * Where this read begins: in the middle of a run that died, in the middle of one that was stopped by a limit of pages, at
 * the watermark of the last one, or at the beginning.
 */
export function beginRead(
  context: Pick<ReadContext, 'checkpoint' | 'committed'>,
  incremental: Incremental | undefined,
  configuration: string,
): ReadPosition {
  if (context.checkpoint) return resumed(context.checkpoint, incremental)
  const { committed } = context
  if (!committed) return { ...nowhere, watermark: incremental?.begin(undefined, false) }
  const { paging, window } = parse(committed)
  const isUnfinished = window !== undefined || (paging !== undefined && !isFinished(paging))
  const isSameRead = committed['configuration'] === configuration
  const hasCursor = committed['watermark'] !== undefined
  if (isUnfinished && isSameRead && hasCursor === (incremental !== undefined)) return resumed(committed, incremental)
  return {
    ...nowhere,
    ...(isSameRead && { rowsAt: parse(committed).rowsAt }),
    // An unfinished read of other pages is done again from its start: its place in them says nothing about these.
    watermark: incremental?.begin(committed['watermark'], isUnfinished),
  }
}

const nowhere = Object.freeze({ paging: undefined, rowsAt: undefined, watermark: undefined, window: undefined })

function resumed(position: Position, incremental: Incremental | undefined): ReadPosition {
  return { ...parse(position), watermark: incremental?.resume(position['watermark']) }
}

/** @param configuration - Of the stream: an unfinished read goes on only under the same. */
export function toPosition(read: ReadPosition, configuration: string): Position {
  const { paging, rowsAt, watermark, window } = read
  return {
    ...(paging && { paging }),
    configuration,
    ...(rowsAt !== undefined && { rowsAt }),
    ...(watermark && { watermark: watermarkToJson(watermark) }),
    ...(window !== undefined && { window }),
  }
}

function parse(position: Position): Omit<ReadPosition, 'watermark'> {
  const { paging, rowsAt, window } = position
  const isPaging = typeof paging === 'object' && paging !== null && !Array.isArray(paging)
  if (!isPaging && window === undefined) {
    throw new MillraceError(
      'E_POSITION',
      `this position was not made by a REST stream: it has ${Object.keys(position).join(', ') || 'no keys'}, expected "paging"; run with a full refresh to start anew`,
    )
  }
  return {
    paging: isPaging ? (paging as Position) : undefined,
    rowsAt: typeof rowsAt === 'string' ? rowsAt : undefined,
    window,
  }
}
