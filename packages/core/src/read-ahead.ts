/** A source that is read in the background, never more than so many items ahead of its consumer. */
export interface ReadAhead<T> {
  /** Begins to read, before anybody waits for an item. */
  start(): void
  /**
   * Waits until `count` items are there, or at least one at the end of the source or when `until` resolves.
   *
   * @returns False when nothing is left.
   * @throws The source's error, after the items that came before it. `signal.reason`, at once.
   */
  ready(count: number, until?: Promise<void>): Promise<boolean>
  /** Hands over at most `most` of the items that are there, and makes room to read on. */
  take(most: number): T[]
  /** Whether an item is on its way. */
  isReading(): boolean
  /** Stops reading and calls `return()` on the source, unless the source has come to its end by itself. */
  close(): Promise<void>
}

export interface ReadAheadOptions<T> {
  /** Items read and not yet taken. With 0, one is read when `ready` asks for it. */
  readonly capacity: number
  readonly signal?: AbortSignal | undefined
  /** Called with each item as it arrives; not with one that arrives after the end. Its error ends the source. */
  readonly onArrival?: (item: T) => void
}

/**
 * The engine below the operators that read ahead. Here, and nowhere else, do several things happen at once.
 *
 * One `next()` at a time: positions only mean something in order. A failure in the background is kept until the consumer
 * comes for it, so it is never unhandled.
 */
export function createReadAhead<T>(
  source: AsyncIterable<T> | Iterable<T>,
  { capacity, signal, onArrival }: ReadAheadOptions<T>,
): ReadAhead<T> {
  const queue: T[] = []
  let iterator: AsyncIterator<T> | Iterator<T> | undefined
  let state: 'idle' | 'reading' | 'ended' | 'failed' | 'closed' = 'idle'
  let failure: unknown
  let isPulling = false
  let wanted = 0
  let wake = (): void => {}

  function onAbort(): void {
    // Not awaited: a source that does not answer must not keep the abort from being heard.
    close().catch(() => {})
  }

  function stop(how: 'ended' | 'failed' | 'closed'): void {
    state = how
    signal?.removeEventListener('abort', onAbort)
    wake()
  }

  function fail(thrown: unknown): void {
    failure = thrown
    stop('failed')
  }

  function arrive(item: T): void {
    try {
      onArrival?.(item)
    } catch (thrown) {
      fail(thrown)
      // As `for await` does: the first error wins over what closing may throw. Not awaited, so that nothing delays it.
      Promise.resolve(iterator?.return?.()).catch(() => {})
      return
    }
    queue.push(item)
    wake()
  }

  async function read(): Promise<void> {
    if (isPulling) return
    isPulling = true
    try {
      if (state === 'idle') {
        if (signal?.aborted) return stop('closed')
        state = 'reading'
        signal?.addEventListener('abort', onAbort, { once: true })
        iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
      }
      while (iterator && state === 'reading' && queue.length < Math.max(capacity, wanted)) {
        const pulled = await iterator.next()
        if (state !== 'reading') return
        if (pulled.done) stop('ended')
        else arrive(pulled.value)
      }
    } catch (thrown) {
      fail(thrown)
    } finally {
      isPulling = false
    }
  }

  async function close(): Promise<void> {
    if (state !== 'reading') return
    stop('closed')
    await iterator?.return?.()
  }

  return {
    start() {
      void read()
    },
    async ready(count, until) {
      let isTime = false
      until?.then(() => {
        isTime = true
        wake()
      })
      for (;;) {
        signal?.throwIfAborted()
        const isOver = state !== 'idle' && state !== 'reading'
        if (queue.length >= count || (queue.length > 0 && (isTime || isOver))) return true
        if (state === 'failed') throw failure
        if (isOver) return false
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        wanted = count
        void read()
        await woken
        wanted = 0
      }
    },
    take(most) {
      const taken = queue.splice(0, most)
      void read()
      return taken
    },
    isReading: () => isPulling,
    close,
  }
}
