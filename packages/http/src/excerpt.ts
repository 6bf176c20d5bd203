import type { Redaction } from './redaction.ts'

/** Redacted before it is cut to size, so that no cut leaves the half of a secret, which no search would find. */
const redactionWindow = 65_536

/** The start of a text, free of secrets. */
export function excerptOf(text: string, length: number, redaction: Redaction): string {
  return redaction.text(text.slice(0, redactionWindow)).slice(0, length)
}

/** The start of a text as one line, for a message. */
export function lineOf(excerpt: string, length: number): string {
  const line = excerpt.replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length)}…` : line
}
