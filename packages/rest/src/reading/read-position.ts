import { isJsonObject, type JsonObject, type JsonValue, MillraceError, type Position } from '@millrace/core'
import { isFinished } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { Incremental } from '../incremental/create-incremental.ts'
import type { Watermark } from '../incremental/watermark.ts'
import { watermarkToJson } from '../incremental/watermark-json.ts'
import type { ParentValues } from '../parents/parent-values.ts'

/** Where a read of one endpoint stands, all its placeholders filled in. */
export interface UnitPosition {
  /** Of `paginate`. Undefined before the first page of the endpoint or of its window. */
  readonly paging: Position | undefined
  /** Of the window; missing where the read has none. */
  readonly window: JsonValue | undefined
}

/** Where a child stands among the rows of its parent. */
export interface ParentsPosition {
  /** Of the parent, after the page that the rows below are from. Undefined before the first. */
  readonly position: Position | undefined
  /** The row that is being read for. */
  readonly current: ParentValues | undefined
  /** Rows whose turn has not come. */
  readonly pending: readonly ParentValues[]
  /** Digests of the rows that came last, where each is read for once. */
  readonly seen: readonly string[]
}

/** Where a read of a resource stands. What is stored of it is the position of every page. */
export interface ReadPosition {
  /** Pages that lie behind. */
  readonly page: number
  /** Missing between two rows of a parent. */
  readonly unit: UnitPosition | undefined
  /** Missing where the resource is no child. */
  readonly parents: ParentsPosition | undefined
  /** Where the rows were found, if they were found by name. */
  readonly rowsAt: string | undefined
  /** Missing where the resource is not incremental. */
  readonly watermark: Watermark | undefined
}

/** What is stored of earlier reads of a resource. */
export type Stored = Pick<ReadContext, 'checkpoint' | 'committed'>

/** How a read begins. */
export interface Begin {
  readonly at: ReadPosition
  /** The position that the read goes on from. Undefined where it begins anew. */
  readonly goesOn: Position | undefined
  /** What is stored of earlier reads of the parent, where there is one. */
  readonly parent: Stored
}

/** What of a resource decides how positions are to be understood. */
export interface PositionRules {
  readonly incremental: Incremental | undefined
  /** Of the stream: an unfinished read goes on only under the same. */
  readonly configuration: string
  readonly isChild: boolean
}

/** Before the first row of the parent. */
export const noParents: ParentsPosition = { position: undefined, current: undefined, pending: [], seen: [] }

/**
 * Where this read begins: in the middle of a run that died, in the middle of one that was stopped by a limit of pages, at
 * the watermark of the last one, or at the beginning.
 */
export function beginRead({ checkpoint, committed }: Stored, rules: PositionRules): Begin {
  const { incremental, configuration, isChild } = rules
  const isSameRead = committed?.['configuration'] === configuration
  const isUnfinished = committed !== undefined && !isFinishedRead(committed)
  const goesOn = checkpoint ?? (isSameRead && isUnfinished ? committed : undefined)
  if (goesOn) {
    const at = { ...parse(goesOn, isChild), watermark: incremental?.resume(goesOn['watermark']) }
    return { at, goesOn, parent: at.parents?.position ? { checkpoint: at.parents.position } : {} }
  }
  const parentPosition = committed && parentsOf(committed)?.['position']
  return {
    at: {
      page: 0,
      unit: undefined,
      parents: isChild ? noParents : undefined,
      rowsAt: isSameRead ? rowsAtOf(committed) : undefined,
      // An unfinished read of other pages is done again from its start: its place in them says nothing about these.
      watermark: incremental?.begin(committed?.['watermark'], isUnfinished),
    },
    goesOn: undefined,
    parent: isJsonObject(parentPosition) ? { committed: parentPosition } : {},
  }
}

/** Whether nothing is left to read after a stored position. */
export function isFinishedRead(position: Position): boolean {
  const parents = parentsOf(position)
  const { paging, window } = position
  if (!parents) return window === undefined && isJsonObject(paging) && isFinished(paging)
  const { position: parent, pending } = parents
  const isBetweenRows = parents['current'] === undefined
  return (
    isBetweenRows &&
    !(pending as readonly JsonValue[] | undefined)?.length &&
    isJsonObject(parent) &&
    isFinishedRead(parent)
  )
}

export function toPosition(read: ReadPosition, configuration: string): Position {
  const { page, unit, parents, rowsAt, watermark } = read
  return {
    ...(unit?.paging && { paging: unit.paging }),
    ...(unit?.window !== undefined && { window: unit.window }),
    page,
    configuration,
    ...(parents && { parents: parentsToJson(parents) }),
    ...(rowsAt !== undefined && { rowsAt }),
    ...(watermark && { watermark: watermarkToJson(watermark) }),
  }
}

function parentsToJson({ position, current, pending, seen }: ParentsPosition): JsonObject {
  return {
    ...(position && { position }),
    ...(current && { current }),
    ...(pending.length > 0 && { pending }),
    ...(seen.length > 0 && { seen }),
  }
}

function parse(position: Position, isChild: boolean): Omit<ReadPosition, 'watermark'> {
  const { paging, window, page } = position
  const parents = parentsOf(position)
  const hasUnit = isJsonObject(paging) || window !== undefined
  if (isChild ? parents === undefined : !hasUnit) {
    throw new MillraceError(
      'E_POSITION',
      `this position was not made by a REST stream: it has ${Object.keys(position).join(', ') || 'no keys'}, expected "${isChild ? 'parents' : 'paging'}"; run with a full refresh to start anew`,
    )
  }
  return {
    page: typeof page === 'number' ? page : 0,
    unit: hasUnit ? { paging: isJsonObject(paging) ? paging : undefined, window } : undefined,
    parents: parents && {
      ...noParents,
      ...(parents as { position?: Position; current?: ParentValues; pending?: ParentValues[]; seen?: string[] }),
    },
    rowsAt: rowsAtOf(position),
  }
}

function rowsAtOf({ rowsAt }: Position): string | undefined {
  return typeof rowsAt === 'string' ? rowsAt : undefined
}

function parentsOf(position: Position): JsonObject | undefined {
  const { parents } = position
  return isJsonObject(parents) ? parents : undefined
}
