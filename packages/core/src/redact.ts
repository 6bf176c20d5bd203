import type { Secret } from './secret.ts'

/** Replaces what must not be seen by `[redacted]`. */
export type Redact = (text: string) => string

/** Secrets shorter than this are not searched for: replacing every `a` would destroy the text and hide nothing. */
export const shortestRedacted = 4

/**
 * A function that removes the given secrets from any text, in the spellings they travel in: raw, URL-encoded, as a form
 * field, JSON-escaped and base64.
 *
 * For text that came from elsewhere and may echo a secret back, such as the body of an error answer. Text of our own
 * never holds one in the first place.
 */
export function createRedact(secrets: readonly Secret[]): Redact {
  const spellings = new Set<string>()
  for (const each of secrets) {
    const value = each.reveal()
    if (value.length < shortestRedacted) continue
    const encoded = encodeURIComponent(value)
    for (const spelling of [
      value,
      encoded,
      encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
      encoded.replaceAll('%20', '+'),
      new URLSearchParams({ v: value }).toString().slice(2),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
    ]) {
      spellings.add(spelling)
    }
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((rest, spelling) => rest.replaceAll(spelling, '[redacted]'), text)
}

/**
 * The same for secrets that come and go, as tokens do: they are read each time, and searched for anew where they are others.
 *
 * Worth it where every event and every URL goes through it: making the spellings takes longer than the search.
 */
export function createLiveRedact(secrets: () => readonly Secret[]): Redact {
  let known: readonly Secret[] = []
  let redact = createRedact(known)
  return (text) => {
    const now = secrets()
    if (now.length !== known.length || now.some((each, index) => each !== known[index])) {
      known = [...now]
      redact = createRedact(known)
    }
    return redact(text)
  }
}
