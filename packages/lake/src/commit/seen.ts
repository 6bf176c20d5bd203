import { type Emit, errorMessage, isMillraceError } from '@millrace/core'
import type { PipelineState, RootRef } from '@millrace/pipeline'
import { readSnapshot } from '../delta/read-snapshot.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { tableNames } from '../delta/table-names.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { appId, readStates, type StoredState } from './stored-state.ts'

/** What the logs of a lake said of one pipeline when a session looked. */
export interface Seen {
  readonly state: PipelineState
  /** Version of the stream's last transaction in a table, 0 for none. */
  base(table: string, stream: string): number
  /** What that transaction stored. */
  stored(table: string, stream: string): StoredState | undefined
  /** The version that a table had, -1 for none. */
  version(table: string): number
  /** A table that the pipeline has committed to, so that it need not be read again. */
  snapshot(table: string): Snapshot | undefined
  /** The tables that commits of a stream have made of its nested rows: their streams and names. */
  children(root: RootRef): readonly RootRef[]
}

/**
 * Reads the logs of all tables.
 *
 * A table that cannot be read is passed over with a warning: it may be none of ours. Where it is, the first call that
 * names it fails with the reason.
 */
export async function lookAround(lake: ObjectStore, pipeline: string, emit: Emit): Promise<Seen> {
  const versions = new Map<string, number>()
  const snapshots = new Map<string, Snapshot>()
  const bases = new Map<string, number>()
  const states = new Map<string, StoredState>()
  const latest = new Map<string, StoredState>()
  const children: { readonly root: RootRef; readonly child: RootRef }[] = []
  for (const table of await tableNames(lake)) {
    let snapshot: Snapshot | undefined
    try {
      snapshot = await readSnapshot(lake.within(table))
    } catch (thrown) {
      if (!isMillraceError(thrown) || thrown.code === 'E_STORAGE') throw thrown
      emit({ type: 'warning', message: `table "${table}" is passed over: ${errorMessage(thrown)}` })
    }
    if (!snapshot) continue
    versions.set(table, snapshot.version)
    for (const [id, { version }] of snapshot.transactions) bases.set(placeOf(table, id), version)
    for (const { pipeline: owner, stream, state } of readStates(snapshot, table)) {
      if (owner !== pipeline) continue
      snapshots.set(table, snapshot)
      states.set(placeOf(table, appId(pipeline, stream)), state)
      if (state.root) {
        children.push({ root: state.root, child: { stream, table } })
        continue
      }
      const other = latest.get(stream)
      if (!other || other.committedAt < state.committedAt) latest.set(stream, state)
    }
  }
  const streams = [...latest].map(([stream, { checkpoint: _, root: __, ...state }]) => [stream, state] as const)
  return Object.freeze({
    state: { streams: Object.fromEntries(streams) },
    base: (table: string, stream: string) => bases.get(placeOf(table, appId(pipeline, stream))) ?? 0,
    stored: (table: string, stream: string) => states.get(placeOf(table, appId(pipeline, stream))),
    version: (table: string) => versions.get(table) ?? -1,
    snapshot: (table: string) => snapshots.get(table),
    children: ({ stream, table }: RootRef) =>
      children.filter(({ root }) => root.stream === stream && root.table === table).map(({ child }) => child),
  })
}

function placeOf(table: string, id: string): string {
  return JSON.stringify([table, id])
}
