import { createConverter, toSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  type Checkpoint,
  type CommitTable,
  type Destination,
  type MergePlan,
  type Session,
  type TableRef,
  type TableReport,
  upsertRules,
} from '@millrace/pipeline'
import { Field, RecordBatch, Schema, Struct } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkHistory } from './destination-history.ts'
import { failureOf } from './failure-of.ts'

/** A new empty place where tables can be, such as a folder or a database. */
export interface DestinationPlace {
  /** The destination as a new process makes it: what the last one kept in memory is gone. */
  destination(): Destination
  /** All rows of a table, read without any code of the destination; undefined where there is no such table. */
  read(table: string): Promise<readonly Row[] | undefined>
  remove(): Promise<void>
}

export interface TestDestinationOptions {
  /** Random histories to compare with a `Map`. Default 200. */
  readonly histories?: number
}

/**
 * What every destination has to do: rows and checkpoints move together, once, whatever a run did before it died.
 *
 * A dead run is one whose session is neither closed nor used again. Kills of real processes are each destination's own
 * tests, since what is torn by them is its own, too.
 */
export function testDestination(
  name: string,
  createPlace: () => Promise<DestinationPlace>,
  options: TestDestinationOptions = {},
): void {
  const it = suite(`destination ${name}`)
  const fact = (title: string, check: (place: DestinationPlace) => Promise<void>): void => {
    it(title, async () => {
      const place = await createPlace()
      try {
        await check(place)
      } finally {
        await place.remove()
      }
    })
  }

  fact('has no state, no columns and nothing unfinished when it is new', async (place) => {
    const session = await openRun(place, 'r1')
    assert.equal(await session.state(), { streams: {} })
    assert.is(await session.schema(appended), undefined)
    assert.is(await session.unfinished(), undefined)
    await session.close()
  })

  fact('shows no row before the commit', async (place) => {
    const session = await openRun(place, 'r1')
    await stageAll(session, appended, [[{ id: 1 }], [{ id: 2 }]])
    assert.is(await place.read('events'), undefined)
    await session.close()
    assert.is(await place.read('events'), undefined)
  })

  fact('stores rows and checkpoint in one commit, and reports them', async (place) => {
    const session = await openRun(place, 'r1')
    const checkpoint = await stageAll(session, appended, [[{ id: 1, v: 'a' }], [{ id: 2, v: 'b' }]])
    const [report] = await commit(session, [{ table: appended, checkpoint }])
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['1 a', '2 b'])
    assert.equal(pick(report), { stream: 'events', table: 'events', inserted: 2, updated: 0, deleted: 0, rows: 2 })
    assert.type(report?.location, 'string')

    const next = await openRun(place, 'r2')
    const { events } = (await next.state()).streams
    assert.equal(events?.position, { page: 2 })
    assert.is(events?.run, 'r1')
    assert.is(events?.table, 'events')
    assert.ok(!Number.isNaN(Date.parse(events?.committedAt ?? '')))
    assert.is(await next.unfinished(), undefined)
    await next.close()
  })

  fact('adds rows at each commit where nothing is merged', async (place) => {
    await load(place, 'r1', appended, [[{ id: 1 }]])
    const { report } = await load(place, 'r2', appended, [[{ id: 1 }, { id: 2 }]])
    assert.equal(pick(report), { stream: 'events', table: 'events', inserted: 2, updated: 0, deleted: 0, rows: 3 })
    assert.equal(await rowsOf(place, 'events'), ['1', '1', '2'])
  })

  fact('keeps the last row per key: within a batch, across batches, across runs', async (place) => {
    const first = await load(
      place,
      'r1',
      merged,
      [
        [
          { id: 1, v: 'a' },
          { id: 2, v: 'b' },
          { id: 1, v: 'c' },
        ],
        [
          { id: 3, v: 'd' },
          { id: 2, v: 'e' },
        ],
      ],
      { merge: upserts },
    )
    assert.equal(await rowsOf(place, 'events'), ['1 c', '2 e', '3 d'])
    assert.equal(pick(first.report), {
      stream: 'events',
      table: 'events',
      inserted: 3,
      updated: 0,
      deleted: 0,
      rows: 3,
    })
    const second = await load(
      place,
      'r2',
      merged,
      [
        [
          { id: 3, v: 'f' },
          { id: 4, v: 'g' },
          { id: 3, v: 'h' },
        ],
      ],
      { merge: upserts },
    )
    assert.equal(await rowsOf(place, 'events'), ['1 c', '2 e', '3 h', '4 g'])
    assert.equal(pick(second.report), {
      stream: 'events',
      table: 'events',
      inserted: 1,
      updated: 1,
      deleted: 0,
      rows: 4,
    })
  })

  fact('merges by all columns of a key of several', async (place) => {
    const table: TableRef = { ...merged, primaryKey: ['id', 'v'] }
    const pages = [
      [
        { id: 1, v: 'a', n: 1 },
        { id: 1, v: 'b', n: 2 },
        { id: 1, v: 'a', n: 3 },
      ],
    ]
    await load(place, 'r1', table, pages, { merge: upserts })
    const { report } = await load(
      place,
      'r2',
      table,
      [
        [
          { id: 1, v: 'b', n: 4 },
          { id: 2, v: 'b', n: 5 },
        ],
      ],
      { merge: upserts },
    )
    assert.equal(await rowsOf(place, 'events'), ['1 a 3', '1 b 4', '2 b 5'])
    assert.is(report?.updated, 1)
  })

  fact('replaces all rows in one commit, also by none', async (place) => {
    await load(place, 'r1', appended, [
      [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ],
    ])
    const second = await load(place, 'r2', appended, [[{ id: 3, v: 'c' }]], { replace: true })
    assert.equal(await rowsOf(place, 'events'), ['3 c'])
    assert.equal(pick(second.report), {
      stream: 'events',
      table: 'events',
      inserted: 1,
      updated: 0,
      deleted: 2,
      rows: 1,
    })
    const third = await load(place, 'r3', appended, [[]], { replace: true })
    assert.equal(await rowsOf(place, 'events'), [])
    assert.equal(pick(third.report), {
      stream: 'events',
      table: 'events',
      inserted: 0,
      updated: 0,
      deleted: 1,
      rows: 0,
    })
  })

  fact('replaces and merges in one commit: one row per key of what came', async (place) => {
    await load(
      place,
      'r1',
      merged,
      [
        [
          { id: 1, v: 'a' },
          { id: 2, v: 'b' },
        ],
      ],
      { merge: upserts },
    )
    const { report } = await load(place, 'r2', merged, [[{ id: 2, v: 'c' }], [{ id: 2, v: 'd' }]], {
      merge: upserts,
      replace: true,
    })
    assert.equal(await rowsOf(place, 'events'), ['2 d'])
    assert.equal(pick(report), { stream: 'events', table: 'events', inserted: 1, updated: 0, deleted: 2, rows: 1 })
  })

  fact('takes new columns in a later batch and in a later run, and gives them back to the next', async (place) => {
    await load(place, 'r1', merged, [[{ id: 1 }], [{ id: 2, v: 'b' }]], { merge: upserts })
    const session = await openRun(place, 'r2')
    assert.equal((await session.schema(merged))?.names, ['id', 'v'])
    const checkpoint = await stageAll(session, merged, [[{ id: 2, n: 7 }]])
    assert.equal((await session.schema(merged))?.names, ['id', 'v', 'n'])
    await commit(session, [{ table: merged, checkpoint, merge: upserts }])
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['1', '2 7'])
  })

  fact('moves the checkpoint of a table that gets no new rows', async (place) => {
    await load(place, 'r1', appended, [[{ id: 1 }]])
    const session = await openRun(place, 'r2')
    const checkpoint = { position: { page: 9 }, pages: 0, rows: 0 }
    await commit(session, [{ table: appended, checkpoint }])
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['1'])
    assert.equal(await positionOf(place, 'events'), { page: 9 })
  })

  fact('commits a stream that never had a row', async (place) => {
    const session = await openRun(place, 'r1')
    const checkpoint = await stageAll(session, appended, [[]])
    const [report] = await commit(session, [{ table: appended, checkpoint }])
    assert.is(report?.rows, 0)
    await session.close()
    const next = await openRun(place, 'r2')
    assert.is(await next.unfinished(), undefined)
    await next.close()
  })

  fact('has nothing to take over from a run that staged nothing', async (place) => {
    await openRun(place, 'r1')
    const next = await openRun(place, 'r2')
    assert.is(await next.unfinished(), undefined)
    await next.close()
  })

  for (const [how, leave] of [
    ['closed', (session: Session) => session.close()],
    ['died', async () => {}],
  ] as const) {
    fact(`gives the stage of a run that ${how} to the next one, rows and checkpoints`, async (place) => {
      const dead = await openRun(place, 'r1')
      const checkpoint = await stageAll(dead, merged, [[{ id: 1, v: 'a' }], [{ id: 2, v: 'b' }]])
      await stageAll(dead, other, [[{ id: 7 }]])
      await leave(dead)

      const session = await openRun(place, 'r2')
      const staged = await session.unfinished()
      assert.is(staged?.run, 'r1')
      assert.equal(sorted(staged?.streams.map(({ table }) => table.stream)), ['events', 'others'])
      const events = staged?.streams.find(({ table }) => table.stream === 'events')
      assert.equal(events?.table, merged)
      assert.equal(events?.checkpoint, checkpoint)
      assert.equal((await session.schema(merged))?.names, ['id', 'v'])

      const after = await stageAll(session, merged, [[{ id: 1, v: 'c' }]], checkpoint)
      const one = { position: { page: 1 }, pages: 1, rows: 1 }
      await commit(session, [
        { table: merged, checkpoint: after, merge: upserts },
        { table: other, checkpoint: one },
      ])
      await session.close()
      assert.equal(await rowsOf(place, 'events'), ['1 c', '2 b'])
      assert.equal(await rowsOf(place, 'others'), ['7'])
      assert.equal(await positionOf(place, 'events'), { page: 3 })
    })
  }

  fact('hands a stage on through several runs that die', async (place) => {
    let checkpoint: Checkpoint | undefined
    for (let run = 1; run <= 4; run++) {
      const session = await openRun(place, `r${run}`)
      const staged = await session.unfinished()
      assert.equal(staged?.streams[0]?.checkpoint, checkpoint)
      if (run < 4) checkpoint = await stageAll(session, appended, [[{ id: run }]], checkpoint)
      else await commit(session, [{ table: appended, checkpoint: checkpoint ?? atStart }])
    }
    assert.equal(await rowsOf(place, 'events'), ['1', '2', '3'])
  })

  fact('drops the rows of one stream and keeps those of another', async (place) => {
    const dead = await openRun(place, 'r1')
    await stageAll(dead, appended, [[{ id: 1 }]])
    const checkpoint = await stageAll(dead, other, [[{ id: 7 }]])
    const session = await openRun(place, 'r2')
    await session.discard('events')
    assert.equal(
      (await session.unfinished())?.streams.map(({ table }) => table.stream),
      ['others'],
    )
    const mine = await stageAll(session, appended, [[{ id: 2 }]])
    await commit(session, [
      { table: appended, checkpoint: mine },
      { table: other, checkpoint },
    ])
    assert.equal(await rowsOf(place, 'events'), ['2'])
    assert.equal(await rowsOf(place, 'others'), ['7'])
  })

  fact('does not give back what a run dropped before it died', async (place) => {
    const dead = await openRun(place, 'r1')
    await stageAll(dead, appended, [[{ id: 1 }]])
    const dropping = await openRun(place, 'r2')
    await dropping.discard('events')
    await dropping.discard('never staged')
    const session = await openRun(place, 'r3')
    assert.is(await session.unfinished(), undefined)
  })

  fact('drops the whole stage on abort', async (place) => {
    const session = await openRun(place, 'r1')
    await stageAll(session, appended, [[{ id: 1 }]])
    await stageAll(session, other, [[{ id: 7 }]])
    await session.abort()
    const checkpoint = await stageAll(session, appended, [[{ id: 2 }]])
    await commit(session, [{ table: appended, checkpoint }])
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['2'])
    const next = await openRun(place, 'r2')
    assert.is(await next.unfinished(), undefined)
  })

  fact('lets an older session commit nothing once a newer one is open', async (place) => {
    const older = await openRun(place, 'r1')
    const checkpoint = await stageAll(older, appended, [[{ id: 1 }]])
    const newer = await openRun(place, 'r2')
    await rejects(() => commit(older, [{ table: appended, checkpoint }]), 'E_FENCED')
    assert.is(await place.read('events'), undefined)

    const staged = await newer.unfinished()
    assert.equal(staged?.streams[0]?.checkpoint, checkpoint)
    const after = await stageAll(newer, appended, [[{ id: 2 }]], checkpoint)
    await commit(newer, [{ table: appended, checkpoint: after }])
    await newer.close()
    await rejects(() => commit(older, [{ table: appended, checkpoint }]), 'E_FENCED')
    await older.close()
    assert.equal(await rowsOf(place, 'events'), ['1', '2'])
    assert.equal(await positionOf(place, 'events'), { page: 2 })
  })

  fact('lets an older session move no checkpoint either, with nothing staged', async (place) => {
    await load(place, 'r1', appended, [[{ id: 1 }]])
    const older = await openRun(place, 'r2')
    await openRun(place, 'r3')
    const checkpoint = { position: { page: 9 }, pages: 0, rows: 0 }
    await rejects(() => commit(older, [{ table: appended, checkpoint, replace: true }]), 'E_FENCED')
    assert.equal(await rowsOf(place, 'events'), ['1'])
    assert.equal(await positionOf(place, 'events'), { page: 1 })
  })

  fact('lets an older session drop nothing that a newer one has taken over', async (place) => {
    const older = await openRun(place, 'r1')
    const checkpoint = await stageAll(older, appended, [[{ id: 1 }]])
    const newer = await openRun(place, 'r2')
    await older.abort().catch(() => {})
    await older.close()
    await commit(newer, [{ table: appended, checkpoint }])
    assert.equal(await rowsOf(place, 'events'), ['1'])
  })

  fact('commits once, however often the same run asks', async (place) => {
    const session = await openRun(place, 'r1')
    const checkpoint = await stageAll(session, appended, [[{ id: 1 }]])
    const plan = [{ table: appended, checkpoint }]
    const first = await commit(session, plan)
    assert.equal(await commit(session, plan), first)
    await session.close()
    const again = await openRun(place, 'r1')
    assert.is(await again.unfinished(), undefined)
    assert.equal(await commit(again, plan), first)
    assert.equal(await rowsOf(place, 'events'), ['1'])
  })

  fact('replaces once, however often the same run asks', async (place) => {
    await load(place, 'r0', appended, [[{ id: 9 }]])
    const session = await openRun(place, 'r1')
    const checkpoint = await stageAll(session, appended, [[{ id: 1 }]])
    const plan = [{ table: appended, checkpoint, replace: true }]
    const first = await commit(session, plan)
    assert.equal(await commit(session, plan), first)
    const again = await openRun(place, 'r1')
    assert.equal(await commit(again, plan), first)
    assert.equal(await rowsOf(place, 'events'), ['1'])
  })

  fact('adds to what the same run has committed before, also where it replaced', async (place) => {
    await load(place, 'r0', appended, [[{ id: 9 }]])
    const session = await openRun(place, 'r1')
    const first = await stageAll(session, appended, [[{ id: 1 }]])
    await commit(session, [{ table: appended, checkpoint: first, replace: true }])
    await stageAll(session, appended, [[{ id: 2 }]], first)
    const next = await openRun(place, 'r2')
    const [staged] = (await next.unfinished())?.streams ?? []
    assert.equal(staged?.checkpoint.position, { page: 2 })
    const last = await stageAll(next, appended, [[{ id: 3 }]], staged?.checkpoint)
    await commit(next, [{ table: appended, checkpoint: last, replace: true }])
    assert.equal(await rowsOf(place, 'events'), ['1', '2', '3'])
  })

  fact(
    'commits one stream again and again while another is staged, and hands on what is staged behind',
    async (place) => {
      const session = await openRun(place, 'r1')
      let checkpoint = atStart
      const staging = stageAll(session, other, [[{ id: 90 }], [{ id: 91 }], [{ id: 92 }]])
      for (const id of [1, 2, 3]) {
        checkpoint = await stageAll(
          session,
          merged,
          [
            [
              { id, v: 'a' },
              { id: 0, v: `${id}` },
            ],
          ],
          checkpoint,
        )
        const [report] = await commit(session, [{ table: merged, checkpoint, merge: upserts }])
        assert.equal([report?.inserted, report?.rows], [id === 1 ? 2 : 1, id + 1])
        assert.equal((await session.state()).streams['events']?.position, { page: id })
      }
      await staging
      checkpoint = await stageAll(session, merged, [[{ id: 4, v: 'a' }]], checkpoint)
      assert.equal(await rowsOf(place, 'events'), ['0 3', '1 a', '2 a', '3 a'])
      assert.is(await place.read('others'), undefined)

      const next = await openRun(place, 'r2')
      assert.equal(
        (await next.unfinished())?.streams.map(({ table, checkpoint: { pages } }) => [table.stream, pages]).sort(),
        [
          ['events', 4],
          ['others', 3],
        ],
      )
      await commit(next, [
        { table: merged, checkpoint, merge: upserts },
        { table: other, checkpoint: { position: { page: 3 }, pages: 3, rows: 3 } },
      ])
      assert.equal(await rowsOf(place, 'events'), ['0 3', '1 a', '2 a', '3 a', '4 a'])
      assert.equal(await rowsOf(place, 'others'), ['90', '91', '92'])
    },
  )

  fact('keeps pipelines apart, also where their names and their streams run together', async (place) => {
    const names: readonly (readonly [string, string])[] = [
      ['a', 'b/c'],
      ['a/b', 'c'],
      ['../a', 'b'],
      ['__proto__', '__proto__'],
      ['a%2Fb', 'c'],
      ["it's; --", '"quoted"'],
      ['ä漢🙂', 'line\nbreak'],
    ]
    for (const [index, [pipeline, stream]] of names.entries()) {
      const session = await place.destination().open({ pipeline, run: 'r1' })
      assert.equal(await session.state(), { streams: {} })
      const table = { ...appended, stream }
      await stageAll(session, table, [[{ id: index }]])
      const next = await place.destination().open({ pipeline, run: 'r2' })
      const staged = await next.unfinished()
      assert.is(staged?.streams.length, 1)
      await commit(next, [{ table, checkpoint: staged?.streams[0]?.checkpoint ?? atStart }])
      await next.close()
    }
    assert.equal(
      await rowsOf(place, 'events'),
      names.map((_, index) => String(index)),
    )
    for (const [pipeline, stream] of names) {
      const session = await place.destination().open({ pipeline, run: 'r3' })
      assert.equal(Object.keys((await session.state()).streams), [stream])
    }
  })

  fact('names the row that has no key, and keeps the table as it was', async (place) => {
    await load(place, 'r1', merged, [[{ id: 1, v: 'a' }]], { merge: upserts })
    const session = await openRun(place, 'r2')
    await rejects(async () => {
      const checkpoint = await stageAll(session, merged, [[{ id: 2 }, { id: null, v: 'b' }]])
      await commit(session, [{ table: merged, checkpoint, merge: upserts }])
    }, 'E_KEY_MISSING')
    assert.equal(await rowsOf(place, 'events'), ['1 a'])
    assert.equal(await positionOf(place, 'events'), { page: 1 })
  })

  fact('does nothing more once it is closed', async (place) => {
    const session = await openRun(place, 'r1')
    await session.close()
    await session.close()
    await rejects(() => stageAll(session, appended, [[{ id: 1 }]]), 'E_SESSION_CLOSED')
    await rejects(() => commit(session, []), 'E_SESSION_CLOSED')
  })

  fact('stages the parts of a page at once, and commits nested rows with their stream', async (place) => {
    const session = await openRun(place, 'r1')
    const checkpoint = await stageNested(session, [
      [[{ id: 1 }], []],
      [[{ id: 2 }], [{ id: 20 }, { id: 21 }]],
    ])
    assert.is(await place.read('events'), undefined)
    assert.is(await place.read('events__items'), undefined)
    assert.equal((await session.schema(nested))?.names, ['id'])
    const reports = await commit(session, [{ table: appended, checkpoint }])
    assert.equal(
      reports.map(({ table, root, inserted, rows }) => [table, root, inserted, rows]),
      [
        ['events', undefined, 2, 2],
        ['events__items', 'events', 2, 2],
      ],
    )
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['1', '2'])
    assert.equal(await rowsOf(place, 'events__items'), ['20', '21'])
    const next = await openRun(place, 'r2')
    assert.equal(Object.keys((await next.state()).streams), ['events'])
    assert.is(await next.unfinished(), undefined)
    assert.equal((await next.schema(nested))?.names, ['id'])
    await next.close()
  })

  fact('gives nested rows to the next run with their stream, and lists them by it alone', async (place) => {
    await stageNested(await openRun(place, 'r1'), [[[{ id: 1 }], [{ id: 10 }]]])
    const session = await openRun(place, 'r2')
    const staged = await session.unfinished()
    assert.equal(staged?.streams, [{ table: appended, checkpoint: { position: { page: 1 }, pages: 1, rows: 1 } }])
    const checkpoint = await stageNested(session, [[[{ id: 2 }], []]], staged?.streams[0]?.checkpoint)
    await commit(session, [{ table: appended, checkpoint }])
    assert.equal(await rowsOf(place, 'events'), ['1', '2'])
    assert.equal(await rowsOf(place, 'events__items'), ['10'])
  })

  fact('drops nested rows with their stream', async (place) => {
    await stageNested(await openRun(place, 'r1'), [[[{ id: 1 }], [{ id: 10 }]]])
    const session = await openRun(place, 'r2')
    await session.discard('events')
    assert.is(await session.unfinished(), undefined)
    const checkpoint = await stageNested(session, [[[{ id: 2 }], []]])
    const reports = await commit(session, [{ table: appended, checkpoint }])
    assert.is(reports.length, 1)
    assert.is(await place.read('events__items'), undefined)
  })

  fact('replaces nested rows with their stream, also by none, and adds to them where it adds', async (place) => {
    const run = async (id: string, pages: readonly NestedPage[], replace: boolean): Promise<readonly TableReport[]> => {
      const session = await openRun(place, id)
      const checkpoint = await stageNested(session, pages)
      const reports = await commit(session, [{ table: appended, checkpoint, replace }])
      await session.close()
      return reports
    }
    await run('r1', [[[{ id: 1 }], [{ id: 10 }, { id: 11 }]]], false)
    await run('r2', [[[{ id: 2 }], [{ id: 20 }]]], false)
    assert.equal(await rowsOf(place, 'events__items'), ['10', '11', '20'])
    await run('r3', [[[{ id: 3 }], [{ id: 30 }]]], true)
    assert.equal(await rowsOf(place, 'events__items'), ['30'])
    const [, report] = await run('r4', [[[{ id: 4 }], []]], true)
    assert.equal(pick(report), {
      stream: 'events__items',
      table: 'events__items',
      inserted: 0,
      updated: 0,
      deleted: 1,
      rows: 0,
    })
    assert.equal(await rowsOf(place, 'events'), ['4'])
    assert.equal(await rowsOf(place, 'events__items'), [])
    const only = await run('r5', [[[{ id: 5 }], []]], false)
    assert.is(only.length, 1, 'nothing is told of a table that nothing was done to')
  })

  fact('commits nested rows once, however often the same run asks', async (place) => {
    const session = await openRun(place, 'r1')
    const checkpoint = await stageNested(session, [[[{ id: 1 }], [{ id: 10 }]]])
    const plan = [{ table: appended, checkpoint, replace: true }]
    const first = await commit(session, plan)
    assert.is(first.length, 2)
    assert.equal(await commit(session, plan), first)
    const again = await openRun(place, 'r1')
    assert.equal(await commit(again, plan), first)
    assert.equal(await rowsOf(place, 'events__items'), ['10'])
  })

  fact('names the column that may not be null and the row, and keeps nothing of the page', async (place) => {
    const session = await openRun(place, 'r1')
    const schema = toSchema({ id: { dataType: 'bigint', nullable: false }, v: { dataType: 'text' } })
    // A converter refuses such rows itself; who makes batches by other means does not have one.
    const loose = new Schema(schema.fields.map(({ name, type }) => new Field(name, type, true)))
    const batchOf = (rows: readonly Row[]): RecordBatch =>
      new RecordBatch(schema, createConverter({ schema: loose }).convert(rows).data.clone(new Struct(schema.fields)))
    const checkpoint = { position: { page: 1 }, pages: 1, rows: 1 }
    await session.stage([{ table: appended, batch: batchOf([{ id: 1, v: 'a' }]) }], checkpoint)
    for (const batch of [batchOf([{ id: 2 }, { v: 'b' }]), createConverter().convert([{ v: 'b' }])]) {
      await rejects(() => session.stage([{ table: appended, batch }], { ...checkpoint, pages: 2 }), 'E_NOT_NULL')
    }
    await commit(session, [{ table: appended, checkpoint }])
    await session.close()
    assert.equal(await rowsOf(place, 'events'), ['1 a'])
    const next = await openRun(place, 'r2')
    const [id, v] = (await next.schema(appended))?.fields ?? []
    assert.equal([id?.nullable, v?.nullable], [false, true])
  })

  const { histories = 200 } = options
  it(`equals a Map after ${histories} random histories of loads, deaths and takeovers`, async () => {
    for (let seed = 1; seed <= histories; seed++) {
      const place = await createPlace()
      try {
        await checkHistory(place, seed)
      } finally {
        await place.remove()
      }
    }
  })

  it.run()
}

const appended: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'append',
  primaryKey: [],
  mode: 'incremental',
  configuration: 'c1',
}
const nested: TableRef = {
  ...appended,
  stream: 'events__items',
  table: 'events__items',
  root: { stream: 'events', table: 'events' },
}
const merged: TableRef = { ...appended, disposition: 'merge', primaryKey: ['id'] }
const upserts: MergePlan = { ...upsertRules, isWhole: false, at: 0 }
const other: TableRef = { ...appended, stream: 'others', table: 'others' }
const atStart: Checkpoint = { position: {}, pages: 0, rows: 0 }

type PlanItem = Pick<CommitTable, 'table' | 'checkpoint'> & Partial<CommitTable>

function openRun(place: DestinationPlace, run: string): Promise<Session> {
  return place.destination().open({ pipeline: 'shop', run })
}

/** Stages pages as a run does, each with the checkpoint that covers it, and returns the last one. */
async function stageAll(
  session: Session,
  table: TableRef,
  pages: readonly (readonly Row[])[],
  from: Checkpoint = atStart,
): Promise<Checkpoint> {
  const schema = await session.schema(table)
  const converter = createConverter(schema ? { schema } : {})
  let checkpoint = from
  for (const rows of pages) {
    const pageNumber = checkpoint.pages + 1
    checkpoint = { position: { page: pageNumber }, pages: pageNumber, rows: checkpoint.rows + rows.length }
    await session.stage([{ table, batch: converter.convert(rows) }], checkpoint)
  }
  return checkpoint
}

/** Rows of a page, and the nested ones among them. */
type NestedPage = readonly [readonly Row[], readonly Row[]]

async function stageNested(
  session: Session,
  pages: readonly NestedPage[],
  from: Checkpoint = atStart,
): Promise<Checkpoint> {
  const tables = [appended, nested]
  const schemas = await Promise.all(tables.map((table) => session.schema(table)))
  const converters = schemas.map((schema) => createConverter(schema ? { schema } : {}))
  let checkpoint = from
  for (const page of pages) {
    const pageNumber = checkpoint.pages + 1
    checkpoint = { position: { page: pageNumber }, pages: pageNumber, rows: checkpoint.rows + page[0].length }
    const parts = tables.flatMap((table, index) => {
      const rows = page[index] ?? []
      const batch = converters[index]?.convert(rows)
      // A table without rows in the page has no part, but for the stream's own.
      return batch && (rows.length > 0 || index === 0) ? [{ table, batch }] : []
    })
    await session.stage(parts, checkpoint)
  }
  return checkpoint
}

async function commit(session: Session, items: readonly PlanItem[]): Promise<readonly TableReport[]> {
  const { tables } = await session.commit({
    tables: items.map((item) => ({ replace: false, merge: false, ...item })),
  })
  return tables
}

/** One whole run. */
async function load(
  place: DestinationPlace,
  run: string,
  table: TableRef,
  pages: readonly (readonly Row[])[],
  how: Partial<Pick<CommitTable, 'merge' | 'replace'>> = {},
): Promise<{ report: TableReport | undefined }> {
  const session = await openRun(place, run)
  const checkpoint = await stageAll(session, table, pages)
  const [report] = await commit(session, [{ table, checkpoint, ...how }])
  await session.close()
  return { report }
}

/** Rows as one line each, nulls left out: readers differ in how they give integers. */
async function rowsOf(place: DestinationPlace, table: string): Promise<readonly string[]> {
  const rows = (await place.read(table)) ?? []
  return sorted(
    rows.map(({ id, v, n }) => [id, v, n].filter((value) => value !== null && value !== undefined).join(' ')),
  )
}

async function positionOf(place: DestinationPlace, stream: string): Promise<unknown> {
  const session = await openRun(place, 'looks')
  const { streams } = await session.state()
  await session.close()
  return streams[stream]?.position
}

function pick(report: TableReport | undefined): unknown {
  if (!report) return undefined
  const { stream, table, inserted, updated, deleted, rows } = report
  return { stream, table, inserted, updated, deleted, rows }
}

function sorted(values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? [])].sort()
}

async function rejects(work: () => Promise<unknown>, code: string): Promise<void> {
  assert.is((await failureOf(work())).code, code)
}
