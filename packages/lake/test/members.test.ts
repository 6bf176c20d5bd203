import { join } from 'node:path'
import type { Row } from '@millrace/core'
import { lake, openLake, optimizeLake, verifyLake } from '@millrace/lake'
import { run, type Source, type Stream } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { loadRows, rowsOf } from './load-rows.ts'

const it = suite('objects whose members come one by one')

const before: readonly Row[] = [
  { id: 1, o: { n: 1 }, l: [{ a: 'x' }] },
  { id: 2, o: null, l: null },
]
const after: readonly Row[] = [
  { id: 2, o: { n: 2, at: { city: 'Bern' } }, l: [{ b: 1.5, a: 'y' }] },
  { id: 3, o: {}, l: [] },
]

/** Both, as rows of a table with all members. */
const first = { id: '1', o: { n: '1', at: null }, l: [{ a: 'x', b: null }] }
const second = { id: '2', o: null, l: null }
const changed = { id: '2', o: { n: '2', at: { city: 'Bern' } }, l: [{ a: 'y', b: 1.5 }] }
const third = { id: '3', o: { n: null, at: null }, l: [] }

it('get them in a table: in new files, in files that a merge or a compaction writes again, to all readers', async () => {
  for (const primaryKey of [[], ['id']]) {
    await withTempFolder(async (folder) => {
      const rows = primaryKey.length > 0 ? [first, changed, third] : [first, second, changed, third]
      await loadRows(folder, 'r1', before, { primaryKey })
      await loadRows(folder, 'r2', after, { primaryKey })
      const check = async (): Promise<void> => {
        assert.equal(await independently(folder), rows)
        assert.equal(
          (await rowsOf(folder)).map((text) => JSON.parse(text)),
          rows.map(asNumbers),
        )
        assert.equal(await viewed(folder), rows)
        assert.equal((await verifyLake(folder)).findings, [])
      }
      await check()
      await optimizeLake(folder)
      await check()
      // A run that knows only some of the members takes none away.
      await loadRows(folder, 'r3', [{ id: 1, o: { n: 1 }, l: [{ a: 'x' }] }], { primaryKey: ['id'] })
      assert.equal(
        (await independently(folder)).filter(({ id }) => id === '1'),
        [first],
      )
    })
  }
})

it('get those of all who write at once', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 0, o: { n: 0 } }])
    const members = ['a', 'b', 'c', 'd']
    await Promise.all(
      members.map((member, index) =>
        loadRows(folder, `r-${member}`, [{ id: index + 1, o: { [member]: true } }], { pipeline: `p-${member}` }),
      ),
    )
    const nothing = { n: null, a: null, b: null, c: null, d: null }
    const rows = (await independently(folder)).map(({ id, o }) => ({ id, o: { ...nothing, ...(o as object) } }))
    assert.equal(rows, [
      { id: '0', o: { ...nothing, n: '0' } },
      ...members.map((member, index) => ({ id: String(index + 1), o: { ...nothing, [member]: true } })),
    ])
    const { schema } = await openLake(folder).table('events')
    assert.equal((schema.fields[1]?.type.children ?? []).map(({ name }: { name: string }) => name).sort(), [
      'a',
      'b',
      'c',
      'd',
      'n',
    ])
  })
})

it('get them in one run, page by page, and in a run that goes on after one that died', async () => {
  const pages = [before, after, [{ id: 4, o: { extra: true } }]]
  const source = (failsAt?: number): Source => {
    const read: Stream['read'] = async function* ({ checkpoint }) {
      for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
        if (page === failsAt) throw new Error('gone')
        yield { rows: pages[page] ?? [], position: { page: page + 1 } }
      }
    }
    return { name: 'shop', streams: () => [{ name: 'events', disposition: 'append', read }] }
  }
  for (const failsAt of [undefined, 1, 2]) {
    await withTempFolder(async (folder) => {
      if (failsAt !== undefined) await run(source(failsAt), lake(folder)).catch(() => {})
      await run(source(), lake(folder))
      const { schema } = await openLake(folder).table('events')
      assert.is(String(schema.fields[1]?.type), 'Struct<{n:Int64, at:Struct<{city:Utf8}>, extra:Bool}>')
      const rows = await independently(folder)
      assert.equal(rows[0], { ...first, o: { ...first.o, extra: null } })
      assert.equal(rows.at(-1), { id: '4', o: { n: null, at: null, extra: true }, l: null })
      assert.is(rows.length, 5)
    })
  }
})

it.run()

/** By DuckDB, from the files alone. */
async function independently(folder: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await readDelta(join(folder, 'events'), 'id, o IS NOT NULL')).rows
}

/** By DuckDB, as the table's own query has them. */
async function viewed(folder: string): Promise<readonly unknown[]> {
  const table = await openLake(folder).table('events')
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (
      await connection.runAndReadAll(`SELECT * FROM (${table.sql()}) ORDER BY id, o IS NOT NULL`)
    ).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Whole numbers as our readers give them. */
function asNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, each) =>
    (key === 'id' || key === 'n') && each !== null ? Number(each) : each,
  )
}
