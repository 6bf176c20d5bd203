/** A source that writes down what is done to it. */
export interface ProbeSource<T> extends AsyncIterable<T> {
  /** How often `next()` was called, over all iterators. */
  readonly pulled: number
  readonly opened: number
  readonly returned: number
  /** The most calls of `next()` that were under way at once. */
  readonly mostAtOnce: number
}

/** More than any test reads. An endless source falls silent here, so that a reader without limit fills no memory. */
const endless = 10_000

export interface ProbeOptions<T> {
  /** What the source yields for 0, 1, 2, … */
  readonly item: (n: number) => T
  /** Ends after this many. Default: never. */
  readonly length?: number
  /** Throws {@link ProbeOptions.error} instead of yielding this one. */
  readonly failAt?: number
  readonly error?: Error
  /** Neither yields this one nor ends: a server that does not answer. */
  readonly hangAt?: number
}

/**
 * Written by hand and not as a generator: a generator hides a second `return()`, and queues a `next()` that comes
 * before the last one is done.
 */
export function createProbeSource<T>(options: ProbeOptions<T>): ProbeSource<T> {
  const { item, length = Number.POSITIVE_INFINITY, failAt, error = new Error('from the source'), hangAt } = options
  let pulled = 0
  let opened = 0
  let returned = 0
  let atOnce = 0
  let mostAtOnce = 0

  return {
    get pulled() {
      return pulled
    },
    get opened() {
      return opened
    },
    get returned() {
      return returned
    },
    get mostAtOnce() {
      return mostAtOnce
    },
    [Symbol.asyncIterator]() {
      opened += 1
      let n = 0
      return {
        async next(): Promise<IteratorResult<T>> {
          pulled += 1
          atOnce += 1
          mostAtOnce = Math.max(mostAtOnce, atOnce)
          const at = n
          n += 1
          if (at === hangAt || at === endless) await new Promise(() => {})
          await Promise.resolve()
          atOnce -= 1
          if (at === failAt) throw error
          return at < length ? { done: false, value: item(at) } : { done: true, value: undefined }
        },
        async return(): Promise<IteratorResult<T>> {
          returned += 1
          return { done: true, value: undefined }
        },
      }
    },
  }
}
