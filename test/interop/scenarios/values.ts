import type { Row } from '@millrace/core'
import { Schema } from 'apache-arrow'
import { load } from '../load.ts'
import { byId, type Scenario } from '../scenario.ts'
import { everyType, everyValue, strictMembers } from './every-type.ts'

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

/** What rows hold: all types and their extremes, names and texts, columns that come later, objects and lists. */
export const values: Readonly<Record<string, Scenario>> = {
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
    // It takes a member of an object that is null for a null.
    without: { pyarrow: /field 'must' of type string has nulls. Can't cast to non-nullable field/ },
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

  'members that come later': {
    rows: {
      events: [
        [{ id: 1, o: { n: 1 }, l: [{ a: 'x' }] }],
        [
          { id: 1, o: { n: 1, at: null }, l: [{ a: 'x', b: null }] },
          { id: 2, o: { n: 2, at: { city: 'Bern' } }, l: [{ a: 'y', b: 1.5 }] },
        ],
        // Of a file that is written again, and one that is not.
        [
          { id: 1, o: { n: null, at: null, z: true }, l: [] },
          { id: 2, o: { n: 2, at: { city: 'Bern' }, z: null }, l: [{ a: 'y', b: 1.5 }] },
          { id: 3, o: null, l: null },
        ],
      ],
    },
    make: async (folder) => {
      await load(folder, [[{ id: 1, o: { n: 1 }, l: [{ a: 'x' }] }]], byId)
      await load(folder, [[{ id: 2, o: { n: 2, at: { city: 'Bern' } }, l: [{ b: 1.5, a: 'y' }] }]], byId)
      await load(folder, [[{ id: 1, o: { z: true }, l: [] }, { id: 3 }]], byId)
    },
  },

  'odd names and texts': {
    rows: { 'Größe & 100% +': [11, 12] },
    // It looks for files in a folder named by its URL.
    without: { Polars: /FileNotFoundError.*Gr%C3%B6%C3%9Fe/ },
    make: async (folder) => {
      const options = { ...byId, name: 'Größe & 100% +' }
      const rows = oddTexts.map((text, id) => Object.fromEntries([['id', id], ...oddNames.map((name) => [name, text])]))
      await load(folder, [rows], options)
      await load(folder, [[{ id: 3, Größe: 'new' }, { id: 99 }]], options)
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
}
