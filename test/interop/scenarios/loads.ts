import type { Row } from '@millrace/core'
import { parquetjsLite } from '@millrace/parquet'
import { createRandom } from '../../support/random.ts'
import { load } from '../load.ts'
import { byId, type Scenario } from '../scenario.ts'

/** Runs: those that append, replace and merge, that have nothing, that died, that write much. */
export const loads: Readonly<Record<string, Scenario>> = {
  'rows that are appended': {
    rows: { events: [4, 6, 7] },
    make: async (folder) => {
      await load(folder, [
        [
          { id: 1, name: 'a' },
          { id: 2, name: null },
        ],
        [
          { id: 3, name: 'c' },
          { id: 4, name: 'd' },
        ],
      ])
      await load(folder, [
        [
          { id: 5, name: 'e' },
          { id: 1, name: 'again' },
        ],
      ])
      await load(folder, [[{ id: 9_007_199_254_740_993n, name: 'beyond 2^53' }]])
    },
  },

  'a table that is replaced': {
    rows: { events: [3, 1, 2, 1] },
    make: async (folder) => {
      await load(folder, [[{ id: 1 }, { id: 2 }, { id: 3 }]])
      await load(folder, [[{ id: 4, late: true }]], { disposition: 'replace' })
      await load(folder, [[{ id: 5 }]])
      await load(folder, [[{ id: 6 }]], { mode: 'full-refresh' })
    },
  },

  'tables of nested rows that are merged': {
    rows: { events: [3, 3, 2], events__items: [4, 3, 2] },
    make: async (folder) => {
      const row = (id: number, ...skus: readonly string[]): Row => ({ id, items: skus.map((sku) => ({ sku })) })
      const options = { ...byId, schema: { nested: 'tables' }, merge: { deletedRows: 'remove' } } as const
      await load(folder, [[row(1, 'a', 'b'), row(2, 'c'), row(3, 'd')]], options)
      await load(folder, [[row(1, 'e'), row(2, 'c'), row(3, 'd')]], options)
      await load(folder, [[row(1, 'e'), row(3, 'd')]], options)
    },
  },

  'merges, one after the other': {
    rows: { events: [40, 41, 44, 47, 53, 53] },
    make: async (folder) => {
      const random = createRandom(20_261_125)
      const rows = (count: number, upTo: number): Row[] =>
        Array.from({ length: count }, () => ({
          id: random.int(1, upTo) * 1_000_003,
          name: random.string(random.int(0, 40)),
          score: random.chance(0.2) ? null : random.next() * 1e6,
          at: random.date(new Date(0), new Date(2e12)).toISOString(),
        }))
      const all = Array.from({ length: 40 }, (_, index) => ({ ...rows(1, 1)[0], id: (index + 1) * 1_000_003 }))
      await load(folder, [all.slice(0, 20), all.slice(20)], { ...byId, segmentRows: 10 })
      for (const upTo of [50, 55, 60, 70])
        await load(folder, [rows(8, upTo), rows(8, upTo)], { ...byId, segmentRows: 10 })
      await load(folder, [all.slice(0, 5)], byId)
    },
  },

  'keys of several columns': {
    rows: { events: [3, 4] },
    make: async (folder) => {
      const options = { disposition: 'merge', primaryKey: ['shop', 'at'] } as const
      const at = (micros: string): string => `1969-12-31T23:59:59.${micros}Z`
      await load(
        folder,
        [
          [
            { shop: 'a', at: at('999999'), n: 1 },
            { shop: 'a', at: at('999998'), n: 2 },
            { shop: 'b', at: at('999999'), n: 3 },
          ],
        ],
        options,
      )
      await load(
        folder,
        [
          [
            { shop: 'a', at: at('999999'), n: 4 },
            { shop: 'A', at: at('999999'), n: 5 },
          ],
        ],
        options,
      )
    },
  },

  'runs without rows': {
    rows: { events: [1, 1, 2, 2, 0, 0] },
    make: async (folder) => {
      await load(folder, [[{ id: 1 }]], byId)
      await load(folder, [], byId)
      await load(folder, [[], [{ id: 2 }], []], byId)
      await load(folder, [[]])
      await load(folder, [], { disposition: 'replace' })
      await load(folder, [], byId)
    },
  },

  'a run that stopped and was taken over': {
    rows: { events: [9, 10] },
    make: async (folder) => {
      const pages = [0, 1, 2, 3].map((page) =>
        [0, 1, 2].map((index) => ({ id: page * 2 + index, page, ...(page > 2 && { late: page }) })),
      )
      const options = { ...byId, segmentRows: 4 }
      await load(folder, pages, { ...options, failsAfter: 1 })
      await load(folder, pages, { ...options, failsAfter: 3 })
      await load(folder, pages.slice(0, 4), options)
      await load(folder, [[{ id: 100 }], []], options)
    },
  },

  'many files': {
    rows: { events: [60, 60] },
    make: async (folder) => {
      const rows = Array.from({ length: 60 }, (_, index) => ({
        id: index,
        text: `row ${String(index).padStart(3, '0')}`,
        at: new Date(Date.UTC(2024, 0, 1) + index * 3_600_000).toISOString(),
        half: index / 2,
        odd: index % 2 === 1,
      }))
      await load(
        folder,
        Array.from({ length: 12 }, (_, page) => rows.slice(page * 5, page * 5 + 5)),
        { ...byId, segmentRows: 5 },
      )
      await load(folder, [[{ id: 30, text: 'changed' }]], byId)
    },
  },

  'files of the other encoder': {
    rows: { events: [3, 4] },
    make: async (folder) => {
      const options = { ...byId, encoder: parquetjsLite() }
      const rows = [
        { id: 1, name: 'a', at: '2024-02-29T12:00:00.123456Z', i: 2n ** 62n },
        { id: 2, name: null },
        { id: 3 },
      ]
      await load(folder, [rows], options)
      await load(
        folder,
        [
          [
            { id: 2, name: 'b' },
            { id: 4, name: 'd' },
          ],
        ],
        options,
      )
    },
  },

  'a file of several megabytes': {
    rows: { events: [20_000, 20_001] },
    make: async (folder) => {
      const random = createRandom(7)
      const rows = Array.from({ length: 20_000 }, (_, id) => ({
        id,
        text: random.string(60),
        n: random.int(0, 9),
        x: random.next(),
      }))
      await load(
        folder,
        Array.from({ length: 20 }, (_, page) => rows.slice(page * 1_000, page * 1_000 + 1_000)),
        byId,
      )
      await load(
        folder,
        [
          [
            { id: 19_999, text: 'changed' },
            { id: 20_000, text: 'new' },
          ],
        ],
        byId,
      )
    },
  },
}
