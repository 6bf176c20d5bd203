import { stat } from 'node:fs/promises'
import type { Emit } from '@millrace/core'
import type { CommitTable } from '@millrace/pipeline'
import type { Seen } from '../commit/seen.ts'
import { safeName } from '../disk/safe-name.ts'
import { isMissing, onDisk } from '../disk/storage-error.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { Fence } from './fence.ts'
import { isSameCheckpoint } from './is-same-checkpoint.ts'
import { journalPath, readJournal } from './journal.ts'
import { isPartName } from './part-name.ts'
import type { Stage } from './stage.ts'
import { isCommitted, type StagedStream } from './staged-stream.ts'

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
 * it could forget its stage: its rows are in the log, and reading goes on behind them. Anything else is of the past, and so
 * is then all that is staged with it.
 *
 * @returns True where streams were taken over.
 */
export async function adopt(dead: Stage, seen: Seen, stage: Stage, lake: ObjectStore, emit: Emit): Promise<boolean> {
  for (const leftover of dead.leftovers) stage.addLeftover(leftover)
  for (const { table } of dead.streams) {
    stage.addLeftover({ stream: table.stream, table: table.table, writer: dead.owner.writer })
  }
  const useful: StagedStream[] = []
  for (const root of dead.streams) {
    if (root.table.root) continue
    const family = [root, ...dead.children(root.table.stream)]
    const found = await Promise.all(family.map((staged) => ofUse(staged, root.commit, dead, seen, lake)))
    const lost = found.find((each) => typeof each === 'string')
    if (lost !== undefined) {
      emit({ type: 'stage-discarded', stream: root.table.stream, reason: `its file ${lost} is not there any more` })
    }
    const kept = found.filter((each) => typeof each === 'object')
    // What belongs together is taken over together.
    if (kept.length === family.length) useful.push(...kept)
  }
  if (useful.every(isCommitted)) return false
  for (const staged of useful) stage.adopt(staged)
  return true
}

/**
 * What is left to do of a staged table; the path of a file that is gone; undefined where it is of the past.
 *
 * @param commit - What had been begun. Whoever did it: it was of these rows.
 */
async function ofUse(
  staged: StagedStream,
  commit: CommitTable | undefined,
  dead: Stage,
  seen: Seen,
  lake: ObjectStore,
): Promise<StagedStream | string | undefined> {
  const { stream, table } = staged.table
  const stored = seen.stored(table, stream)
  const version = seen.base(table, stream)
  if (version === staged.base) return (await missingFile(staged, lake)) ?? staged
  if (version !== staged.base + 1 || !stored) return undefined
  const isOfThese = commit !== undefined && isSameCheckpoint(stored.checkpoint, commit.checkpoint)
  if (stored.run !== dead.owner.run && !isOfThese) return undefined
  const nothing = { segments: [], open: [], openRows: 0, openBytes: 0, commit: undefined }
  return { ...staged, ...nothing, base: version, continued: true, checkpoint: stored.checkpoint }
}

/** The first file of a stage that is not there as it was written. */
async function missingFile({ table, segments }: StagedStream, lake: ObjectStore): Promise<string | undefined> {
  for (const { file, bytes } of segments) {
    if (!isPartName(file)) return file
    const path = lake.within(safeName(table.table)).locate(file)
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
