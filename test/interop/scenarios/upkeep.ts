import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '@millrace/core'
import { optimizeLake, vacuumLake } from '@millrace/lake'
import { load } from '../load.ts'
import { byId, type Scenario } from '../scenario.ts'
import { asStored, everyType, everyValue } from './every-type.ts'

/** Enough runs for a checkpoint of the log, each of which merges one of three rows as it is, and one with another row. */
const checkpointed: readonly (readonly Row[])[] = [
  everyValue(),
  ...Array.from({ length: 11 }, (_, index) => everyValue().slice((index + 1) % 3, ((index + 1) % 3) + 1)),
  [{ id: 4, text: 'the last' }],
]
const afterEach = upserted(checkpointed)

/** Loads of a few rows, each of which changes one and brings one. */
const small: readonly (readonly Row[])[] = Array.from({ length: 6 }, (_, run) => [
  { id: run, text: `row ${run}`, tags: [`run ${run}`] },
  { id: run + 1, text: `row ${run + 1}`, ...(run > 2 && { late: run / 2 }) },
])

const sortedRows = 130_000

/** Every number below {@link sortedRows} once, in no order: 7,919 is a prime. */
const unsorted: readonly Row[] = Array.from({ length: sortedRows }, (_, index) => ({
  id: (index * 7_919) % sortedRows,
  half: ((index * 7_919) % sortedRows) / 2,
}))

/** What is done to a lake beside loading it: checkpoints of its log, compaction, vacuum. */
export const upkeep: Readonly<Record<string, Scenario>> = {
  'a log with checkpoints': {
    rows: { events: afterEach },
    make: async (folder) => {
      for (const rows of checkpointed) await load(folder, [rows], { ...byId, schema: { columns: everyType } })
    },
  },

  'a log whose early commits are gone in favour of a checkpoint': {
    rows: { events: afterEach.map((rows, version) => (version < 10 ? undefined : rows)) },
    make: async (folder) => {
      await upkeep['a log with checkpoints']?.make(folder)
      const log = join(folder, 'events', '_delta_log')
      for (let version = 0; version < 10; version++) await rm(join(log, `${String(version).padStart(20, '0')}.json`))
    },
  },

  'a log with checkpoints, of files that were joined and vacuumed': {
    rows: {
      events: [...afterEach.map(() => undefined), ...upserted([...checkpointed, [], [{ id: 2, i8: 1 }]]).slice(-2)],
    },
    make: async (folder) => {
      await upkeep['a log with checkpoints']?.make(folder)
      await optimizeLake(folder)
      await vacuumAll(folder)
      await load(folder, [[{ id: 2, i8: 1 }]], { ...byId, schema: { columns: everyType } })
    },
  },

  'small files that were joined, and merged into': {
    rows: { events: upserted([...small, [], ...small.slice(2, 5), [], [{ id: 100 }]]) },
    make: async (folder) => {
      for (const rows of small) await load(folder, [rows], byId)
      await optimizeLake(folder)
      for (const rows of small.slice(2, 5)) await load(folder, [rows], byId)
      await optimizeLake(folder, { sortBy: ['text', 'id'] })
      await load(folder, [[{ id: 100 }]], byId)
    },
  },

  'a table of several files, sorted by its key': {
    rows: { events: upserted([unsorted, [], [{ id: 64_999 }, { id: sortedRows, half: 0.25 }], []]) },
    make: async (folder) => {
      await load(folder, [unsorted], { ...byId, segmentRows: 50_000 })
      // A file ends where a row group does, of 122,880 rows.
      const sorting = { sortBy: ['id'], targetBytes: 10_000 }
      await optimizeLake(folder, sorting)
      await load(folder, [[{ id: 64_999 }, { id: sortedRows, half: 0.25 }]], byId)
      await optimizeLake(folder, sorting)
    },
  },

  'files that were vacuumed': {
    rows: { events: [undefined, undefined, undefined, undefined, [{ id: 9 }], [{ id: 9, text: 'ours' }, { id: 10 }]] },
    make: async (folder) => {
      for (const rows of small.slice(0, 4)) await load(folder, [rows])
      await load(folder, [[{ id: 9 }]], { disposition: 'replace' })
      await vacuumAll(folder)
      await load(folder, [[{ id: 9, text: 'ours' }, { id: 10 }]], byId)
    },
  },
}

/** Whatever the newest version does not need. */
async function vacuumAll(folder: string): Promise<void> {
  await vacuumLake(folder, { retentionHours: 0, allowShortRetention: true })
}

/** What a table holds after each of these loads by key; one of no rows stands for a version that changes none. */
function upserted(loads: readonly (readonly Row[])[]): readonly (readonly Row[])[] {
  const rows = new Map<unknown, Row>()
  return loads.map((load) => {
    for (const row of load) rows.set(row['id'], asStored(row))
    return [...rows.values()]
  })
}
