import { setMaxListeners } from 'node:events'
import type { ReadGroup, Stream } from './source.ts'

export interface ReadGroupsOptions {
  /** Groups read at once. */
  readonly concurrency: number
  /** Ends everything at once. */
  readonly signal?: AbortSignal | undefined
  /** Ends after the pages under way. */
  readonly stop?: AbortSignal | undefined
  readonly read: (stream: Stream, context: GroupContext) => Promise<void>
}

export interface GroupContext {
  readonly group: ReadGroup
  /** Fires where the caller aborts, or another stream has failed. */
  readonly signal: AbortSignal
  /** Fires where the caller wants the reading to end, and at the latest with `signal`. */
  readonly stop: AbortSignal
}

/**
 * Reads streams, the groups in order, several at once, and the streams of one group together.
 *
 * @throws the first failure, or the reason of `signal` or `stop`, when all streams have come to rest. Where `stop` has fired,
 *   nobody knows whether a stream that ended was at its end, so that its reason is thrown also then.
 */
export async function readGroups(streams: readonly Stream[], options: ReadGroupsOptions): Promise<void> {
  const failure = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal
  const stop = options.stop ? AbortSignal.any([options.stop, signal]) : signal
  // Every request and every wait of every stream listens to them.
  setMaxListeners(0, signal, stop)
  const queue = groupsOf(streams)
  async function work(): Promise<void> {
    for (let next = queue.shift(); next !== undefined && !stop.aborted; next = queue.shift()) {
      const group: ReadGroup = { names: next.map(({ name }) => name) }
      const fail = (thrown: unknown): void => {
        // All others stop: those of the group may be waiting for what this one will not do any more.
        if (!stop.aborted || thrown !== stop.reason) failure.abort(thrown)
      }
      await Promise.all(next.map((stream) => options.read(stream, { group, signal, stop }).catch(fail)))
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work))
  signal.throwIfAborted()
  stop.throwIfAborted()
}

/** Streams that are read together, in the order of the first of each group. */
function groupsOf(streams: readonly Stream[]): Stream[][] {
  const groups = new Map<unknown, Stream[]>()
  for (const stream of streams) {
    const key = stream.group ?? stream
    groups.set(key, [...(groups.get(key) ?? []), stream])
  }
  return [...groups.values()]
}
