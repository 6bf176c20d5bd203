import { MillraceError } from '@millrace/core'

/**
 * Says that a commit of several tables may have been begun and cannot be ended: some of them may have rows that belong to
 * rows which others lack. No going on makes that right.
 *
 * @param journal - Path of the journal.
 */
export function lostCommit(journal: string, problem: string): MillraceError {
  return new MillraceError(
    'E_CORRUPT',
    `${problem}, and a commit may have been begun that needs it; restore it from a copy, or delete ${journal} to drop what is staged, and run every stream that has nested rows in tables of their own once with mode full-refresh`,
    { context: { path: journal } },
  )
}
