import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  type MergedFiles,
  type MergeFilesOptions,
  type MergeRules,
  mergeFiles,
  readAs,
  withMergeColumns,
} from '@millrace/merge'
import { writeParquetFile } from '@millrace/parquet'
import { Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('rules of a merge')

it('does not write again what is there already', async () => {
  await inFolder(async ({ write, merge, folder }) => {
    const rows = [{ id: 1, v: 'a', at: '2024-05-01T00:00:00.000001Z', tags: [{ k: null }], x: 0.1 }, { id: 2 }]
    const live = [await write(rows), await write([{ id: 3, v: 'c' }])]
    const staged = [await write([{ id: 3, v: 'c' }, ...rows])]
    assert.equal(counts(await merge(live, staged)), { files: [0, 0], inserted: 0, updated: 0, deleted: 0 })
    assert.is((await readdir(folder)).length, 3, 'nothing was written')
    // Of a file that changes, a row that is as it was stays where it is.
    const changed = await merge(live, [await write([{ id: 1, v: 'b' }, { id: 2 }, { id: 3, v: 'c' }])])
    assert.equal(counts(changed), { files: [2, 1], inserted: 0, updated: 1, deleted: 0 })
    assert.equal(
      changed.added.map(({ rows }) => rows),
      [1, 1],
    )
  })
})

it('takes a value for another than null, and a text for another than itself with a space', async () => {
  await inFolder(async ({ write, merge }) => {
    const live = [await write([{ id: 1, v: 'a' }, { id: 2, v: 'a' }, { id: 3 }, { id: 4, o: { a: 1 } }])]
    const staged = [await write([{ id: 1 }, { id: 2, v: 'a ' }, { id: 3, v: '' }, { id: 4, o: { a: null } }])]
    assert.is((await merge(live, staged)).updated, 4)
  })
})

it('keeps the row that is first or last by a column, and of equal ones the last to arrive', async () => {
  await inFolder(async ({ write, merge, read }) => {
    const staged = [
      await write([
        { id: 1, n: 2, v: 'a' },
        { id: 1, n: null, v: 'none' },
        { id: 2, v: 'only' },
      ]),
      await write([
        { id: 1, n: 3, v: 'b' },
        { id: 1, n: 2, v: 'c' },
        { id: 1, n: 3, v: 'd' },
      ]),
    ]
    const desc = await merge([], staged, { dedupSort: { column: 'n', order: 'desc' } })
    assert.equal(await read(desc), ['1 d', '2 only'])
    const asc = await merge([], staged, { dedupSort: { column: 'n', order: 'asc' } })
    assert.equal(await read(asc), ['1 c', '2 only'])
    const error = await failureOf(merge([], staged, { dedupSort: { column: 'm', order: 'asc' } }))
    assert.is(error.code, 'E_COLUMN_MISSING')
  })
})

it('lets no late row take the place of a newer one that is there', async () => {
  await inFolder(async ({ write, merge, read }) => {
    const live = [
      await write([
        { id: 1, n: 5, v: 'new' },
        { id: 2, n: 5, v: 'old' },
        { id: 3, n: 5, v: 'same' },
      ]),
    ]
    const staged = [
      await write([
        { id: 1, n: 4, v: 'late' },
        { id: 2, n: 6, v: 'newer' },
        { id: 3, n: 5, v: 'again' },
      ]),
    ]
    const merged = await merge(live, staged, { dedupSort: { column: 'n', order: 'desc' } })
    assert.equal(await read(merged), ['1 new', '2 newer', '3 again'])
  })
})

it('deletes by a column, adds no row that deletes, and has the last word of a load', async () => {
  await inFolder(async ({ write, merge, read }) => {
    const live = [
      await write([
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
        { id: 3, v: 'c' },
      ]),
    ]
    const staged = [
      await write([
        { id: 1, gone: true },
        { id: 2, gone: true },
        { id: 3, gone: false, v: 'C' },
        { id: 4, gone: true },
      ]),
      await write([{ id: 2, v: 'back' }]),
    ]
    const merged = await merge(live, staged, { hardDelete: 'gone' })
    assert.equal(await read(merged), ['2 back', '3 C'])
    assert.equal(counts(merged), { files: [2, 1], inserted: 0, updated: 2, deleted: 1 })
    const byTime = [
      await write([
        { id: 1, at: '2024-01-01T00:00:00Z' },
        { id: 2, at: null, v: 'kept' },
      ]),
    ]
    assert.equal(await read(await merge(live, byTime, { hardDelete: 'at' })), ['2 kept', '3 c'])
  })
})

it('replaces the rows of a merge key, with one row per primary key and without', async () => {
  await inFolder(async ({ write, merge, read }) => {
    const live = [
      await write([
        { id: 1, day: 'x', v: 'a' },
        { id: 2, day: 'x', v: 'b' },
      ]),
      await write([{ id: 3, day: 'y', v: 'c' }]),
    ]
    const staged = [
      await write([
        { id: 1, day: 'x', v: 'a' },
        { id: 5, day: 'x', v: 'd' },
        { id: 5, day: 'x', v: 'e' },
      ]),
    ]
    const rules: MergeRules = { strategy: 'delete-insert', mergeKey: ['day'] }
    const keyed = await merge(live, staged, rules)
    assert.equal(await read(keyed), ['1 a', '5 e'])
    assert.equal(keyed.removed, [live[0]])
    assert.equal(counts(keyed), { files: [2, 1], inserted: 1, updated: 0, deleted: 1 })
    const keyless = await merge(live, staged, rules, [])
    assert.equal(await read(keyless), ['1 a', '5 d', '5 e'])
    // A key that moves to another part goes with it.
    const moved = await merge(live, [await write([{ id: 3, day: 'x', v: 'moved' }])], rules)
    assert.equal(await read(moved), ['3 moved'])
    assert.is(moved.removed.length, 2)
  })
})

it('opens no file that has neither a staged key nor a staged merge key', async () => {
  await inFolder(async ({ write, mergeRanges, folder }) => {
    const far = {
      path: join(folder, 'missing.parquet'),
      keyRanges: { id: { min: 100n, max: 200n }, day: { min: 'a', max: 'b' } },
    }
    const staged = [await write([{ id: 1, day: 'x' }])]
    const rules: MergeRules = { strategy: 'delete-insert', mergeKey: ['day'] }
    assert.is((await mergeRanges([far], staged, rules)).inserted, 1)
    const near = { ...far, keyRanges: { ...far.keyRanges, day: { min: 'a', max: 'y' } } }
    assert.is((await failureOf(mergeRanges([near], staged, rules))).code, 'E_DUCKDB')
    const old = { ...far, keyRanges: { id: { min: -5n, max: 0n } } }
    for (const strategy of ['upsert', 'insert-only', 'scd2'] as const) {
      const versions = strategy === 'scd2' ? { versions: { validFrom: 'from', validTo: 'to' } } : {}
      assert.is((await mergeRanges([old], staged, { strategy, at: 1, ...versions })).inserted, 1)
    }
  })
})

it('adds only keys that are not there yet', async () => {
  await inFolder(async ({ write, merge, read }) => {
    const live = [await write([{ id: 1, v: 'a' }])]
    const merged = await merge(
      live,
      [
        await write([
          { id: 1, v: 'b' },
          { id: 2, v: 'c' },
          { id: 2, v: 'd' },
        ]),
      ],
      { strategy: 'insert-only' },
    )
    assert.equal(await read(merged), ['2 d'])
    assert.equal(counts(merged), { files: [1, 0], inserted: 1, updated: 0, deleted: 0 })
  })
})

it('marks what is gone once, and removes only where all rows have come', async () => {
  await inFolder(async ({ write, merge, rows, live }) => {
    const start = [
      await write([
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ]),
      await write([
        { id: 3, v: 'c' },
        { id: null, v: 'keyless' },
      ]),
    ]
    const staged = [await write([{ id: 2, v: 'b' }])]
    const rules: MergeRules = { deletedRows: 'mark', isWhole: true, at: Date.UTC(2024, 0, 2) }
    assert.equal(counts(await merge(start, staged, { ...rules, isWhole: false })).files, [0, 0])
    const marked = await merge(start, staged, rules)
    assert.equal(counts(marked), { files: [1, 2], inserted: 0, updated: 0, deleted: 2 }, 'small files are joined')
    const at = new Date(Date.UTC(2024, 0, 2)).toISOString()
    assert.equal(
      (await rows(marked)).map(({ id, _deleted_at }) => [id, _deleted_at]),
      [
        [1, at],
        [2, null],
        [3, at],
        [null, null],
      ],
    )
    const again = await merge(live(marked, start), staged, { ...rules, at: Date.UTC(2025, 0, 1) })
    assert.equal(counts(again).files, [0, 0], 'they have been gone before')
    const removed = await merge(live(marked, start), staged, { deletedRows: 'remove', isWhole: true })
    assert.equal(counts(removed), { files: [1, 1], inserted: 0, updated: 0, deleted: 2 })
  })
})

it('joins small files that change into one, sorted by key, and leaves those that do not', async () => {
  await inFolder(async ({ write, merge, rows }) => {
    const live = [
      await write([
        { id: 5, v: 'a' },
        { id: 1, v: 'b' },
      ]),
      await write([{ id: 9 }]),
      await write([
        { id: 3, v: 'c' },
        { id: 2, v: 'd' },
      ]),
    ]
    const merged = await merge(live, [
      await write([
        { id: 5, v: 'A' },
        { id: 2, v: 'D' },
      ]),
    ])
    assert.equal(merged.removed, [live[0], live[2]])
    assert.equal(
      (await rows(merged)).map(({ id, v }) => [id, v]),
      [
        [1, 'b'],
        [3, 'c'],
        [5, 'A'],
        [2, 'D'],
      ],
    )
  })
})

it('ends a version where the next begins, never before it began', async () => {
  await inFolder(async ({ write, merge, rows, live }) => {
    const versions = { validFrom: 'from', validTo: 'to' }
    const day = (number: number): string => new Date(Date.UTC(2024, 0, number)).toISOString()
    const rules = (at: number, more: MergeRules = {}): MergeRules => ({
      strategy: 'scd2',
      versions,
      at: Date.UTC(2024, 0, at),
      ...more,
    })
    const one = await merge(
      [],
      [
        await write([
          { id: 1, v: 'a' },
          { id: 2, v: 'b' },
        ]),
      ],
      rules(5),
    )
    const two = await merge(live(one, []), [await write([{ id: 1, v: 'A' }])], rules(4))
    const told = (found: readonly Row[]): unknown => found.map(({ id, v, from, to }) => [id, v, from, to])
    assert.equal(told(await rows(two)), [
      [1, 'a', day(5), day(5)],
      [2, 'b', day(5), null],
      [1, 'A', day(5), null],
    ])
    assert.equal(counts(two), { files: [2, 1], inserted: 0, updated: 1, deleted: 0 })
    const staged = [await write([{ id: 1, v: 'A' }])]
    const three = await merge(live(two, live(one, [])), staged, rules(7, { isWhole: true }))
    assert.equal(counts(three), { files: [1, 1], inserted: 0, updated: 0, deleted: 1 })
    const early = rules(9, { versions: { ...versions, boundary: day(1) } })
    const error = await failureOf(merge(live(two, live(one, [])), [await write([{ id: 1, v: 'Ä' }])], early))
    assert.is(error.code, 'E_BOUNDARY')
    const brought = await failureOf(merge([], [await write([{ id: 1, from: day(1) }])], rules(9)))
    assert.is(brought.code, 'E_COLUMN_NAME')
  })
})

it('tells versions of rows without a key apart by all they have', async () => {
  await inFolder(async ({ write, merge, rows, live }) => {
    const rules: MergeRules = {
      strategy: 'scd2',
      versions: { validFrom: 'from', validTo: 'to', active: '9999-12-31T00:00:00Z' },
      at: Date.UTC(2024, 0, 1),
      isWhole: true,
    }
    const odd = { v: 'NULL', list: ['a, b'], n: null }
    const one = await merge([], [await write([odd, { v: null, list: ['a', 'b'], n: 1.5 }, odd])], rules, [])
    assert.is(one.inserted, 2)
    const two = await merge(
      live(one, []),
      [await write([odd, { v: 'new' }])],
      { ...rules, at: Date.UTC(2024, 0, 2) },
      [],
    )
    assert.equal(counts(two), { files: [2, 1], inserted: 1, updated: 0, deleted: 1 })
    assert.is((await rows(two)).filter(({ to }) => String(to).startsWith('9999')).length, 2)
  })
})

it('writes which rows come and go, and merges by that what is nested in them', async () => {
  await inFolder(async ({ write, merge, read, folder }) => {
    const path = join(folder, 'roots')
    const live = [
      await write([
        { id: 1, v: 'a', own: 'r1' },
        { id: 2, v: 'b', own: 'r2' },
        { id: 3, v: 'c', own: 'r3' },
      ]),
    ]
    const staged = [
      await write([
        { id: 1, v: 'A', own: 'r4' },
        { id: 3, v: 'c', own: 'r3' },
        { id: 1, v: 'AA', own: 'r5' },
        { id: 2, gone: true, own: 'r6' },
      ]),
    ]
    const rootIds = { column: 'own', path }
    const merged = await merge(live, staged, { hardDelete: 'gone', rootIds })
    assert.is(merged.roots, 3)
    const nested = { strategy: 'delete-insert', mergeKey: ['root'], roots: path } as const
    const there = [
      await write([
        { id: 10, v: 'goes', root: 'r1' },
        { id: 20, v: 'goes', root: 'r2' },
        { id: 30, v: 'stays', root: 'r3' },
      ]),
    ]
    const none = await merge(there, [], nested)
    assert.equal(await read(none), ['30 stays'])
    assert.equal(counts(none), { files: [1, 1], inserted: 0, updated: 0, deleted: 2 })
    const comes = await write([
      { id: 40, v: 'lost', root: 'r4' },
      { id: 50, v: 'comes', root: 'r5' },
      { id: 60, v: 'deleted', root: 'r6' },
      { id: 30, v: 'again', root: 'r3' },
    ])
    assert.equal(await read(await merge(there, [comes], nested)), ['30 stays', '50 comes'])
    // Where no row comes or goes there is nothing to read.
    const still = await merge(live, [await write([{ id: 3, v: 'c', own: 'r3' }])], {
      rootIds: { column: 'own', path: `${path}2` },
    })
    assert.is(still.roots, 0)
    assert.not((await readdir(folder)).includes('roots2'))
  })
})

it.run()

interface Workbench {
  readonly folder: string
  write(rows: readonly Row[]): Promise<string>
  merge(
    live: readonly string[],
    staged: readonly string[],
    rules?: MergeRules & Pick<MergeFilesOptions, 'rootIds' | 'roots'>,
    primaryKey?: readonly string[],
  ): Promise<MergedFiles>
  mergeRanges(
    live: Parameters<typeof mergeFiles>[0]['live'],
    staged: readonly string[],
    rules: MergeRules,
  ): Promise<MergedFiles>
  /** Live files after a merge. */
  live(merged: MergedFiles, before: readonly string[]): readonly string[]
  rows(merged: MergedFiles): Promise<readonly Row[]>
  /** `id v` of the rows that a merge has added, in order. */
  read(merged: MergedFiles): Promise<readonly string[]>
}

async function inFolder(use: (bench: Workbench) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    let files = 0
    const nextPath = (): string => join(folder, `${files++}.parquet`)
    let schema = new Schema([])
    const options = { nextPath, spillFolder: join(folder, 'spill') }
    const rows = async ({ added }: MergedFiles): Promise<readonly Row[]> => {
      const found: Row[] = []
      for await (const batch of readAs(
        added.map(({ path }) => path),
        schema,
      )) {
        found.push(...fromArrow(batch))
      }
      return found
    }
    const mergeRanges: Workbench['mergeRanges'] = async (live, staged, rules) =>
      mergeFiles({ ...options, schema, primaryKey: ['id'], live, staged, ...rules })
    await use({
      folder,
      mergeRanges,
      rows,
      async write(written) {
        const path = nextPath()
        const batch = createConverter().convert(written)
        const known = new Map([...batch.schema.fields, ...schema.fields].map((field) => [field.name, field]))
        schema = new Schema([...known.values()])
        await writeParquetFile(path, batch.schema, [batch])
        return path
      },
      async merge(live, staged, rules = {}, primaryKey = ['id']) {
        schema = withMergeColumns(schema, rules)
        const files = live.map((path) => ({ path }))
        return mergeFiles({ ...options, schema, primaryKey, live: files, staged, ...rules })
      },
      live: ({ added, removed }, before) => [
        ...before.filter((path) => !removed.includes(path)),
        ...added.map(({ path }) => path),
      ],
      read: async (merged) => (await rows(merged)).map(({ id, v }) => [id, v].join(' ')).sort(),
    })
  })
}

function counts({ added, removed, inserted, updated, deleted }: MergedFiles) {
  return { files: [added.length, removed.length], inserted, updated, deleted }
}
