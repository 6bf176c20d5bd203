import { MillraceError, type Position } from '@millrace/core'
import type { PageRequest } from './paginator.ts'

/** After the last page. */
const finished: Position = Object.freeze({ done: true })

/** What is known of the pages before a request. */
export interface Before {
  /** Rows in all of them. Undefined where a position does not say. */
  readonly received: number | undefined
  /** Of the last page with rows, as `pageSignature` gives it. */
  readonly signature: string | undefined
}

/** The position after a page: the request of the one that follows, or the end. */
export function positionBefore(next: PageRequest | undefined, { received, signature }: Before): Position {
  if (next === undefined) return finished
  return {
    next: next as unknown as Position,
    ...(received !== undefined && { received }),
    ...(signature !== undefined && { signature }),
  }
}

/** True where a position made by `paginate` says that the last page was read. */
export function isFinished(position: Position): boolean {
  return position['done'] === true
}

/** The request a position stands before, undefined at the end, and what it says about the pages until there. */
export function requestAt(position: Position): Before & { readonly request: PageRequest | undefined } {
  const { next, received, signature } = position
  const before = {
    received: typeof received === 'number' ? received : undefined,
    signature: typeof signature === 'string' ? signature : undefined,
  }
  if (isFinished(position)) return { ...before, request: undefined }
  if (typeof next !== 'object' || next === null || Array.isArray(next)) {
    throw new MillraceError(
      'E_POSITION',
      `paginate: this position is not one it made: it has ${Object.keys(position).join(', ') || 'no keys'}, expected "next" or "done"; start without it`,
    )
  }
  return { ...before, request: next as PageRequest }
}
