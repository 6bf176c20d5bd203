import { setMaxListeners } from 'node:events'
import type { ReadGroup, Stream } from './source.ts'

export interface ReadGroupsOptions {
  /** Groups read at once. */
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
  readonly read: (stream: Stream, context: GroupContext) => Promise<void>
}

export interface GroupContext {
  readonly group: ReadGroup
  /** Fires where the caller aborts, or another stream has failed. */
  readonly signal: AbortSignal
}

/**
 * Reads streams, the groups in order, several at once, and the streams of one group together.
 *
 * @throws the first failure, or the reason of the signal, when all streams have come to rest.
 */
export async function readGroups(streams: readonly Stream[], options: ReadGroupsOptions): Promise<void> {
  const failure = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal
  // Every request and every wait of every stream listens to it.
  setMaxListeners(0, signal)
  const queue = groupsOf(streams)
  async function work(): Promise<void> {
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      const group: ReadGroup = { names: next.map(({ name }) => name) }
      // All others stop: those of the group may be waiting for what this one will not do any more.
      const stop = (thrown: unknown): void => failure.abort(thrown)
      await Promise.all(next.map((stream) => options.read(stream, { group, signal }).catch(stop)))
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work))
  signal.throwIfAborted()
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
