import { randomUUID } from 'node:crypto'
import {
  type Clock,
  type Emit,
  MillraceError,
  type MillraceEvent,
  silent,
  systemClock,
  wholeNumber,
} from '@millrace/core'
import { claimTables } from './claim-tables.ts'
import { type CommitEvery, checkCommitEvery, isCommittedInParts } from './commit-every.ts'
import { createCommitPoints } from './commit-points.ts'
import { countDiscards } from './count-discards.ts'
import { createCommitter } from './create-committer.ts'
import type { Checkpoint, CommitTable, Destination, TableRef } from './destination.ts'
import { planMerge, type Scan } from './plan-merge.ts'
import { type GroupContext, readGroups } from './read-groups.ts'
import { readStream } from './read-stream.ts'
import type { RunReport } from './report.ts'
import { type ReadPart, reportStreams } from './report-streams.ts'
import { selectStreams } from './select-streams.ts'
import type { Mode, Source, Stream } from './source.ts'
import { tableOf } from './table-of.ts'
import { takeOver } from './take-over.ts'

/** Streams read at once. A few hide each other's waiting; more would mostly meet the same host's rate limit. */
export const defaultStreamConcurrency = 4

export interface RunOptions {
  /** Name that state and unfinished stages are found again by. Default: the source's name. */
  readonly pipeline?: string
  /** Default `incremental`. */
  readonly mode?: Mode
  /** Names of the streams to run. Default: all. */
  readonly only?: readonly string[]
  /** Pages per stream at most; what was read is committed, and the next run goes on from there. Default: no limit. */
  readonly maxPages?: number
  /** Streams read at once; those of one group count as one. Default {@link defaultStreamConcurrency}. */
  readonly streamConcurrency?: number
  /**
   * Commits parts of each stream while it is read, for streams that are long or never end. Not those of a stream that
   * replaces its table, or merges by what it has not. Default: one commit, at the end.
   */
  readonly commitEvery?: CommitEvery
  /** Ends the run at once: requests under way are given up. */
  readonly signal?: AbortSignal
  /**
   * Ends the run in order: waits are cut short, the page under way in each stream is still staged, a commit under way is
   * still made, and nothing new is begun. Give it time by firing `signal` later.
   */
  readonly stop?: AbortSignal
  /** Times `commitEvery.seconds`. */
  readonly clock?: Clock
  readonly emit?: Emit
}

/**
 * Runs a source into a destination: reads every stream, stages its rows page by page with the checkpoint that covers
 * them, and commits rows and checkpoints together.
 *
 * A run that dies, in whatever way, leaves its stage behind; the next run of the same pipeline goes on from there and
 * fetches at most one page per stream again. When a stream fails the others stop, nothing is committed, and all that was
 * staged is kept for the next run. With `commitEvery` only what was read since the last commits is.
 *
 * Memory: one page per stream read at once, plus what the destination holds of an open segment.
 *
 * @throws {RangeError} where `streamConcurrency` or `maxPages` is no whole number from 1, or `commitEvery` says nothing.
 * @throws {StreamError} where a stream failed. An abort rejects with `signal.reason`, a stop with `stop.reason`, unless all
 *   was read before: what is complete is then staged, and not committed. The next run goes on there.
 */
export async function run(source: Source, destination: Destination, options: RunOptions = {}): Promise<RunReport> {
  const { pipeline = source.name, mode = 'incremental', only, maxPages, emit = silent } = options
  const { streamConcurrency = defaultStreamConcurrency, commitEvery, clock = systemClock } = options
  wholeNumber('run: streamConcurrency', streamConcurrency, 1)
  if (maxPages !== undefined) wholeNumber('run: maxPages', maxPages, 1)
  if (commitEvery) checkCommitEvery(commitEvery)
  const startedAt = performance.now()
  const counts = { requests: 0, retries: 0, bytes: 0, warnings: [] as string[] }
  const discards = countDiscards()
  const observe: Emit = (event) => {
    count(event, counts)
    discards.add(event)
    emit(event)
  }
  const streams = selectStreams(source, only)
  const tables = streams.map((stream) => tableOf(stream, mode))
  const claim = claimTables(source.streams())
  const id = randomUUID()
  options.signal?.throwIfAborted()
  options.stop?.throwIfAborted()
  if (commitEvery && !tables.some(isCommittedInParts)) {
    const message = 'commitEvery changes nothing: every stream is committed as a whole, once, at the end'
    observe({ type: 'warning', message })
  }

  const session = await destination.open({ pipeline, run: id }, { emit: observe })
  try {
    const { streams: committed } = await session.state()
    const resumed = await takeOver(session, tables, observe)
    const committer = createCommitter(session, observe)
    const plan: PlannedStream[] = []
    const read = async (stream: Stream, { group, signal, stop }: GroupContext): Promise<void> => {
      const table = tables[streams.indexOf(stream)] as TableRef
      const replace = mode === 'full-refresh' || stream.disposition === 'replace'
      // A position of another table says nothing about the rows of this one.
      const state = committed[stream.name]
      const before = state?.table === table.table ? state.position : undefined
      const resume = resumed.get(stream.name)
      const start = replace ? undefined : before
      const scanOf = (checkpoint: Checkpoint, complete: boolean): Scan => {
        const dropped = discards.of(stream.name).filter((each) => each.dropped === 'row')
        const discarded = dropped.reduce((sum, { count: rows }) => sum + rows, 0)
        return { stream, table, resume, committed: start, checkpoint, complete, discarded }
      }
      const commitPart = (checkpoint: Checkpoint): Promise<void> => {
        const { merge } = planMerge(scanOf(checkpoint, false), Date.now())
        return committer.commit([{ table, checkpoint, replace, merge }])
      }
      const commits =
        commitEvery && isCommittedInParts(table) ? createCommitPoints(commitEvery, clock, commitPart) : undefined
      const { checkpoint: reached, ...end } = await readStream(stream, {
        session,
        table,
        mode,
        group,
        resume: resume?.checkpoint,
        committed: start,
        maxPages,
        claim,
        isFirstRun: (each) => resumed.has(stream.name) && committed[each.stream]?.table !== each.table,
        commits,
        signal,
        stop,
        emit: observe,
      })
      const checkpoint = reached ?? { position: before ?? {}, pages: 0, rows: 0 }
      plan.push({
        entry: { table, checkpoint, replace, merge: false },
        scan: scanOf(checkpoint, end.complete),
        isCommitted: reached !== undefined && reached === commits?.last,
        ...end,
        resumedPages: resume?.checkpoint.pages ?? 0,
      })
    }
    const { signal, stop } = options
    await readGroups(streams, { concurrency: streamConcurrency, signal, stop, read })
    // A table that is whole is not given up for a part of the rows. What was read is staged, and the next run goes on.
    const cut = plan.find(({ entry, incomplete }) => entry.replace && incomplete !== undefined)
    if (cut) throw incompleteError(cut.entry.table, cut.incomplete)

    const partial = plan.find(({ entry, complete }) => !complete && (entry.table.merge?.mergeKey.length ?? 0) > 0)
    if (partial) throw partialError(partial.entry.table, partial.incomplete)

    const at = Date.now()
    const left = plan.filter(({ isCommitted }) => !isCommitted)
    const items = left.map(({ entry, scan }): CommitTable => {
      const { merge, doubt } = planMerge(scan, at)
      if (doubt !== undefined && !entry.replace) {
        const message = `rows of table "${entry.table.table}" that the source no longer has were left as they are, because of how "${entry.table.stream}" was read: ${doubt}`
        observe({ type: 'warning', stream: entry.table.stream, message })
      }
      return { ...entry, merge }
    })
    await committer.commit(items)
    return {
      pipeline,
      run: id,
      mode,
      destination: destination.name,
      streams: reportStreams(
        streams.map(({ name }) => name),
        [...committer.outcomes.values()],
        plan,
        discards.of,
      ),
      ...counts,
      seconds: Math.round(performance.now() - startedAt) / 1000,
    }
  } finally {
    await session.close()
  }
}

interface PlannedStream extends ReadPart {
  readonly scan: Scan
  /** Nothing was read since the last commit of the stream. */
  readonly isCommitted: boolean
}

function incompleteError({ stream, table }: TableRef, reason: string | undefined): MillraceError {
  return new MillraceError(
    'E_INCOMPLETE',
    `table "${table}" was not replaced, because stream "${stream}" is incomplete: ${reason}; nothing is lost, the same run later goes on there`,
    { retryable: true, context: { stream, table } },
  )
}

/** Of a part of the table that is told by a merge key all rows go when a load of it comes, and what was not read yet with them. */
function partialError({ stream, table }: TableRef, reason = 'it was cut by a limit of pages'): MillraceError {
  return new MillraceError(
    'E_INCOMPLETE',
    `table "${table}" was not changed, because stream "${stream}" merges by a merge key and was not read to its end: ${reason}; nothing is lost, the next run goes on there`,
    { retryable: true, context: { stream, table } },
  )
}

function count(
  event: MillraceEvent,
  counts: { requests: number; retries: number; bytes: number; warnings: string[] },
): void {
  if (event.type === 'request') counts.requests += 1
  else if (event.type === 'retry') counts.retries += 1
  else if (event.type === 'response') counts.bytes += event.bytes
  else if (event.type === 'warning') counts.warnings.push(event.message)
  else if (event.type === 'incomplete') counts.warnings.push(`"${event.stream}" is incomplete: ${event.reason}`)
  else if (event.type === 'stage-discarded') {
    counts.warnings.push(`what a stopped run had staged for "${event.stream}" was dropped: ${event.reason}`)
  }
}
