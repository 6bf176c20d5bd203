import { isMillraceError } from '@millrace/core'
import { ConfigError } from '@millrace/rest'
import { Interrupted } from './interrupted.ts'
import { UsageError } from './usage-error.ts'

/** What the command line ends with. */
export const exitCodes: Readonly<Record<'done' | 'failed' | 'misused' | 'resumable', number>> = Object.freeze({
  done: 0,
  failed: 1,
  /** Bad configuration or usage: nothing was tried. */
  misused: 2,
  /** Stopped, and the same command later goes on from here. */
  resumable: 3,
})

/** Codes that say the stream is sound and only the time is wrong. */
const resumableCodes: readonly string[] = ['E_WAIT_TOO_LONG', 'E_INCOMPLETE']

/** Mistakes in what the user wrote, found after the configuration itself was read. */
const misuseCodes: readonly string[] = [
  'E_STREAM_UNKNOWN',
  'E_STREAM_INVALID',
  'E_TABLE_NAME',
  'E_SORT_COLUMN',
  'E_RETENTION',
]

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof Interrupted) return thrown.exitCode
  if (thrown instanceof UsageError || thrown instanceof ConfigError) return exitCodes.misused
  if (isMillraceError(thrown)) {
    if (resumableCodes.includes(thrown.code)) return exitCodes.resumable
    if (misuseCodes.includes(thrown.code)) return exitCodes.misused
  }
  return exitCodes.failed
}
