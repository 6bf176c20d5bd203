/**
 * Milliseconds that a `Retry-After` header asks to wait, or undefined where there is none that can be read.
 *
 * A date is measured against the answer's own `Date`, so that a client whose clock is off waits the right time.
 *
 * @param now - The client's time, for answers without a `Date`. Milliseconds since 1970.
 * @see RFC 9110 §10.2.3
 */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  // `Date.parse` takes much that is no date ("-5" is May 2001): an HTTP date names its month and its zone.
  const at = /[a-z]{3}.*GMT$/i.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const answeredAt = Date.parse(headers.get('date') ?? '')
  return Math.max(0, at - (Number.isNaN(answeredAt) ? now : answeredAt))
}
