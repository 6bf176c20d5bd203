/** A value JSON cannot carry. Thrown deep inside a value, turned into `E_VALUE` where column and row are known. */
export class UnstorableError extends Error {
  constructor(value: unknown, description: string = describe(value)) {
    super(description)
    this.name = 'UnstorableError'
  }
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'a class'}`
  return `a ${typeof value}`
}
