/** Headers of an answer, such as those of `fetch`. */
export interface HeaderReader {
  get(name: string): string | null
}

/**
 * Milliseconds that a `Retry-After` header asks to wait, or undefined where there is none that can be read.
 *
 * A date is measured against the answer's own `Date`, so that a client whose clock is off waits the right time. A date in
 * the past asks for no wait, and neither does a negative number, which is no valid value.
 *
 * @param now - The client's time, for answers without a `Date`. Milliseconds since 1970.
 * @see RFC 9110 §10.2.3
 */
export function readRetryAfter(headers: HeaderReader, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  const at = parseDate(value)
  return at === undefined ? undefined : Math.max(0, at - answeredAt(headers, now))
}

/** The time on the clock of the server, or ours where it does not say. */
export function answeredAt(headers: HeaderReader, now: number): number {
  return parseDate(headers.get('date') ?? '') ?? now
}

/** `Date.parse` takes much that is no date ("-5" is May 2001): an HTTP date names its month, an ISO date starts so. */
export function parseDate(value: string): number | undefined {
  const isHttp = /[a-z]{3}.*GMT$/i.test(value)
  const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(value)
  if (!isHttp && !iso) return undefined
  // Without a zone, JavaScript reads it as local time, which no server can mean.
  const at = Date.parse(iso ? `${iso[1]}T${iso[2]}${iso[3] ?? 'Z'}` : value)
  return Number.isNaN(at) ? undefined : at
}
