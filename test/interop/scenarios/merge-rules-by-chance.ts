import type { Row } from '@millrace/core'
import { optimizeLake } from '@millrace/lake'
import type { MergeHints } from '@millrace/pipeline'
import { mergeOracle } from '../../support/merge-oracle.ts'
import { createRandom, type Random } from '../../support/random.ts'
import { load } from '../load.ts'
import type { Scenario, Version } from '../scenario.ts'
import { whenFound } from '../scenario.ts'

/** Runs of each table: enough for a checkpoint of its log, and some behind it. */
const runs = 12

/** Behind this run a table is sorted by its key, which makes a version of its own. */
const sortedAfter = 6

/** By the name of the table. */
const rules: Readonly<Record<string, MergeHints>> = {
  upsert: { dedupSort: { column: 'n', order: 'asc' }, hardDelete: 'gone' },
  marked: { deletedRows: 'mark' },
  removed: { deletedRows: 'remove', hardDelete: 'gone' },
  parts: { strategy: 'delete-insert', mergeKey: ['part'] },
  once: { strategy: 'insert-only', deletedRows: 'mark' },
  versions: { strategy: 'scd2', hardDelete: 'gone' },
  versions_of_parts: { strategy: 'scd2', mergeKey: ['part'] },
}

interface History {
  readonly loads: readonly (readonly Row[])[]
  readonly versions: readonly Version[]
}

const random = createRandom(20_261_128)
const histories = Object.entries(rules).map(([table, merge]) => ({ table, merge, ...historyOf(merge, random) }))

/** A table per rule, and what an oracle says that each load leaves of it. */
export const chance: Scenario = {
  rows: Object.fromEntries(histories.map(({ table, versions }) => [table, versions])),
  make: async (folder) => {
    for (const { table, merge, loads } of histories) {
      for (const [run, rows] of loads.entries()) {
        const hints = { ...merge, ...(merge.strategy === 'scd2' && { boundaryTimestamp: boundaryOf(run) }) }
        const options = { disposition: 'merge', name: table, primaryKey: ['id'], merge: hints, segmentRows: 4 } as const
        await load(folder, [rows.slice(0, 5), rows.slice(5)], options)
        if (run === sortedAfter) await optimizeLake(folder, { table, sortBy: ['id'] })
      }
    }
  },
}

function historyOf(merge: MergeHints, random: Random): History {
  const { strategy = 'upsert', mergeKey = [], deletedRows = 'keep' } = merge
  const versions: Row[][] = []
  const loads = Array.from({ length: runs }, () => Array.from({ length: random.int(3, 9) }, () => rowOf(random)))
  for (const [run, rows] of loads.entries()) {
    const at = Date.parse(whenFound)
    const validity = { validFrom: '_dlt_valid_from', validTo: '_dlt_valid_to', boundary: boundaryOf(run) }
    const plan = { ...merge, strategy, mergeKey, deletedRows, isWhole: true, at }
    const before = versions.at(-1) ?? []
    versions.push(mergeOracle(before, rows, { ...plan, ...(strategy === 'scd2' && { versions: validity }) }, ['id']))
    if (run === sortedAfter) versions.push(versions.at(-1) ?? [])
  }
  return { loads, versions }
}

function rowOf(random: Random): Row {
  return {
    id: random.int(1, 12),
    part: random.pick(['x', 'y', 'z']),
    ...(random.chance(0.8) && { n: random.int(1, 5) }),
    v: random.pick(['a', 'b', 'ü']),
    ...(random.chance(0.3) && { list: [{ k: random.int(1, 2) }, null] }),
    gone: random.chance(0.15),
  }
}

function boundaryOf(run: number): string {
  return new Date(Date.UTC(2024, 0, 1 + run)).toISOString()
}
