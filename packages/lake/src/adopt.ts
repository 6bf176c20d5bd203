import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Emit } from '@millrace/core'
import type { Fence } from './fence.ts'
import { journalPath, readJournal } from './journal.ts'
import { isMissing } from './log.ts'
import { isPartName } from './part-name.ts'
import { safeName } from './safe-name.ts'
import type { Seen } from './seen.ts'
import type { Stage } from './stage.ts'
import { isCommitted, type StagedStream } from './staged-stream.ts'
import { onDisk } from './storage-error.ts'

/** The newest stage that an older session left behind. Read it before the logs: they may only be newer than it. */
export async function findDeadStage(fence: Fence): Promise<Stage | undefined> {
  for (const folder of await fence.older()) {
    const stage = await readJournal(journalPath(folder))
    if (stage) return stage
  }
  return undefined
}

/**
 * Takes over what is still of use in a dead session's stage.
 *
 * Of use is what the log does not have: where the stream's transaction is the one that the stage was read on top of,
 * nobody has committed since. Where it is the next one and of the same run, the session died after that commit and before
 * it could forget its stage: its rows are in the log, and reading goes on behind them. Anything else is of the past.
 *
 * @returns True where streams were taken over.
 */
export async function adopt(dead: Stage, seen: Seen, stage: Stage, lake: string, emit: Emit): Promise<boolean> {
  for (const leftover of dead.leftovers) stage.addLeftover(leftover)
  const useful: StagedStream[] = []
  for (const staged of dead.streams) {
    const { stream, table } = staged.table
    stage.addLeftover({ stream, table, writer: dead.owner.writer })
    const stored = seen.stored(table, stream)
    const version = seen.base(table, stream)
    if (version === staged.base) {
      const lost = await missingFile(staged, lake)
      if (lost === undefined) useful.push(staged)
      else emit({ type: 'stage-discarded', stream, reason: `its file ${lost} is not there any more` })
    } else if (version === staged.base + 1 && stored?.run === dead.owner.run) {
      const nothing = { segments: [], open: [], openRows: 0, openBytes: 0 }
      useful.push({ ...staged, ...nothing, base: version, continued: true, checkpoint: stored.checkpoint })
    }
  }
  if (useful.every(isCommitted)) return false
  for (const staged of useful) stage.adopt(staged)
  return true
}

/** The first file of a stage that is not there as it was written. */
async function missingFile({ table, segments }: StagedStream, lake: string): Promise<string | undefined> {
  for (const { file, bytes } of segments) {
    if (!isPartName(file)) return file
    const path = join(lake, safeName(table.table), file)
    const size = await onDisk('look at', path, async () => {
      try {
        return (await stat(path)).size
      } catch (thrown) {
        if (isMissing(thrown)) return undefined
        throw thrown
      }
    })
    if (size !== bytes) return path
  }
  return undefined
}
