import type { Emit, Page } from '@millrace/core'
import { type Stream, StreamError } from '@millrace/pipeline'

/** The first page of a stream as a fresh run would read it, or undefined where it has none. Nothing is stored. */
export async function firstPage(stream: Stream, signal: AbortSignal, emit: Emit): Promise<Page | undefined> {
  try {
    for await (const page of stream.read({ mode: 'full-refresh', signal, emit })) return page
    return undefined
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    throw new StreamError(thrown, { stream: stream.name, page: 1, pagesKept: 0 })
  }
}
