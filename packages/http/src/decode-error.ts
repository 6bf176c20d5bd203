export interface DecodeErrorOptions {
  /** The text ends in the middle of a value: it was cut on the way, and may be whole the next time. */
  readonly isTruncated?: boolean
  /** The body, or the line of it that is wrong, as far as it is text; not redacted. */
  readonly text: string
  /** Of the line that is wrong, from 1, where the format has lines. */
  readonly line?: number
}

/** Why a body cannot be decoded. The message goes on after "the body". */
export class DecodeError extends Error {
  readonly isTruncated: boolean
  readonly text: string
  readonly line: number | undefined

  constructor(message: string, options: DecodeErrorOptions) {
    super(message)
    this.name = 'DecodeError'
    this.isTruncated = options.isTruncated ?? false
    this.text = options.text
    this.line = options.line
  }
}

/** Why a text that should be data is a web page, or undefined where it does not look like one. */
export function webPageReason(text: string): string | undefined {
  const isMarkup = text.trimStart().startsWith('<')
  return isMarkup ? 'is HTML or XML, such as a login page; check the path and the credentials' : undefined
}
