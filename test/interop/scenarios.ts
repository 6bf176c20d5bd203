import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { parquetjsLite } from '@millrace/parquet'
import { Field, Float32, List, Schema, Struct, Utf8 } from 'apache-arrow'
import { createRandom } from '../support/random.ts'
import { load } from './load.ts'

/** A lake that other readers are to read as we do. */
export interface Scenario {
  /** Per table the rows of each version; undefined where a version is there for nobody any more. */
  readonly rows: Readonly<Record<string, readonly (number | undefined)[]>>
  /** Readers that fail on it, for a reason that is theirs. */
  readonly without?: readonly string[]
  make(folder: string): Promise<void>
}

const byId = { disposition: 'merge', primaryKey: ['id'] } as const

/** Text that readers have stumbled over. The largest is longer than what statistics keep, and cut at a surrogate pair. */
const oddTexts = [
  '',
  ' ',
  'a\u0000b',
  '\uFEFFbom',
  '\r\n\t',
  '"\'\\',
  '漢字',
  '\u{1F642}',
  'NULL',
  'NaN',
  `${'z'.repeat(31)}\u{1F642}!`,
]

/** Enough runs for a checkpoint of the log, each of which changes one of three rows. */
const checkpointed: readonly (readonly Row[])[] = Array.from({ length: 12 }, (_, version) =>
  version === 0
    ? everyValue()
    : everyValue()
        .slice(version % 3)
        .slice(0, 1),
)

const oddNames = [
  'with space',
  'dotted.name',
  'a,b;c',
  '{brace}(=)',
  'quote"s',
  "it's",
  'Größe',
  '漢字',
  '1',
  '%20',
  '__proto__',
]

/** Every lake of the tests, by what is special about it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
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

  'values of every type': {
    rows: { events: [3, 3, 4] },
    make: async (folder) => {
      const options = { ...byId, schema: { columns: everyType } }
      await load(folder, [everyValue()], options)
      await load(folder, [everyValue().slice(0, 1)], options)
      // Nothing but the key.
      await load(folder, [[{ id: 4 }]], options)
    },
  },

  'members that may not be null': {
    rows: { events: [2, 3] },
    make: async (folder) => {
      const options = { ...byId, schema: { columns: strictMembers } }
      await load(
        folder,
        [
          [
            { id: 1, o: { must: 'x', may: null }, l: ['a', ''] },
            { id: 2, o: { must: '', may: 'y' } },
          ],
        ],
        options,
      )
      await load(
        folder,
        [
          [
            { id: 1, o: { must: 'z' }, l: [] },
            { id: 3, o: { must: 'a' } },
          ],
        ],
        options,
      )
    },
  },

  'missing objects with members that may not be null': {
    rows: { events: [2, 2] },
    // pyarrow takes a member of an object that is null for a null, and Spark hands its rows over by pyarrow.
    without: ['pyarrow', 'Spark'],
    make: async (folder) => {
      const columns = new Schema(
        strictMembers.fields.map((field) => (field.name === 'o' ? field.clone({ nullable: true }) : field)),
      )
      const options = { ...byId, schema: { columns } }
      await load(folder, [[{ id: 1, o: { must: 'x' } }, { id: 2 }]], options)
      await load(folder, [[{ id: 1, o: { must: 'y' } }]], options)
    },
  },

  'numbers that are hard to write': {
    rows: { events: [4, 8] },
    make: async (folder) => {
      await load(folder, [
        [
          { x: 0.1 + 0.2, i: 1 },
          { x: -0, i: 2 },
          { x: 5e-324, i: 3 },
          { x: 1.7976931348623157e308, i: 4 },
        ],
      ])
      await load(folder, [
        [
          { x: 1e-7, i: 5 },
          { x: 1e21, i: 2n ** 63n - 1n },
          { x: 2.5, i: -(2n ** 63n) },
          { x: -1.5, i: 0 },
        ],
      ])
    },
  },

  'columns that come later': {
    rows: { events: [2, 4, 6, 7, 8] },
    make: async (folder) => {
      await load(
        folder,
        [
          [
            { id: 1, v: 1, o: { a: 1 } },
            { id: 2, v: 2 },
          ],
        ],
        byId,
      )
      await load(
        folder,
        [
          [
            { id: 3, late: 'x', o: { a: 2, b: [true] } },
            { id: 4, later: [{ deep: 1.5 }] },
          ],
        ],
        byId,
      )
      // A value that does not fit goes to a column of its own.
      await load(
        folder,
        [
          [
            { id: 5, v: 'text' },
            { id: 6, v: 1.25 },
          ],
        ],
        byId,
      )
      await load(folder, [[{ id: 7, later: [{ deep: 2, deeper: { deepest: null, n: 1 } }] }]], byId)
      await load(
        folder,
        [
          [
            { id: 1, v: 10, late: 'y' },
            { id: 8, v: false },
          ],
        ],
        byId,
      )
    },
  },

  'odd names and texts': {
    rows: { 'Größe & 100% +': [11, 12] },
    make: async (folder) => {
      const options = { ...byId, name: 'Größe & 100% +' }
      const rows = oddTexts.map((text, id) => Object.fromEntries([['id', id], ...oddNames.map((name) => [name, text])]))
      await load(folder, [rows], options)
      await load(folder, [[{ id: 3, Größe: 'new' }, { id: 99 }]], options)
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

  'objects and lists': {
    rows: { events: [5, 6] },
    make: async (folder) => {
      const rows: Row[] = [
        { id: 1, o: { a: 1, b: { c: 'x', d: [1, 2, null] } }, l: [{ x: [[1], [], [2, 3]] }, null, { x: null }] },
        { id: 2, o: null, l: [] },
        { id: 3, o: { a: null, b: null }, l: null },
        { id: 4, o: { a: 2, b: { c: null, d: [] } }, l: [{ x: [] }] },
        { id: 5 },
      ]
      await load(folder, [rows.slice(0, 3), rows.slice(3)], byId)
      await load(
        folder,
        [
          [
            { id: 2, o: { b: { d: [9_007_199_254_740_993n] } } },
            { id: 6, l: [{}] },
          ],
        ],
        byId,
      )
    },
  },

  'lists as tables of their own': {
    rows: { events: [2, 3], events__items: [3, 4], events__items__tags: [2, 3] },
    make: async (folder) => {
      const options = { schema: { nested: 'tables' } } as const
      await load(
        folder,
        [
          [
            { id: 1, o: { a: 1 }, items: [{ n: 1, tags: ['a', 'b'] }, { n: 2 }] },
            { id: 2, items: [{ n: 3 }] },
          ],
        ],
        options,
      )
      await load(folder, [[{ id: 3, items: [{ n: 4, tags: ['c'] }] }]], options)
    },
  },

  'lists as JSON text': {
    rows: { events: [2, 2] },
    make: async (folder) => {
      const options = { ...byId, schema: { nested: 'json' } } as const
      await load(
        folder,
        [
          [
            { id: 1, o: { a: [1, { b: 'x' }] } },
            { id: 2, o: [] },
          ],
        ],
        options,
      )
      await load(folder, [[{ id: 2, o: { c: null } }]], options)
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

  'a log with checkpoints': {
    rows: { events: [...checkpointed.map(() => 3), 4] },
    make: async (folder) => {
      const options = { ...byId, schema: { columns: everyType } }
      for (const rows of checkpointed) await load(folder, [rows], options)
      await load(folder, [[{ id: 4, text: 'the last' }]], options)
    },
  },

  'a log whose early commits are gone in favour of a checkpoint': {
    rows: { events: [...checkpointed.map((_, version) => (version < 10 ? undefined : 3)), 4] },
    make: async (folder) => {
      await scenarios['a log with checkpoints']?.make(folder)
      const log = join(folder, 'events', '_delta_log')
      for (let version = 0; version < 10; version++) await rm(join(log, `${String(version).padStart(20, '0')}.json`))
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

const everyType = new Schema([
  ...toSchema({
    id: { dataType: 'bigint', nullable: false },
    i8: { dataType: 'bigint', precision: 8 },
    i16: { dataType: 'bigint', precision: 16 },
    i32: { dataType: 'bigint', precision: 32 },
    i64: { dataType: 'bigint' },
    f64: { dataType: 'double' },
    flag: { dataType: 'bool' },
    text: { dataType: 'text' },
    at: { dataType: 'timestamp' },
    day: { dataType: 'date' },
    money: { dataType: 'decimal', precision: 12, scale: 2 },
    small: { dataType: 'decimal', precision: 5, scale: 5 },
    wide: { dataType: 'decimal' },
    wei: { dataType: 'wei' },
    bytes: { dataType: 'binary' },
    json: { dataType: 'json' },
  }).fields,
  new Field('f32', new Float32(), true),
])

const strictMembers = new Schema([
  ...toSchema({ id: { dataType: 'bigint', nullable: false } }).fields,
  new Field('o', new Struct([new Field('must', new Utf8(), false), new Field('may', new Utf8(), true)]), false),
  new Field('l', new List(new Field('element', new Utf8(), false)), true),
])

function everyValue(): readonly Row[] {
  return [
    {
      id: 1,
      i8: -128,
      i16: -32_768,
      i32: -2_147_483_648,
      i64: -(2n ** 63n),
      f64: -1.7976931348623157e308,
      flag: false,
      text: 'a',
      at: '0001-01-01T00:00:00.000000Z',
      day: '0001-01-01',
      money: '-9999999999.99',
      small: '-0.99999',
      wide: '-99999999999999999999999999999.999999999',
      wei: '-99999999999999999999999999999999999999',
      bytes: 'AP9B',
      json: { a: [1, null] },
      f32: -3.4028234663852886e38,
    },
    { id: 2 },
    {
      id: 3,
      i8: 127,
      i16: 32_767,
      i32: 2_147_483_647,
      i64: 2n ** 63n - 1n,
      f64: 5e-324,
      flag: true,
      text: 'ü',
      at: '9999-12-31T23:59:59.999999Z',
      day: '9999-12-31',
      money: '0.01',
      small: '0.00001',
      wide: '0.000000001',
      wei: '9007199254740993',
      bytes: '',
      json: 'text',
      f32: 1.5,
    },
  ]
}
