import type { JsonValue } from '@millrace/core'

/**
 * Any value of a row as JSON that survives storage: integers beyond 2^53 are marked, dates are ISO 8601 texts, and what is
 * no data at all becomes null.
 */
export function toStoredJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return { $integer: String(value) }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map(toStoredJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toStoredJson(each)]))
  }
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) ? (value as JsonValue) : null
}

/** What {@link toStoredJson} was given. */
export function fromStoredJson(json: JsonValue): JsonValue {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(fromStoredJson)
  const entries = Object.entries(json)
  const [only] = entries
  if (entries.length === 1 && only?.[0] === '$integer') return BigInt(String(only[1]))
  return Object.fromEntries(entries.map(([key, each]) => [key, fromStoredJson(each as JsonValue)]))
}
