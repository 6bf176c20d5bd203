import { type Page, untilAbort } from '@millrace/core'

/** Where a reader of a resource stands: how many pages lie behind it, and the state of the read there, as text. */
export interface Standpoint {
  readonly page: number
  readonly state: string
}

export interface SharedReader {
  readonly begin: Standpoint
  /** Reads from where this reader stands, by itself. */
  readonly open: () => AsyncIterable<Page>
  /** Where a reader stands after a page. */
  readonly after: (page: Page) => Standpoint
  readonly signal: AbortSignal
  /** Ends the wait for other readers: nothing is under way while it lasts. Fires at the latest when `signal` does. */
  readonly stop: AbortSignal
}

/** Pages to read to the end, or to return early from. */
export type ReadPages = Required<Pick<AsyncIterableIterator<Page>, 'next' | 'return'>> & AsyncIterable<Page>

/** The pages of one resource, read once for several readers. */
export interface SharedPages {
  /** A reader is expected from the call on, and must read to the end or return. */
  read(reader: SharedReader): ReadPages
}

interface Joined {
  readonly begin: Standpoint
  state: 'waiting' | 'reading' | 'apart'
  /** Number of the last page it took. */
  taken: number
  /** Number of the last page after which it asked for another. */
  done: number
}

/**
 * Reads a resource once for its own stream and for all of its children.
 *
 * Nothing is read before everybody expected is there. The one that stands furthest behind leads; another joins in when the
 * leader comes to the very place where it stands, and reads by itself where the leader does not come there (a run that was
 * killed leaves readers a page apart, and pages may have changed since).
 *
 * Memory: one page. The next is asked for when all that read together are done with this one: the slowest sets the pace,
 *         and a run that is killed has at most one page on its way that somebody has not stored.
 *
 * @param expected - Readers to wait for. Whoever comes later reads by itself.
 */
export function createSharedPages(expected: number): SharedPages {
  const readers = new Set<Joined>()
  let arrived = 0
  let source: AsyncIterator<Page> | undefined
  let at: Standpoint | undefined
  let last: Page | undefined
  let isOver = false
  let failure: { readonly thrown: unknown } | undefined
  let pulling: Promise<void> | undefined
  let change = deferred()

  function changed(): void {
    change.resolve()
    change = deferred()
  }

  const reading = (): Joined[] => [...readers].filter(({ state }) => state === 'reading')

  /** Decides about those who wait for the leader to come to where they stand. */
  function admit(): void {
    for (const each of readers) {
      if (each.state !== 'waiting' || at === undefined) continue
      const { begin } = each
      if (begin.page === at.page && begin.state === at.state && !isOver) each.state = 'reading'
      else if (begin.page <= at.page || isOver) each.state = 'apart'
    }
    changed()
  }

  function end(): void {
    isOver = true
    admit()
  }

  async function pull({ after }: SharedReader): Promise<void> {
    try {
      const { value, done } = (await source?.next()) ?? { done: true, value: undefined }
      if (done) return end()
      last = value
      at = after(value)
      admit()
    } catch (thrown) {
      failure = { thrown }
      end()
    } finally {
      pulling = undefined
    }
  }

  /** @returns Whether it reads together with others. */
  async function join(own: Joined, { begin, open, stop }: SharedReader): Promise<boolean> {
    while (own.state === 'waiting') {
      // Asked again after each change: the one furthest behind may leave without having read anything.
      if (arrived >= expected && at === undefined && [...readers].every((each) => begin.page <= each.begin.page)) {
        source = open()[Symbol.asyncIterator]()
        at = begin
        admit()
      } else await untilAbort(change.promise, stop)
    }
    return own.state === 'reading'
  }

  async function leave(own: Joined): Promise<void> {
    if (!readers.delete(own)) return
    if (own.state === 'reading' && reading().length === 0 && !isOver) {
      end()
      await source?.return?.()
    }
    changed()
  }

  async function* pagesFor(own: Joined, reader: SharedReader): AsyncGenerator<Page, void, undefined> {
    const { open, signal, stop } = reader
    if (!(await join(own, reader))) {
      await leave(own)
      return yield* open()
    }
    for (;;) {
      if (at !== undefined && last !== undefined && own.taken < at.page) {
        own.taken = at.page
        yield last
        own.done = own.taken
        changed()
      } else if (failure) throw failure.thrown
      else if (isOver) return
      else if (reading().some(({ done }) => at !== undefined && done < at.page)) {
        await untilAbort(change.promise, stop)
      } else {
        pulling ??= pull(reader)
        await untilAbort(pulling, signal)
      }
    }
  }

  function read(reader: SharedReader): ReadPages {
    const { begin, open } = reader
    arrived += 1
    const own: Joined = { begin, state: 'waiting', taken: begin.page, done: begin.page }
    const isLate = arrived > expected
    if (!isLate) readers.add(own)
    changed()
    const pages = isLate ? open()[Symbol.asyncIterator]() : pagesFor(own, reader)
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        const { value, done } = await pages.next().catch(async (thrown: unknown) => {
          await leave(own)
          throw thrown
        })
        if (done) await leave(own)
        return done ? { value: undefined, done } : { value, done: false }
      },
      // A generator that was never started does not come to an end by itself.
      async return() {
        await pages.return?.()
        await leave(own)
        return { value: undefined, done: true }
      },
    }
  }

  return Object.freeze({ read })
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
