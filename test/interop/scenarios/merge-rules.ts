import type { Row } from '@millrace/core'
import { type LoadOptions, load } from '../load.ts'
import { byId, type Scenario, type Version, whenFound } from '../scenario.ts'
import { chance } from './merge-rules-by-chance.ts'

const lastDay = '9999-12-31T00:00:00.000000Z'

/** One version per load, of one table. */
function merging(
  options: LoadOptions,
  ...versions: readonly { readonly comes: readonly Row[]; readonly gives: Version; readonly on?: string }[]
): Scenario {
  return {
    rows: { events: versions.map(({ gives }) => gives) },
    make: async (folder) => {
      for (const { comes, on } of versions) {
        const merge = { ...options.merge, ...(on !== undefined && { boundaryTimestamp: on }) }
        await load(folder, [comes], { ...options, merge })
      }
    },
  }
}

/** The rules by which rows are merged. What each version has to hold was worked out by hand, or by an oracle. */
export const mergeRules: Readonly<Record<string, Scenario>> = {
  'parts that are replaced': merging(
    { ...byId, merge: { mergeKey: ['day'] } },
    {
      comes: [
        { id: 1, day: 'a', n: 1 },
        { id: 2, day: 'a', n: 1 },
        { id: 3, day: 'b', n: 1, tags: ['x'] },
      ],
      gives: [
        { id: 1, day: 'a', n: 1 },
        { id: 2, day: 'a', n: 1 },
        { id: 3, day: 'b', n: 1, tags: ['x'] },
      ],
    },
    {
      comes: [{ id: 4, day: 'a', n: 2 }],
      gives: [
        { id: 3, day: 'b', n: 1, tags: ['x'] },
        { id: 4, day: 'a', n: 2 },
      ],
    },
    // Into another part: it is in one of them only.
    { comes: [{ id: 3, day: 'a', n: 3 }], gives: [{ id: 3, day: 'a', n: 3 }] },
  ),

  'parts that are replaced, of rows without a key': merging(
    { ...byId, primaryKey: [], merge: { mergeKey: ['day'] } },
    {
      comes: [{ day: 'a', n: 1 }, { day: 'a', n: 1 }, { day: 'b' }],
      gives: [{ day: 'a', n: 1 }, { day: 'a', n: 1 }, { day: 'b' }],
    },
    {
      comes: [
        { day: 'b', n: 2 },
        { day: 'b', n: 2 },
      ],
      gives: [
        { day: 'a', n: 1 },
        { day: 'a', n: 1 },
        { day: 'b', n: 2 },
        { day: 'b', n: 2 },
      ],
    },
  ),

  'rows that come once': merging(
    { ...byId, merge: { strategy: 'insert-only' } },
    {
      comes: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ],
      gives: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ],
    },
    {
      comes: [
        { id: 2, v: 'ignored' },
        { id: 3, v: 'c', late: 1.5 },
      ],
      gives: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
        { id: 3, v: 'c', late: 1.5 },
      ],
    },
    {
      comes: [{ id: 1, v: 'ignored' }],
      gives: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
        { id: 3, v: 'c', late: 1.5 },
      ],
    },
  ),

  'rows that say that they are deleted': merging(
    { ...byId, merge: { hardDelete: 'gone' } },
    {
      comes: [
        { id: 1, v: 'a', gone: false },
        { id: 2, v: 'b' },
        { id: 3, gone: true },
      ],
      gives: [
        { id: 1, v: 'a', gone: false },
        { id: 2, v: 'b' },
      ],
    },
    {
      comes: [
        { id: 1, gone: true },
        { id: 4, v: 'd' },
      ],
      gives: [
        { id: 2, v: 'b' },
        { id: 4, v: 'd' },
      ],
    },
    {
      comes: [
        { id: 2, gone: true },
        { id: 4, gone: true },
      ],
      gives: [],
    },
    { comes: [{ id: 1, v: 'back' }], gives: [{ id: 1, v: 'back' }] },
  ),

  'rows of which the greatest stays': merging(
    { ...byId, merge: { dedupSort: { column: 'n', order: 'desc' } } },
    {
      comes: [
        { id: 1, n: 2, v: 'stays' },
        { id: 1, n: 1, v: 'late' },
        { id: 2, v: 'without' },
      ],
      gives: [
        { id: 1, n: 2, v: 'stays' },
        { id: 2, v: 'without' },
      ],
    },
    {
      comes: [
        { id: 1, n: 1, v: 'late again' },
        { id: 2, n: -5, v: 'with' },
      ],
      gives: [
        { id: 1, n: 2, v: 'stays' },
        { id: 2, n: -5, v: 'with' },
      ],
    },
  ),

  'rows that are gone, and marked': merging(
    { ...byId, merge: { deletedRows: 'mark' } },
    {
      comes: [{ id: 1, v: 'a' }, { id: 2, v: 'b', o: { n: 1 } }, { id: 3 }],
      gives: [{ id: 1, v: 'a' }, { id: 2, v: 'b', o: { n: 1 } }, { id: 3 }],
    },
    {
      comes: [{ id: 1, v: 'A' }, { id: 3 }],
      gives: [{ id: 1, v: 'A' }, { id: 2, v: 'b', o: { n: 1 }, _deleted_at: whenFound }, { id: 3 }],
    },
    {
      comes: [{ id: 2, v: 'back' }, { id: 3 }],
      gives: [{ id: 1, v: 'A', _deleted_at: whenFound }, { id: 2, v: 'back' }, { id: 3 }],
    },
  ),

  'rows that are gone, and removed': merging(
    { ...byId, merge: { deletedRows: 'remove' } },
    {
      comes: [{ id: 1, v: 'a' }, { id: 2, v: 'b' }, { id: 3 }],
      gives: [{ id: 1, v: 'a' }, { id: 2, v: 'b' }, { id: 3 }],
    },
    { comes: [{ id: 1, v: 'a' }, { id: 4 }], gives: [{ id: 1, v: 'a' }, { id: 4 }] },
    { comes: [{ id: 5 }], gives: [{ id: 5 }] },
  ),

  'rows that are gone from a read that is not whole': merging(
    { ...byId, isWhole: false, merge: { deletedRows: 'remove' } },
    { comes: [{ id: 1 }, { id: 2 }], gives: [{ id: 1 }, { id: 2 }] },
    { comes: [{ id: 3 }], gives: [{ id: 1 }, { id: 2 }, { id: 3 }] },
  ),

  'versions of rows': merging(
    { ...byId, merge: { strategy: 'scd2' } },
    {
      on: '2024-01-01',
      comes: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b', tags: ['x', null] },
        { id: 3, v: 'c' },
      ],
      gives: [
        { id: 1, v: 'a', ...from(1) },
        { id: 2, v: 'b', tags: ['x', null], ...from(1) },
        { id: 3, v: 'c', ...from(1) },
      ],
    },
    {
      on: '2024-01-02',
      comes: [
        { id: 1, v: 'a' },
        { id: 2, v: 'b', tags: ['x'] },
        { id: 4, v: 'd' },
      ],
      gives: [
        { id: 1, v: 'a', ...from(1) },
        { id: 2, v: 'b', tags: ['x', null], ...from(1, 2) },
        { id: 2, v: 'b', tags: ['x'], ...from(2) },
        { id: 3, v: 'c', ...from(1, 2) },
        { id: 4, v: 'd', ...from(2) },
      ],
    },
    {
      on: '2024-01-03',
      comes: [{ id: 1, v: 'a' }, { id: 2 }, { id: 3, v: 'c' }],
      gives: [
        { id: 1, v: 'a', ...from(1) },
        { id: 2, v: 'b', tags: ['x', null], ...from(1, 2) },
        { id: 2, v: 'b', tags: ['x'], ...from(2, 3) },
        { id: 2, ...from(3) },
        { id: 3, v: 'c', ...from(1, 2) },
        { id: 3, v: 'c', ...from(3) },
        { id: 4, v: 'd', ...from(2, 3) },
      ],
    },
  ),

  'versions of rows without a key': merging(
    { ...byId, primaryKey: [], merge: { strategy: 'scd2' } },
    {
      on: '2024-01-01',
      comes: [{ a: 1 }, { a: 2, o: { n: 1 } }],
      gives: [
        { a: 1, ...from(1) },
        { a: 2, o: { n: 1 }, ...from(1) },
      ],
    },
    {
      on: '2024-01-02',
      comes: [{ a: 2, o: { n: 1 } }, { a: 3 }],
      gives: [
        { a: 1, ...from(1, 2) },
        { a: 2, o: { n: 1 }, ...from(1) },
        { a: 3, ...from(2) },
      ],
    },
  ),

  'versions of rows that a column tells apart, and that end on the last day of all': merging(
    {
      ...byId,
      isWhole: false,
      merge: {
        strategy: 'scd2',
        rowVersionColumnName: 'version',
        validityColumnNames: ['since', 'until'],
        activeRecordTimestamp: '9999-12-31',
        hardDelete: 'gone',
      },
    },
    {
      on: '2024-01-01',
      comes: [
        { id: 1, version: 1, v: 'a' },
        { id: 2, version: 1, v: 'b' },
        { id: 3, version: 1, v: 'c' },
      ],
      gives: [
        { id: 1, version: 1, v: 'a', since: day(1), until: lastDay },
        { id: 2, version: 1, v: 'b', since: day(1), until: lastDay },
        { id: 3, version: 1, v: 'c', since: day(1), until: lastDay },
      ],
    },
    {
      on: '2024-01-02',
      comes: [
        { id: 1, version: 1, v: 'ignored' },
        { id: 2, version: 2, v: 'b' },
        { id: 3, version: 2, gone: true },
      ],
      gives: [
        { id: 1, version: 1, v: 'a', since: day(1), until: lastDay },
        { id: 2, version: 1, v: 'b', since: day(1), until: day(2) },
        { id: 2, version: 2, v: 'b', since: day(2), until: lastDay },
        { id: 3, version: 1, v: 'c', since: day(1), until: day(2) },
      ],
    },
  ),

  'versions of rows in parts': merging(
    { ...byId, merge: { strategy: 'scd2', mergeKey: ['part'] } },
    {
      on: '2024-01-01',
      comes: [
        { id: 1, part: 'x' },
        { id: 2, part: 'x' },
        { id: 3, part: 'y' },
      ],
      gives: [
        { id: 1, part: 'x', ...from(1) },
        { id: 2, part: 'x', ...from(1) },
        { id: 3, part: 'y', ...from(1) },
      ],
    },
    {
      on: '2024-01-02',
      comes: [{ id: 1, part: 'x', n: 1 }],
      gives: [
        { id: 1, part: 'x', ...from(1, 2) },
        { id: 1, part: 'x', n: 1, ...from(2) },
        { id: 2, part: 'x', ...from(1, 2) },
        { id: 3, part: 'y', ...from(1) },
      ],
    },
  ),

  'every rule by chance, with checkpoints of the logs and tables sorted on the way': chance,
}

function day(number: number): string {
  return `2024-01-0${number}T00:00:00.000000Z`
}

/** The days of January 2024 on which a version begins, and ends. */
function from(first: number, last?: number): Row {
  return { _dlt_valid_from: day(first), ...(last !== undefined && { _dlt_valid_to: day(last) }) }
}
