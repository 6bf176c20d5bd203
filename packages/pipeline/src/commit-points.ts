import type { Clock, Page } from '@millrace/core'
import type { CommitEvery } from './commit-every.ts'
import type { Checkpoint } from './destination.ts'

/** Commits what is staged of one stream again and again while the stream is read. */
export interface CommitPoints {
  /** The checkpoint of the last commit; undefined before the first. */
  readonly last: Checkpoint | undefined
  /** To be called when a page is staged: commits where it is time. */
  staged(rows: number, checkpoint: Checkpoint): Promise<void>
  /** The pages as they come. While the next one is waited for, what is staged is committed when its time has come. */
  between(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, undefined>
}

/**
 * @param commit - Commits the stream up to a checkpoint, which is the one of the page staged last.
 */
export function createCommitPoints(
  { rows: mostRows = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY }: CommitEvery,
  clock: Clock,
  commit: (checkpoint: Checkpoint) => Promise<void>,
): CommitPoints {
  let last: Checkpoint | undefined
  let waiting: { readonly checkpoint: Checkpoint; readonly rows: number; readonly dueAt: number } | undefined

  async function commitWaiting(): Promise<void> {
    if (!waiting) return
    const { checkpoint } = waiting
    await commit(checkpoint)
    waiting = undefined
    last = checkpoint
  }

  /** Commits what is staged, should its time come before the page does. Of the page itself, a failure too, nothing is told. */
  async function commitUntil(page: Promise<unknown>): Promise<void> {
    const isThere = page.then(
      () => true,
      () => true,
    )
    while (waiting && waiting.dueAt < Number.POSITIVE_INFINITY) {
      const timer = new AbortController()
      const isTime = clock.sleep(waiting.dueAt - clock.now(), timer.signal).catch(() => {})
      const isFirst = await Promise.race([isThere, isTime])
      timer.abort()
      if (isFirst) return
      await commitWaiting()
    }
  }

  async function* between(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, undefined> {
    const iterator = pages[Symbol.asyncIterator]()
    let state: 'between' | 'asked' | 'over' = 'between'
    try {
      for (;;) {
        state = 'asked'
        const page = iterator.next()
        await commitUntil(page)
        // Should it fail, too.
        state = 'over'
        const { value, done } = await page
        if (done) return
        state = 'between'
        yield value
      }
    } finally {
      if (state === 'between') await iterator.return?.()
      // A commit has failed: that is told at once, and the page under way is given up behind it.
      if (state === 'asked') iterator.return?.()?.catch(() => {})
    }
  }

  return {
    get last() {
      return last
    },
    staged: async (rows, checkpoint) => {
      // Pages without rows move the checkpoint only: a version of the table for each of them would be of no use.
      if (rows === 0 && !waiting) return
      const dueAt = waiting?.dueAt ?? clock.now() + seconds * 1000
      waiting = { checkpoint, rows: (waiting?.rows ?? 0) + rows, dueAt }
      if (waiting.rows >= mostRows || clock.now() >= dueAt) await commitWaiting()
    },
    between,
  }
}
