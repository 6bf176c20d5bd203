/** Checks an option that counts something. @throws {RangeError} naming the option, quoting value and type. */
export function wholeNumber(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number from ${least}, got ${value} (${typeof value})`)
  }
  return value
}
