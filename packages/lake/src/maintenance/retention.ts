import { MillraceError } from '@millrace/core'
import type { Snapshot } from '../delta/snapshot.ts'
import { retentionMs } from '../delta/table-properties.ts'

const hourMs = 3_600_000

export interface RetentionOptions {
  /** Hours that removed files stay. Default: what the table's property `delta.deletedFileRetentionDuration` says, else 168: a week. */
  readonly retentionHours?: number
  /** A shorter retention than that default is refused without this: somebody may be reading. Default: false. */
  readonly allowShortRetention?: boolean
}

/**
 * Milliseconds that the removed files of a table stay.
 *
 * @throws {MillraceError} `E_RETENTION` where it would be shorter than the table's own.
 */
export function retentionOf(
  { metadata }: Snapshot,
  table: string,
  { retentionHours, allowShortRetention = false }: RetentionOptions,
): number {
  const own = retentionMs(metadata, 'delta.deletedFileRetentionDuration')
  if (retentionHours === undefined) return own
  const asked = retentionHours * hourMs
  if (asked >= own || allowShortRetention) return asked
  const least = Number.isFinite(own) ? `${own / hourMs} hours` : 'time (not understood, and so endless)'
  throw new MillraceError(
    'E_RETENTION',
    `a retention of ${retentionHours} hours is shorter than the ${least} of table "${table}": what is read or written now could lose its files; choose a longer one, or say that you allow a short one`,
    { context: { table, retentionHours } },
  )
}
