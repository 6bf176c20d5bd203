/** 20000 → `20,000`: the same on every machine, whatever its locale. */
export function numberText(value: number): string {
  return value.toLocaleString('en-US')
}
