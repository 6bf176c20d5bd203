import { type Emit, isMillraceError, silent } from '@millrace/core'
import { type CommitTable, FencedError } from '@millrace/pipeline'
import { lookAround, type Seen } from '../commit/seen.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import { safeName } from '../disk/safe-name.ts'
import { isMissing } from '../disk/storage-error.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { Fence } from './fence.ts'
import { isSameCheckpoint } from './is-same-checkpoint.ts'
import { journalPath } from './journal.ts'
import { lostCommit } from './lost-commit.ts'
import { isPartName } from './part-name.ts'
import { readJournal } from './read-journal.ts'
import type { Stage } from './stage.ts'
import { isCommitted, type StagedStream } from './staged-stream.ts'

/** A stage that an older session left behind, and where its journal lies. */
export interface DeadStage {
  readonly stage: Stage
  readonly path: string
}

/**
 * The newest stage that an older session left behind. Read it before the logs: they may only be newer than it.
 *
 * @throws {MillraceError} `E_CORRUPT` where it is damaged so that a commit may be lost that was begun.
 */
export async function findDeadStage(fence: Fence, emit: Emit): Promise<DeadStage | undefined> {
  for (const folder of await fence.older()) {
    const found = await readJournal(journalPath(folder))
    if (!found) continue
    const { path, stage, damage } = found
    if (damage?.mayHideCommit) throw lostCommit(path, damage.problem)
    if (damage && !damage.isTorn) {
      emit({ type: 'warning', message: `${damage.problem}; what was staged from there on is read again` })
    }
    return stage && { stage, path }
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
 * @throws {MillraceError} `E_CORRUPT` where a commit was begun and what it needs is lost.
 */
export async function adopt(
  { stage: dead, path: journal }: DeadStage,
  seen: Seen,
  stage: Stage,
  lake: ObjectStore,
  emit: Emit,
): Promise<boolean> {
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
      if (root.commit) await checkUndone(root, lost, dead, journal, lake)
      emit({ type: 'stage-discarded', stream: root.table.stream, reason: lost })
    }
    const kept = found.filter((each) => typeof each === 'object')
    // The first table of several is committed only when that has been written down.
    if (!root.commit && kept[0] === root && kept.some(({ table, base }) => base !== dead.get(table.stream)?.base)) {
      throw lostCommit(
        journal,
        `the entry of ${journal} that stream "${root.table.stream}" was about to be committed is gone`,
      )
    }
    // What belongs together is taken over together.
    if (kept.length === family.length) useful.push(...kept)
  }
  if (useful.every(isCommitted)) return false
  for (const staged of useful) stage.adopt(staged)
  return true
}

/**
 * What is left to do of a staged table; why it cannot be, where a file of it is lost; undefined where it is of the past.
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
  if (version === staged.base) return (await lostFile(staged, lake)) ?? staged
  if (version !== staged.base + 1 || !stored) return undefined
  const isOfThese = commit !== undefined && isSameCheckpoint(stored.checkpoint, commit.checkpoint)
  if (stored.run !== dead.owner.run && !isOfThese) return undefined
  const nothing = { segments: [], open: [], openRows: 0, openBytes: 0, commit: undefined }
  return { ...staged, ...nothing, base: version, continued: true, checkpoint: stored.checkpoint }
}

/** Whoever had begun the commit may be alive and have ended it since the logs were read, and what it needed no more is gone. */
async function checkUndone(
  { table, base }: StagedStream,
  problem: string,
  { owner }: Stage,
  journal: string,
  lake: ObjectStore,
): Promise<void> {
  const now = await lookAround(lake, owner.pipeline, silent)
  if (now.base(table.table, table.stream) === base) throw lostCommit(journal, problem)
  throw new FencedError(owner.pipeline, `"${table.stream}" was committed meanwhile`)
}

/** What is wrong with the first file of a stage that is not as it was written. */
async function lostFile({ table, segments }: StagedStream, lake: ObjectStore): Promise<string | undefined> {
  const store = lake.within(safeName(table.table))
  for (const { file, sha256 } of segments) {
    if (!isPartName(file)) return `${file} is no file of a stage`
    try {
      const found = await digestBytes(store.read(file))
      if (found.sha256 !== sha256) return `its file ${store.locate(file)} is damaged: it is not as it was written`
    } catch (thrown) {
      if (!isMillraceError(thrown) || !isMissing(thrown.cause)) throw thrown
      return `its file ${store.locate(file)} is not there any more`
    }
  }
  return undefined
}
