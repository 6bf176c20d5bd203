import type { Redaction } from './redaction.ts'

/** Redacted before it is cut to size, so that no cut leaves the half of a secret, which no search would find. */
const redactionWindow = 65_536

/** As much of an answer as a message quotes, characters. */
const quotedLength = 200

/** The start of a text, free of secrets. */
export function excerptOf(text: string, length: number, redaction: Redaction): string {
  return redaction.text(text.slice(0, redactionWindow)).slice(0, length)
}

/** The start of an excerpt as one line, for a message. */
export function lineOf(excerpt: string): string {
  const line = excerpt.replace(/\s+/g, ' ').trim()
  return line.length > quotedLength ? `${line.slice(0, quotedLength)}…` : line
}

/** The start of a text as one line, free of secrets, for a message. */
export function quoteOf(text: string, redaction: Redaction): string {
  return lineOf(excerptOf(text, quotedLength * 2, redaction))
}
