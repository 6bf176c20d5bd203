import { hash, randomBytes } from 'node:crypto'
import type { Row } from '@millrace/core'
import { jsonText } from './json-text.ts'

/** 120 bits: among a trillion rows, two are the same with a chance of one in a trillion. */
const idBytes = 15
const idLength = 20

/**
 * What the ids of the rows of one list begin with; their places in it follow. The same in every run that reads the same
 * row. One digest a list and not a row: it costs more than all else that is done with a short row.
 */
export function listId(parentId: string, table: string): string {
  return digest(`${parentId}\0${table}`)
}

/** An id made of a row's key. Undefined where there is no key, or a row has not all of it. */
export function keyId(flat: Row, primaryKey: readonly string[]): string | undefined {
  if (primaryKey.length === 0) return undefined
  const values = primaryKey.map((name) => (Object.hasOwn(flat, name) ? flat[name] : undefined))
  if (values.some((value) => value === undefined || value === null)) return undefined
  try {
    return digest(jsonText(values))
  } catch {
    // No JSON: the converter refuses the row, and knows what to call it.
    return undefined
  }
}

/** An id made of all that is in a row: another row has it only where it is the same. Undefined for what is no JSON. */
export function contentId(row: Row, settings: readonly unknown[]): string | undefined {
  try {
    return digest(jsonText([settings, row]))
  } catch {
    return undefined
  }
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, idLength)
}

/** At once for a whole page: asking for random bytes costs more than they do. */
export function randomIds(count: number): readonly string[] {
  const text = randomBytes(count * idBytes).toString('base64url')
  return Array.from({ length: count }, (_, index) => text.slice(index * idLength, (index + 1) * idLength))
}
