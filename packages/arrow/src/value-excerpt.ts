import { jsonText } from './json-text.ts'

/** As much of a value as a message or a report shows of it. */
const excerptLength = 80

/** A value as JSON, cut where it is long. */
export function valueExcerpt(value: unknown): string {
  const text = jsonText(value)
  return text.length > excerptLength ? `${text.slice(0, excerptLength - 1)}…` : text
}
