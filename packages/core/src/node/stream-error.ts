import { errorMessage } from '../error-message.ts'
import { MillraceError } from '../millrace-error.ts'

/** What a stream fails with, as an error of ours. */
export function streamError(thrown: unknown, bytes: number): MillraceError {
  const message = `the stream that is written to failed or was closed after ${bytes} bytes, before all were written: ${errorMessage(thrown)}`
  return new MillraceError('E_WRITE_STREAM', message, { context: { bytes }, cause: thrown })
}
