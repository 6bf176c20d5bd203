import { open } from 'node:fs/promises'
import { MillraceError } from '@millrace/core'
import { isMissing, onDisk } from '../disk/storage-error.ts'
import { type FramesEnd, readFrames } from './frame.ts'
import type { JournalEntry, OpenEntry } from './journal-entry.ts'
import { Stage, type StageOwner } from './stage.ts'

/** What a journal says. */
export interface JournalContent {
  readonly path: string
  /** Undefined where not even the first entry can be read. */
  readonly stage: Stage | undefined
  readonly damage: JournalDamage | undefined
}

export interface JournalDamage {
  /** In words, the file included. */
  readonly problem: string
  /** Whether it is what a process leaves that dies while it writes: nobody relied on it. */
  readonly isTorn: boolean
  /** Whether what is lost may say that a commit of several tables was begun. */
  readonly mayHideCommit: boolean
}

/**
 * Reads a journal; undefined where there is none.
 *
 * Where an entry is damaged, the stage is the one that was there before it: a page and its checkpoint are one entry, so
 * that a stage that is cut off between two entries is right, and what is lost is read again from the source. Three things
 * are different.
 *
 * - What was written in one step when the journal was written anew is no history of pages. Cut off in there, a stream
 *   would have its last checkpoint and not its last rows: the whole stage is dropped.
 * - A last entry that is not whole was never acknowledged, unless it was damaged later. Both look the same, and both are
 *   left out.
 * - An entry that says that a commit was begun may be among the lost. Then no stage is right: that is for the caller to
 *   refuse.
 *
 * @throws {MillraceError} `E_STAGE_FORMAT`, `E_STORAGE`
 */
export async function readJournal(path: string): Promise<JournalContent | undefined> {
  let opened: OpenEntry | undefined
  let stage: Stage | undefined
  const end = await onDisk('read', path, async () => {
    const file = await open(path).catch((thrown: unknown) => {
      if (isMissing(thrown)) return undefined
      throw thrown
    })
    try {
      return await (file &&
        readFrames(file, ({ header, body }) => {
          const entry = header as JournalEntry
          if (entry.type === 'open') {
            opened = entry
            stage = new Stage(ownerOf(entry, path))
          }
          stage?.apply(entry, body)
        }))
    } finally {
      await file?.close()
    }
  })
  if (!end) return undefined
  const missing = opened ? 1 + opened.entries - end.frames : 1
  if (end.lost.length === 0 && missing <= 0) return { path, stage, damage: undefined }
  return { path, stage: stage && missing > 0 ? emptied(stage) : stage, damage: damageOf(path, end, missing) }
}

/** Entries that can be lost: what they say is found again, or only spares work. */
const harmless: ReadonlySet<string | undefined> = new Set(['open', 'stream', 'page', 'segment', 'discard'])

function damageOf(path: string, { frames, position, lost, isFollowed }: FramesEnd, missing: number): JournalDamage {
  const isTorn = !isFollowed && missing <= 0
  const isToldWhole = lost.length >= missing && lost.every((type) => harmless.has(type))
  return {
    problem: isTorn
      ? `the last entry of ${path} is not whole (number ${frames + 1}, at byte ${position})`
      : `${path} is damaged in its entry ${frames + 1}, at byte ${position}`,
    isTorn,
    mayHideCommit: !isTorn && !isToldWhole,
  }
}

/** Only what may be swept. */
function emptied(stage: Stage): Stage {
  for (const { table } of stage.streams) stage.drop(table.stream)
  return stage
}

function ownerOf({ format, pipeline, run, writer }: OpenEntry, path: string): StageOwner {
  if (format === 3) return { pipeline, run, writer }
  throw new MillraceError(
    'E_STAGE_FORMAT',
    `the stage ${path} was written by another version of Millrace; run that version once more, or delete the file and lose what is staged`,
    { context: { path } },
  )
}
