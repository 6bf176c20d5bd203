/**
 * JSON with the keys of every object in order, so that equal values have equal texts. Integers keep all digits, and
 * functions are their source text.
 */
export function stableJson(value: unknown): string {
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'function') return JSON.stringify(String(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${stableJson(each)}`).join(',')}}`
}
