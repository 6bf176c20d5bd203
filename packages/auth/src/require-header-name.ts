/** A token as RFC 9110 §5.6.2 defines it: what header and cookie names are made of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** @param what - The option, such as `apiKey: name`. */
export function requireHeaderName(what: string, name: string): void {
  if (!token.test(name)) throw new RangeError(`${what} must be one word of letters, digits and dashes, got "${name}"`)
}
