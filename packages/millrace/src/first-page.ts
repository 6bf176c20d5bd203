import type { Emit, Page } from '@millrace/core'
import { type Stream, StreamError } from '@millrace/pipeline'

/** Pages looked at for one that has rows: page 0 of an API that counts from 1 has none, nor may the first few parents. */
export const mostPagesLookedAt = 5

/**
 * The first page with rows as a fresh run would read it, else the first of all; undefined where there is none. Nothing is
 * stored.
 */
export async function firstPage(stream: Stream, signal: AbortSignal, emit: Emit): Promise<Page | undefined> {
  let first: Page | undefined
  let looked = 0
  try {
    for await (const page of stream.read({ mode: 'full-refresh', signal, emit })) {
      looked += 1
      if (page.rows.length > 0) return page
      first ??= page
      if (looked === mostPagesLookedAt) break
    }
    return first
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    throw new StreamError(thrown, { stream: stream.name, page: looked + 1, pagesKept: 0 })
  }
}
