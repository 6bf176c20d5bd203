import { MillraceError, type Position } from '@millrace/core'
import type { PageRequest } from './paginator.ts'

/** After the last page. */
const finished: Position = Object.freeze({ done: true })

/** The position after a page: the request of the one that follows, or the end. */
export function positionBefore(next: PageRequest | undefined): Position {
  return next === undefined ? finished : ({ next } as unknown as Position)
}

/** True where a position made by `paginate` says that the last page was read. */
export function isFinished(position: Position): boolean {
  return position['done'] === true
}

/** The request a position stands before; undefined at the end. */
export function requestAt(position: Position): PageRequest | undefined {
  if (isFinished(position)) return undefined
  const next = position['next']
  if (typeof next !== 'object' || next === null || Array.isArray(next)) {
    throw new MillraceError(
      'E_POSITION',
      `paginate: this position is not one it made: it has ${Object.keys(position).join(', ') || 'no keys'}, expected "next" or "done"; start without it`,
    )
  }
  return next as PageRequest
}
