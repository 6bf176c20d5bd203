import { MillraceError } from '@millrace/core'

/** The command line was not understood. Ends with exit code 2. */
export class UsageError extends MillraceError {
  constructor(message: string) {
    super('E_USAGE', message)
  }
}
