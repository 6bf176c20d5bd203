import type { MillraceEvent } from '@millrace/core'
import type { Discards } from './group-discards.ts'

/** What a contract dropped of one table in one run. */
export interface TableDiscards extends Discards {
  readonly table: string
}

/** Adds up the events of a run. */
export interface DiscardCounts {
  add(event: MillraceEvent): void
  /** What was dropped of the rows of one stream, its nested rows included. */
  of(stream: string): readonly TableDiscards[]
}

export function countDiscards(): DiscardCounts {
  const streams = new Map<string, Map<string, TableDiscards>>()
  return Object.freeze({
    add: (event: MillraceEvent): void => {
      if (event.type !== 'discarded') return
      const { type: _, stream, count, ...first } = event
      const counts = streams.get(stream) ?? new Map<string, TableDiscards>()
      streams.set(stream, counts)
      const key = JSON.stringify([first.table, first.dropped, first.reason, first.column])
      const before = counts.get(key)
      counts.set(key, { ...(before ?? first), count: (before?.count ?? 0) + count })
    },
    of: (stream: string): readonly TableDiscards[] => [...(streams.get(stream)?.values() ?? [])],
  })
}
