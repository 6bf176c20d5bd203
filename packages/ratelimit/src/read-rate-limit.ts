import { answeredAt, type HeaderReader, parseDate, readRetryAfter } from './read-retry-after.ts'

/** What an answer says about the quota of its caller. */
export interface RateLimit {
  /** Calls that the quota has per window. */
  readonly limit?: number
  /** Calls that are left of it. */
  readonly remaining?: number
  /** Milliseconds until it is full again. */
  readonly resetMs?: number
  /** Milliseconds that `Retry-After` asks to wait. It goes before all else. */
  readonly retryAfterMs?: number
}

/** One of those that an answer announces. */
interface AnnouncedQuota {
  readonly limit?: number
  readonly remaining: number
  readonly resetMs?: number
}

/** Beginnings of the names that `-Limit`, `-Remaining` and `-Reset` are put behind. */
const prefixes = ['ratelimit', 'x-ratelimit', 'x-rate-limit']

/**
 * Reads the headers that announce a quota, in all their dialects: the two forms of the IETF draft (`RateLimit: limit=100,
 * remaining=50, reset=30`, and `RateLimit: "default";r=50;t=30` with `RateLimit-Policy`), and `RateLimit-…`,
 * `X-RateLimit-…` and `X-Rate-Limit-…` with `Limit`, `Remaining`, and `Reset` or `Reset-After`.
 *
 * A reset is seconds from now, seconds or milliseconds since 1970, or a date: which one, its size tells. Points in time are
 * measured against the answer's own `Date`. Of several quotas the one counts that stops its caller first and longest.
 *
 * @param now - The client's time, for answers without a `Date`. Milliseconds since 1970.
 * @returns undefined where the headers say nothing that can be read.
 * @see draft-ietf-httpapi-ratelimit-headers-06 and -10
 */
export function readRateLimit(headers: HeaderReader, now: number): RateLimit | undefined {
  const retryAfterMs = readRetryAfter(headers, now)
  // Only where a point in time is met, as a date takes long to read.
  const serverNow = (): number => answeredAt(headers, now)
  const quotas = [
    ...readStructured(headers),
    ...prefixes.flatMap((prefix) => readSeparate(headers, prefix, serverNow) ?? []),
  ]
  const [quota] = quotas.sort(byStrictness)
  if (quota === undefined && retryAfterMs === undefined) return undefined
  return { ...quota, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** Those that are used up come first, and of these the one that lasts longest; then the one with least left. */
function byStrictness(one: AnnouncedQuota, other: AnnouncedQuota): number {
  if (one.remaining <= 0 && other.remaining <= 0) return (other.resetMs ?? 0) - (one.resetMs ?? 0)
  return one.remaining - other.remaining
}

function readStructured(headers: HeaderReader): AnnouncedQuota[] {
  const value = headers.get('ratelimit')
  if (!value) return []
  const named = parametersOf(value.replaceAll(',', ';'))
  if (named.has('remaining')) return quotaOf(named.get('limit'), named.get('remaining'), named.get('reset'))
  const policies = new Map(itemsOf(headers.get('ratelimit-policy')).map((item) => [nameOf(item), parametersOf(item)]))
  return itemsOf(value).flatMap((item) => {
    const parameters = parametersOf(item)
    return quotaOf(policies.get(nameOf(item))?.get('q'), parameters.get('r'), parameters.get('t'))
  })
}

function itemsOf(list: string | null): string[] {
  return (list ?? '').split(',').map((item) => item.trim())
}

function nameOf(item: string): string {
  return item.split(';', 1)[0]?.trim() ?? ''
}

/** `a=1; b="2"` → a: 1, b: 2. */
function parametersOf(text: string): Map<string, string> {
  const pairs = text.matchAll(/([a-z]+)\s*=\s*"?([^\s;,"]+)/gi)
  return new Map(Array.from(pairs, ([, name = '', value = '']) => [name.toLowerCase(), value]))
}

function quotaOf(
  limit: string | undefined,
  remaining: string | undefined,
  seconds: string | undefined,
): AnnouncedQuota[] {
  const left = numberIn(remaining)
  if (left === undefined) return []
  return [withReset({ ...limitOf(limit), remaining: left }, secondsFromNow(numberIn(seconds)))]
}

function readSeparate(headers: HeaderReader, prefix: string, serverNow: () => number): AnnouncedQuota | undefined {
  const remaining = numberIn(headers.get(`${prefix}-remaining`))
  if (remaining === undefined) return undefined
  const after = secondsFromNow(numberIn(headers.get(`${prefix}-reset-after`)))
  const reset = after ?? readReset(headers.get(`${prefix}-reset`)?.trim(), serverNow)
  return withReset({ ...limitOf(headers.get(`${prefix}-limit`)), remaining }, reset)
}

/** Seconds since 1970 are above this since 2001; as seconds from now it would be 31 years. */
const firstEpochSecond = 1_000_000_000

/** Milliseconds since 1970 are above this since 1973; as seconds since 1970 it would be the year 5138. */
const firstEpochMillisecond = 100_000_000_000

function readReset(value: string | undefined, serverNow: () => number): number | undefined {
  const number = numberIn(value)
  if (number === undefined) {
    const at = parseDate(value ?? '')
    return at === undefined ? undefined : fromNow(at, serverNow)
  }
  if (number >= firstEpochMillisecond) return fromNow(number, serverNow)
  return number >= firstEpochSecond ? fromNow(number * 1000, serverNow) : secondsFromNow(number)
}

/** The shortest wait of a header that counts whole seconds: 0 means that the current one is not over yet. */
const wholeSecondMs = 1000

function fromNow(at: number, serverNow: () => number): number {
  return Math.max(wholeSecondMs, at - serverNow())
}

function secondsFromNow(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined
  return seconds === 0 ? wholeSecondMs : seconds * 1000
}

/** The first number: a `RateLimit-Limit` may go on with its policy, `100, 100;w=60`. */
function numberIn(value: string | null | undefined): number | undefined {
  const digits = /^\s*(\d+(?:\.\d+)?)\s*(?:[,;]|$)/.exec(value ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function limitOf(value: string | null | undefined): { readonly limit?: number } {
  const limit = numberIn(value)
  return limit === undefined ? {} : { limit }
}

function withReset(quota: AnnouncedQuota, resetMs: number | undefined): AnnouncedQuota {
  return resetMs === undefined ? quota : { ...quota, resetMs }
}
