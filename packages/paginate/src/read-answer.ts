import { MillraceError } from '@millrace/core'
import type { Answer } from './paginator.ts'
import { valueAt } from './value-at.ts'

/** Items the API sent, whatever became of them. */
export function receivedBy(answer: Answer): number {
  return answer.received ?? answer.rows.length
}

/** A count at a path of the body, also one written as text; undefined where there is none. */
export function countAt(answer: Answer, path: string): number | undefined {
  const value = valueAt(answer.body, path)
  const isText = typeof value === 'string' && value.trim() !== ''
  const count = isText || typeof value === 'bigint' ? Number(value) : value
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined
}

/** What the body says at `hasMorePath`. @throws {MillraceError} `E_PAGINATOR` where it says neither yes nor no. */
export function hasMoreAt(answer: Answer, path: string, paginator: string): boolean {
  const found = valueAt(answer.body, path)
  const value = typeof found === 'string' ? found.toLowerCase() : found
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw unusable(answer, { paginator, what: `"${path}" (hasMorePath)`, expected: 'true or false', found })
}

interface Unusable {
  readonly paginator: string
  /** The place that was looked at, and the option that named it. */
  readonly what: string
  readonly expected: string
  readonly found: unknown
}

/** The error for an answer that lacks what was promised. */
export function unusable(answer: Answer, { paginator, what, expected, found }: Unusable): MillraceError {
  const body = answer.body
  const keys = typeof body === 'object' && body !== null ? Object.keys(body).slice(0, 20).join(', ') : typeof body
  const value =
    found === undefined ? 'nothing' : found === null || typeof found === 'object' ? 'no such value' : String(found)
  return new MillraceError(
    'E_PAGINATOR',
    `paginator "${paginator}": expected ${expected} at ${what} in the answer, found ${value}; the answer has: ${keys}`,
    { context: { paginator, url: answer.meta?.url } },
  )
}

/** The error for a position that another paginator made. */
export function notOurs(paginator: string, name: string, option: string): MillraceError {
  return new MillraceError(
    'E_POSITION',
    `paginator "${paginator}": the position to go on from has no number "${name}": it was made by another paginator or under another ${option}; start without it`,
  )
}
