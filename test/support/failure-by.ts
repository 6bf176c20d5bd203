import { isMillraceError, type MillraceError } from '@millrace/core'

/** The error that a function throws, which must be one of ours. */
export function failureBy(run: () => unknown): MillraceError {
  let value: unknown
  try {
    value = run()
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown
    throw thrown instanceof Error ? thrown : new Error(`expected an Error, got ${String(thrown)}`)
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`)
}
