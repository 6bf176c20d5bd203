import { errorMessage, MillraceError } from '@millrace/core'

/** Runs a call into a Parquet library; whatever it throws (one of them throws strings) becomes `E_PARQUET`, once. */
export async function attempt<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    throw new MillraceError('E_PARQUET', `${what}: ${errorMessage(thrown)}`, { cause: thrown })
  }
}
