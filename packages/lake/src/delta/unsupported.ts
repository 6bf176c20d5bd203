import { MillraceError } from '@millrace/core'

/** Says what of a table this library does not know, so that nothing is read wrongly. */
export function unsupported(table: string, problem: string): MillraceError {
  return new MillraceError(
    'E_UNSUPPORTED_TABLE',
    `table ${table}: ${problem}, which this version of Millrace cannot work with; use the tool that made it`,
    { context: { table } },
  )
}
