import { isPlainObject } from './kind.ts'
import { UnstorableError } from './unstorable-error.ts'

/** Deepest value written as JSON text: beyond it a recursion could exhaust the stack. */
export const deepestText = 1_000

/**
 * JSON text of a value, which differs from `JSON.stringify` only where that would lose something: a `bigint` keeps its
 * digits, `-0` keeps its sign, and what JSON cannot carry is an error instead of `null`.
 *
 * Half a surrogate pair is written as an escape (`"\ud800"`). A member that is undefined is left out.
 */
export function jsonText(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      if (!Number.isFinite(value)) throw new UnstorableError(value)
      return Object.is(value, -0) ? '-0' : String(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'null'
    default:
  }
  if (value === null) return 'null'
  if (depth === deepestText) throw new UnstorableError(value, `a value nested deeper than ${deepestText}`)
  if (Array.isArray(value)) return listText(value, depth + 1)
  if (isPlainObject(value)) return objectText(value, depth + 1)
  throw new UnstorableError(value)
}

function listText(list: readonly unknown[], depth: number): string {
  let text = '['
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + jsonText(list[i], depth)
  return `${text}]`
}

function objectText(object: Readonly<Record<string, unknown>>, depth: number): string {
  let text = '{'
  for (const key of Object.keys(object)) {
    const member = object[key]
    if (member === undefined) continue
    text += `${(text.length === 1 ? '' : ',') + JSON.stringify(key)}:${jsonText(member, depth)}`
  }
  return `${text}}`
}
