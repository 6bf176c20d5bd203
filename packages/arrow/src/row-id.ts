import { hash, randomBytes } from 'node:crypto'
import type { Row } from '@millrace/core'
import { jsonText } from './json-text.ts'

/** 120 bits: among a trillion rows, two are the same with a chance of one in a trillion. */
const idBytes = 15
const idLength = 20

/** The same for every run that reads the same row: a list keeps its order. */
export function childId(parentId: string, table: string, index: number): string {
  return digest(`${parentId}\0${table}\0${index}`)
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

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, idLength)
}

/** At once for a whole page: asking for random bytes costs more than they do. */
export function randomIds(count: number): readonly string[] {
  const text = randomBytes(count * idBytes).toString('base64url')
  return Array.from({ length: count }, (_, index) => text.slice(index * idLength, (index + 1) * idLength))
}
