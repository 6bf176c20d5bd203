import type { Emit, Position } from '@millrace/core'
import type { CommitPoints } from './commit-points.ts'
import { createPageConverter } from './convert-page.ts'
import type { Checkpoint, Session, TableRef } from './destination.ts'
import type { Mode, ReadGroup, Stream } from './source.ts'
import { StreamError } from './stream-error.ts'

export interface ReadStreamOptions {
  readonly session: Session
  readonly table: TableRef
  readonly mode: Mode
  /** All that are read at the same time as this one. */
  readonly group?: ReadGroup | undefined
  /** Where a dead run stopped. */
  readonly resume?: Checkpoint | undefined
  /** Where the last committed run ended. */
  readonly committed?: Position | undefined
  /** Pages to read at most in this run. */
  readonly maxPages?: number | undefined
  /** Makes sure that a table of nested rows has a name of its own. */
  readonly claim: (table: TableRef) => void
  /** Whether this run goes on with the first that wrote to a table. */
  readonly isFirstRun: (table: TableRef) => boolean
  /** Commits parts of the stream while it is read. Missing: it is committed as a whole. */
  readonly commits?: CommitPoints | undefined
  readonly signal: AbortSignal
  /** Ends the reading after the page under way. */
  readonly stop: AbortSignal
  readonly emit: Emit
}

/** How far a stream was read. */
export interface StreamProgress {
  /** Missing where neither this run nor the one it took over saw a page. */
  readonly checkpoint: Checkpoint | undefined
  readonly complete: boolean
  /** Why it ended before its end, where nobody asked for that. */
  readonly incomplete: string | undefined
}

/**
 * Reads one stream to its end, page by page: rows → record batches → stage, together with the checkpoint that covers them.
 *
 * The next page is asked for only when this one is durable, so that a crash costs at most the page in flight.
 *
 * Memory: one page of rows and its columns.
 *
 * @throws {StreamError} with the stream, the page and the pages kept. An abort passes through as `signal.reason`, a stop as
 *   `stop.reason`: what was read is staged then.
 */
export async function readStream(stream: Stream, options: ReadStreamOptions): Promise<StreamProgress> {
  const { session, table, resume, committed, maxPages, mode, group, claim, isFirstRun } = options
  const { commits, signal, stop } = options
  let incomplete: string | undefined
  const emit: Emit = (event) => {
    if (event.type === 'incomplete' && event.stream === stream.name) incomplete = event.reason
    options.emit(event)
  }
  let checkpoint = resume
  let pagesRead = 0
  try {
    const converter = await createPageConverter({ session, table, hints: stream.schema, claim, isFirstRun, emit })
    // Another stream may have failed meanwhile, and who starts to listen now would never hear of it.
    stop.throwIfAborted()
    const pages = stream.read({
      mode,
      signal,
      stop,
      emit,
      ...(group && { group }),
      ...(resume ? { checkpoint: resume.position } : {}),
      ...(committed ? { committed } : {}),
    })
    for await (const { rows, position, meta } of commits ? commits.between(pages) : pages) {
      signal.throwIfAborted()
      const parts = await converter.convert(rows)
      const next = { position, pages: (checkpoint?.pages ?? 0) + 1, rows: (checkpoint?.rows ?? 0) + rows.length }
      await session.stage(parts, next)
      checkpoint = next
      pagesRead += 1
      emit({
        type: 'page',
        stream: stream.name,
        page: next.pages,
        rows: rows.length,
        ...(meta?.total === undefined ? {} : { total: meta.total }),
      })
      if (pagesRead === maxPages) return { checkpoint, complete: stream.isFinished?.(position) === true, incomplete }
      stop.throwIfAborted()
      await commits?.staged(rows.length, next)
    }
    // A limit of its own may have ended the pages of the stream before the data.
    const isCut = checkpoint !== undefined && stream.isFinished?.(checkpoint.position) === false
    return { checkpoint, complete: incomplete === undefined && !isCut, incomplete }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    if (stop.aborted && thrown === stop.reason) throw thrown
    const pagesKept = checkpoint?.pages ?? 0
    throw new StreamError(thrown, { stream: stream.name, page: pagesKept + 1, pagesKept })
  }
}
