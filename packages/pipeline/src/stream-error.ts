import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'

/** Where in the run a stream failed. */
export interface StreamFailure {
  readonly stream: string
  /** The page that failed, from 1, counted over the whole run: pages of a run taken over included. */
  readonly page: number
  /** Pages whose rows are staged. A later run goes on after them. */
  readonly pagesKept: number
}

/**
 * A stream failed. `code`, `retryable` and `retryAfterMs` are those of the error below it, which is the `cause`; what is
 * added is the place in the data, and where the next run goes on.
 */
export class StreamError extends MillraceError {
  constructor(thrown: unknown, failure: StreamFailure) {
    const { stream, page, pagesKept } = failure
    const below = isMillraceError(thrown) ? thrown : undefined
    const kept = pagesKept > 0 ? `; checkpoint kept at page ${pagesKept}, the next run goes on from there` : ''
    super(
      below?.code ?? 'E_STREAM',
      `${errorMessage(thrown).replace(/\.$/, '')} (stream "${stream}", page ${page})${kept}`,
      {
        retryable: below?.retryable ?? false,
        ...(below?.retryAfterMs === undefined ? {} : { retryAfterMs: below.retryAfterMs }),
        context: { ...below?.context, stream, page, pagesKept },
        cause: thrown,
      },
    )
  }
}
