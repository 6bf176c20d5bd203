/** Where in the data a thing happened: flat, printable, free of secrets. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>

export interface MillraceErrorOptions {
  /** True where the same call may succeed later without anybody changing anything. Default false. */
  readonly retryable?: boolean
  /** Milliseconds the other side asked to wait before a retry. */
  readonly retryAfterMs?: number
  readonly context?: ErrorContext
  readonly cause?: unknown
}

const brand = Symbol.for('millrace.error')

/**
 * The base of every error Millrace throws: a stable `code` to act on, a message that says what failed, where in the
 * data, and what to do.
 *
 * A brand, not `instanceof`, makes {@link isMillraceError} work across two installed copies of the library.
 */
export class MillraceError extends Error {
  readonly code: `E_${string}`
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly context: ErrorContext

  constructor(code: `E_${string}`, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.context = Object.freeze({ ...options.context })
  }
}

Object.defineProperty(MillraceError.prototype, brand, { value: true })

export function isMillraceError(value: unknown): value is MillraceError {
  return typeof value === 'object' && value !== null && brand in value
}
