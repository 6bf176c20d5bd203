/** JSON as {@link JSON.stringify} writes it, with `bigint` as the digits it stands for. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'object' && value !== null && !('toJSON' in value)) {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined)
    return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
