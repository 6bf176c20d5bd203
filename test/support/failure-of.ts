import { isMillraceError, type MillraceError } from '@millrace/core'

/** The error that a promise rejects with, which must be one of ours. */
export async function failureOf(promise: Promise<unknown>): Promise<MillraceError> {
  const thrown = await promise.then(
    (value: unknown) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (isMillraceError(thrown)) return thrown
  throw thrown instanceof Error ? thrown : new Error(`expected an Error, got ${String(thrown)}`)
}
