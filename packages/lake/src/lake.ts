import { mkdir, realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Emit, silent } from '@millrace/core'
import type { SpillOptions } from '@millrace/merge'
import type { ParquetEncoder } from '@millrace/parquet'
import type { Destination, OpenOptions, RunId, Session } from '@millrace/pipeline'
import { lookAround, type Seen } from './commit/seen.ts'
import { onDisk } from './disk/storage-error.ts'
import { LakeSession, type SessionOptions } from './session.ts'
import { adopt, type DeadStage, findDeadStage } from './stage/adopt.ts'
import { type Fence, takeFence } from './stage/fence.ts'
import { Journal, journalPath } from './stage/journal.ts'
import { createWriter } from './stage/part-name.ts'
import { Stage } from './stage/stage.ts'
import { diskStore } from './store/disk-store.ts'

/** Rows of a staged file. Enough for good compression, and few enough to hold in memory for several streams at once. */
export const defaultSegmentRows = 100_000

/** Bytes of Arrow data of a staged file: what limits memory where rows are wide. */
export const defaultSegmentBytes = 67_108_864

export interface LakeOptions extends SpillOptions {
  /** Writes staged files. Default: a worker thread per run, and `parquetWasm()` for small ones. A merge's files are DuckDB's. */
  readonly encoder?: ParquetEncoder
  /** Rows in memory per stream before they become a file. Default {@link defaultSegmentRows}. */
  readonly segmentRows?: number
  /** Bytes in memory per stream before they become a file. Default {@link defaultSegmentBytes}. */
  readonly segmentBytes?: number
}

/**
 * A folder of Delta Lake tables as a destination: one folder per table, Parquet files and a transaction log.
 *
 * The checkpoint of a stream is a property of its table, so that rows and checkpoint change in one atomic commit. A
 * stream that never had a column has no table, and no stored checkpoint: it starts from its beginning.
 *
 * Memory: per stream one segment (`segmentRows`, `segmentBytes`), and `memoryLimit` (default 1 GB) while merging.
 *
 * @throws {MillraceError} `E_STORAGE` where the disk does not do what is asked; `E_FENCED`, see {@link FencedError}.
 * @example
 * await run(source, lake('./data'))
 * @see Delta Lake protocol
 */
export function lake(folder: string, options: LakeOptions = {}): Destination {
  const { segmentRows = defaultSegmentRows, segmentBytes = defaultSegmentBytes, encoder, memoryLimit } = options
  requireCount('segmentRows', segmentRows)
  requireCount('segmentBytes', segmentBytes)
  if (folder === '') throw new RangeError('lake: needs the path of a folder, got an empty string')
  const asked = resolve(folder)
  return Object.freeze({
    name: `lake ${folder}`,
    open: async (run: RunId, { emit = silent }: OpenOptions = {}): Promise<Session> => {
      const root = await onDisk('make the folder', asked, async () => {
        await mkdir(asked, { recursive: true })
        return realpath(asked)
      })
      return openSession(root, run, emit, { segmentRows, segmentBytes, encoder, memoryLimit })
    },
  })
}

interface SessionLimits {
  readonly segmentRows: number
  readonly segmentBytes: number
  readonly encoder: ParquetEncoder | undefined
  readonly memoryLimit: string | undefined
}

async function openSession(root: string, run: RunId, emit: Emit, limits: SessionLimits): Promise<Session> {
  const fence = await takeFence(root, run.pipeline)
  return fence.guard(() => openBehind(fence, root, run, emit, limits))
}

async function openBehind(
  fence: Fence,
  root: string,
  run: RunId,
  emit: Emit,
  { memoryLimit, ...others }: SessionLimits,
): Promise<Session> {
  const store = diskStore(root)
  async function takeStage(dead: DeadStage | undefined, seen: Seen): Promise<SessionOptions> {
    const stage = new Stage({ ...run, writer: createWriter() })
    const journal = new Journal(fence.folder, stage)
    const isAdopted = dead ? await adopt(dead, seen, stage, store, emit) : false
    await journal.settle()
    return {
      lake: store,
      run,
      fence,
      seen,
      stage,
      journal,
      adoptedRun: isAdopted ? deadStage?.stage.owner.run : undefined,
      ...others,
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
    }
  }

  // The stage before the logs: a session that is still alive may commit in between, and its stage is then of the past.
  const deadStage = await findDeadStage(fence, emit)
  const options = await takeStage(deadStage, await lookAround(store, run.pipeline, emit))
  // Only now: this journal has all that is left of theirs.
  await fence.removeOlder()
  if (!options.stage.streams.some(({ commit }) => commit !== undefined)) return new LakeSession(options)
  await new LakeSession(options).finishCommits()
  const begun = { stage: options.stage, path: journalPath(fence.folder) }
  return new LakeSession(await takeStage(begun, await lookAround(store, run.pipeline, silent)))
}

function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new RangeError(`lake: ${name} must be a whole number from 1, got ${value} (${typeof value})`)
}
