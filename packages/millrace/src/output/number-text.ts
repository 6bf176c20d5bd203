/** 20000 → `20,000`: the same on every machine, whatever its locale. */
export function numberText(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 retry`, `2,000 retries`. */
export function countText(value: number, one: string, many: string): string {
  return `${numberText(value)} ${value === 1 ? one : many}`
}
