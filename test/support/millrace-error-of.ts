import { isMillraceError, type MillraceError } from '@millrace/core'

/** The error that a call throws, which must be one of ours. */
export function millraceErrorOf(run: () => unknown): MillraceError {
  try {
    run()
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}
