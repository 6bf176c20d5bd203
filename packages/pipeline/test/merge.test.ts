import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { Page, Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import {
  type MergeHints,
  needsWholeScan,
  type RunReport,
  run,
  type Stream,
  selectStreams,
  type TableRef,
  upsertRules,
} from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('merges of a run')

/** A stream of pages that are read from their beginning each time. */
function streamOf(pages: readonly (readonly Row[])[], merge: MergeHints, more: Partial<Stream> = {}): Stream {
  return {
    name: 'items',
    primaryKey: ['id'],
    disposition: 'merge',
    merge,
    readsAll: () => true,
    isFinished: (position) => position['page'] === pages.length,
    async *read({ checkpoint }): AsyncGenerator<Page> {
      for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
        yield { rows: [...(pages[page] ?? [])], position: { page: page + 1 } }
      }
    },
    ...more,
  }
}

interface Bench {
  load(stream: Stream, options?: Parameters<typeof run>[2]): Promise<RunReport>
  /** `id`, then `v`, then `gone` where the row is marked. */
  rows(): Promise<readonly string[]>
}

async function inLake(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    await use({
      load: (stream, options) => run({ name: 'test', streams: () => [stream] }, lake(folder), options),
      rows: async () =>
        (await readDelta(join(folder, 'items'), 'id')).rows.map(({ id, v, _deleted_at: at }) =>
          [id, v, ...(at ? ['gone'] : [])].join(' '),
        ),
    })
  })
}

const first: readonly (readonly Row[])[] = [[{ id: 1, v: 'a' }], [{ id: 2, v: 'b' }]]

it('marks rows that a whole read no longer has, and takes the mark away when they come back', async () => {
  await inLake(async ({ load, rows }) => {
    await load(streamOf(first, { deletedRows: 'mark' }))
    const report = await load(streamOf([[{ id: 2, v: 'b' }]], { deletedRows: 'mark' }))
    assert.equal(await rows(), ['1 a gone', '2 b'])
    assert.equal(report.warnings, [])
    const [{ inserted, updated, deleted, tableRows } = {}] = report.streams
    assert.equal([inserted, updated, deleted, tableRows], [0, 0, 1, 2])
    await load(streamOf(first, { deletedRows: 'mark' }))
    assert.equal(await rows(), ['1 a', '2 b'])
  })
})

it('removes rows that a whole read no longer has', async () => {
  await inLake(async ({ load, rows }) => {
    await load(streamOf(first, { deletedRows: 'remove' }))
    const { streams } = await load(streamOf([[{ id: 2, v: 'B' }]], { deletedRows: 'remove' }))
    assert.equal(await rows(), ['2 B'])
    assert.equal([streams[0]?.updated, streams[0]?.deleted], [1, 1])
  })
})

it('leaves rows as they are, and says why, where a read does not prove that they are gone', async () => {
  const remove: MergeHints = { deletedRows: 'remove' }
  const one = [[{ id: 2, v: 'b' }]]
  const cases: readonly (readonly [Stream, Parameters<typeof run>[2], RegExp])[] = [
    [streamOf([...one, []], remove), { maxPages: 1 }, /was not read to its end/],
    [streamOf(one, remove, { readsAll: () => false }), {}, /does not read all rows there are/],
    [streamOf([[]], remove), {}, /had no row at all/],
    [
      streamOf(
        [
          [
            { id: 2, v: 'b' },
            { id: 3, extra: 1 },
          ],
        ],
        remove,
        { schema: { contract: { columns: 'discardRow' } } },
      ),
      {},
      /its schema contract dropped rows/,
    ],
  ]
  for (const [stream, options, reason] of cases) {
    await inLake(async ({ load, rows }) => {
      await load(streamOf(first, remove))
      const { warnings } = await load(stream, options)
      assert.is(warnings.length, 1)
      assert.match(warnings[0] ?? '', reason)
      assert.equal(await rows(), ['1 a', '2 b'])
    })
  }
  // Without a word of the stream, only a read without a stored position has all rows.
  const { readsAll: _, ...silent } = streamOf(one, remove)
  await inLake(async ({ load, rows }) => {
    await load(streamOf(first, remove))
    assert.match((await load(silent)).warnings[0] ?? '', /does not read all rows there are/)
    assert.equal(await rows(), ['1 a', '2 b'])
  })
})

it('takes a read for whole that a dead run began and this one ended', async () => {
  await inLake(async ({ load, rows }) => {
    const remove: MergeHints = { deletedRows: 'remove' }
    await load(streamOf([[...first.flat(), { id: 3, v: 'c' }]], remove))
    const pages = [[{ id: 1, v: 'a' }], [{ id: 3, v: 'c' }]]
    const dies = streamOf(pages, remove, {
      async *read(): AsyncGenerator<Page> {
        yield { rows: [{ id: 1, v: 'a' }], position: { page: 1 } }
        throw new Error('the line went dead')
      },
    })
    await failureOf(load(dies))
    const report = await load(streamOf(pages, remove))
    assert.is(report.streams[0]?.resumedPages, 1)
    assert.equal(report.warnings, [])
    assert.equal(await rows(), ['1 a', '3 c'])
  })
})

it('takes nothing for gone where the dead run had committed the stream, and not another', async () => {
  await withTempFolder(async (folder) => {
    const remove: MergeHints = { deletedRows: 'remove' }
    const streams = ['items', 'others'].map((name) => streamOf(first, remove, { name }))
    const dead = await lake(folder).open({ pipeline: 'test', run: 'dead' })
    const checkpoint = { position: { page: 2 }, pages: 2, rows: 2 }
    const tables = streams.map(
      ({ name }): TableRef => ({
        stream: name,
        table: name,
        disposition: 'merge',
        primaryKey: ['id'],
        merge: { ...upsertRules, ...remove, deletedRows: 'remove' },
        mode: 'incremental',
        configuration: '',
      }),
    )
    for (const table of tables) {
      await dead.stage([{ table, batch: createConverter().convert(first.flat()) }], checkpoint)
    }
    const plan = tables.slice(0, 1).map((table) => ({ table, checkpoint, replace: false, merge: false as const }))
    await dead.commit({ tables: plan })
    const { warnings } = await run({ name: 'test', streams: () => streams }, lake(folder))
    assert.is(warnings.length, 1)
    assert.match(warnings[0] ?? '', /"items" was read: a run before had committed a part of it/)
    for (const name of ['items', 'others']) assert.is((await readDelta(join(folder, name))).rows.length, 2)
  })
})

it('deletes by a column of the row, and keeps the row that is newest by another', async () => {
  await inLake(async ({ load, rows }) => {
    const merge: MergeHints = { hardDelete: 'deleted', dedupSort: { column: 'at', order: 'desc' } }
    await load(
      streamOf(
        [
          [
            { id: 1, v: 'new', at: 5 },
            { id: 1, v: 'old', at: 3 },
            { id: 2, v: 'b', at: 1 },
            { id: 9, deleted: true },
          ],
        ],
        merge,
      ),
    )
    assert.equal(await rows(), ['1 new', '2 b'])
    await load(
      streamOf(
        [
          [
            { id: 1, v: 'late', at: 4 },
            { id: 2, at: 2, deleted: true },
          ],
        ],
        merge,
      ),
    )
    assert.equal(await rows(), ['1 new'])
  })
})

it('keeps versions of rows, and ends those that are gone from a whole read', async () => {
  await withTempFolder(async (folder) => {
    const load = (pages: readonly (readonly Row[])[]) =>
      run(
        { name: 'test', streams: () => [streamOf(pages, { strategy: 'scd2', validityColumnNames: ['from', 'to'] })] },
        lake(folder),
      )
    await load(first)
    await load([[{ id: 1, v: 'A' }]])
    const { rows } = await readDelta(join(folder, 'items'), 'id, "from"')
    assert.equal(
      rows.map(({ id, v, to }) => [id, v, to === null]),
      [
        ['1', 'a', false],
        ['1', 'A', true],
        ['2', 'b', false],
      ],
    )
    assert.is(rows[0]?.['to'], rows[1]?.['from'])
    const [again] = (await load([[{ id: 1, v: 'A' }]])).streams
    assert.equal([again?.filesAdded, again?.filesRemoved], [0, 0])
  })
})

it('replaces the part of a table that a merge key names, and only by a read that came to its end', async () => {
  await inLake(async ({ load, rows }) => {
    const merge: MergeHints = { mergeKey: ['day'] }
    const days = (one: readonly number[], two: readonly number[]) => [
      one.map((id) => ({ id, day: 'monday' })),
      two.map((id) => ({ id, day: 'tuesday' })),
    ]
    await load(streamOf(days([1, 2], [3, 4]), merge))
    const error = await failureOf(load(streamOf(days([1], [3]), merge), { maxPages: 1 }))
    assert.is(error.code, 'E_INCOMPLETE')
    assert.equal(await rows(), ['1 ', '2 ', '3 ', '4 '])
    const { warnings } = await load(streamOf(days([1], [3]), merge, { readsAll: () => false }))
    assert.equal(await rows(), ['1 ', '3 '])
    assert.equal(
      warnings.filter((each) => /no longer has/.test(each)),
      [],
      'a part that is named need not be all',
    )
  })
})

it('drops what a dead run has staged where rows are merged in another way now', async () => {
  await inLake(async ({ load, rows }) => {
    const dies = streamOf(
      [],
      {},
      {
        async *read(): AsyncGenerator<Page> {
          yield { rows: [{ id: 7 }], position: { page: 1 } }
          throw new Error('the line went dead')
        },
      },
    )
    await failureOf(load(dies))
    const { warnings } = await load(streamOf(first, { deletedRows: 'mark' }))
    assert.match(warnings[0] ?? '', /how its rows are merged has changed/)
    assert.equal(await rows(), ['1 a', '2 b'])
  })
})

it('writes nothing again where rows with new keys come, or rows as they were', async () => {
  await inLake(async ({ load }) => {
    const rowsFrom = (first: number): Row[] => Array.from({ length: 50 }, (_, index) => ({ id: first + index, v: 'a' }))
    for (const merge of [{}, { strategy: 'insert-only' }, { deletedRows: 'keep' }] as const satisfies MergeHints[]) {
      await load(streamOf([rowsFrom(0)], merge), { mode: 'full-refresh' })
      const [next] = (await load(streamOf([rowsFrom(50), rowsFrom(100)], merge))).streams
      assert.equal([next?.inserted, next?.filesRemoved], [100, 0])
      const [again] = (await load(streamOf([rowsFrom(0), rowsFrom(50), rowsFrom(100)], merge))).streams
      assert.equal([again?.inserted, again?.updated, again?.filesAdded, again?.filesRemoved], [0, 0, 0, 0])
    }
  })
})

it('names the row that has nothing in its merge key', async () => {
  await inLake(async ({ load }) => {
    const error = await failureOf(load(streamOf([[{ id: 1, day: 'monday' }, { id: 2 }]], { mergeKey: ['day'] })))
    assert.is(error.code, 'E_KEY_MISSING')
    assert.match(error.message, /row 1 \(counted from 0\) of the page has nothing in its merge key "day"/)
  })
})

it('says which tables can only be committed whole', () => {
  const whole = (merge: MergeHints) => {
    const [stream] = selectStreams({ name: 'test', streams: () => [streamOf([], merge)] }, undefined)
    const rules = { strategy: 'upsert', mergeKey: [], deletedRows: 'keep', ...stream?.merge } as const
    return needsWholeScan({ merge: rules })
  }
  assert.equal(
    [{}, { deletedRows: 'mark' }, { deletedRows: 'remove' }, { strategy: 'scd2' }, { mergeKey: ['day'] }].map((each) =>
      whole(each as MergeHints),
    ),
    [false, true, true, true, true],
  )
})

it('refuses what makes no sense', async () => {
  const error = await failureOf(
    run({ name: 'test', streams: () => [streamOf(first, {}, { primaryKey: [] })] }, lake('/nowhere/at/all')),
  )
  assert.is(error.code, 'E_STREAM_INVALID')
  assert.match(error.message, /primaryKey of stream "items" is missing: merge keeps one row per primary key/)
  const appended = streamOf(first, { deletedRows: 'mark' }, { disposition: 'append' })
  const other = await failureOf(run({ name: 'test', streams: () => [appended] }, lake('/nowhere/at/all')))
  assert.match(other.message, /deletedRows of stream "items" says how rows are merged, and the disposition is "append"/)
})

it.run()
