import { cp, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createConverter } from '@millrace/arrow'
import { openLake } from '@millrace/lake'
import { type Session, type TableReport, upsertRules } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { hookDisk } from './hook-disk.ts'
import {
  commitRow,
  commitRows,
  events,
  foreignCommit,
  idsOf,
  logPath,
  openSession,
  readLogCommit,
  setProperties,
  upTo,
} from './log-of-events.ts'

const it = suite('the upkeep of a log')

it('carries over what others have put into a table, from checkpoint to checkpoint', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    const own = (await readLogCommit(folder, 0)).find((action) => action['metaData'])?.['metaData']
    const path = (await readLogCommit(folder, 0)).find((action) => action['add'])?.['add']?.['path']
    await foreignCommit(folder, 1, [
      {
        metaData: {
          ...own,
          name: 'theirs',
          description: 'a "text"\n',
          format: { provider: 'parquet', options: { a: 'b' } },
        },
      },
      { txn: { appId: 'theirs', version: 9007199254740991, lastUpdated: 1700000000000 } },
      {
        add: {
          path: 'a%20b.parquet',
          partitionValues: {},
          size: 1,
          modificationTime: 1.5,
          dataChange: true,
          stats: '{"numRecords":1}',
          tags: { k: 'ü' },
        },
      },
      {
        add: {
          path: 'gone.parquet',
          partitionValues: {},
          size: 2,
          modificationTime: 2,
          dataChange: true,
          stats: '{"numRecords":1}',
        },
      },
    ])
    const deletionTimestamp = Date.now()
    await foreignCommit(folder, 2, [
      { remove: { path, deletionTimestamp, dataChange: true } },
      {
        remove: {
          path: 'gone.parquet',
          deletionTimestamp,
          dataChange: true,
          extendedFileMetadata: true,
          partitionValues: {},
          size: 2,
        },
      },
      { remove: { path: 'without-a-time.parquet', dataChange: true } },
    ])
    await commitRows(folder, upTo(11, 3))
    for (const version of upTo(11)) await rm(logPath(folder, version))
    await commitRows(folder, upTo(21, 11))
    const [first, second] = await Promise.all([10, 20].map((version) => readBackCheckpoint(folder, version)))
    assert.equal(second, first)
    assert.equal(first, {
      metaData: [{ name: 'theirs', description: 'a "text"\n', options: { a: 'b' } }],
      txn: [{ appId: 'theirs', version: '9007199254740991', lastUpdated: '1700000000000' }],
      add: [{ path: 'a%20b.parquet', modificationTime: '1', tags: { k: 'ü' }, stats: '{"numRecords":1}' }],
      remove: [
        { path, deletionTimestamp: String(deletionTimestamp), size: null, dataChange: false },
        { path: 'gone.parquet', deletionTimestamp: String(deletionTimestamp), size: '2', dataChange: false },
      ],
    })
  })
})

it('leaves a table that is right, whatever of it the disk fails at', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    await commitRows(start, [0])
    await setProperties(start, 1, { 'delta.checkpointInterval': '5' })
    await commitRows(start, upTo(10, 2))
    const rows = [0, ...upTo(10, 2)]
    let upkeep = 0
    for (let nth = 1; ; nth++) {
      const folder = join(home, `fails-${nth}`)
      await cp(start, folder, { recursive: true })
      await age(folder, upTo(8))
      const session = await openSession(folder)
      let left = nth
      const unhook = await hookDisk(async ({ name, tear }) => {
        left -= 1
        if (left !== 0) return
        await tear()
        throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO' })
      })
      const done = await commitRow(session, 10).then(
        () => true,
        () => false,
      )
      unhook()
      const seen = await idsOf(folder)
      if (done) assert.equal(seen, [...rows, 10], `operation ${nth}`)
      else assert.ok([rows.length, rows.length + 1].includes(seen.length), `operation ${nth}: ${seen}`)
      if (done && left <= 0) upkeep += 1
      await session.close()
      await commitRows(folder, [11])
      assert.is((await idsOf(folder)).at(-1), 11, `operation ${nth}`)
      await rm(folder, { recursive: true })
      if (left > 0) break
    }
    assert.ok(upkeep > 10, `${upkeep} failures of upkeep`)
  })
})

it('is no trouble for those who read and write meanwhile', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    await setProperties(folder, 1, { 'delta.checkpointInterval': '2' })
    let isDone = false
    const write = async (pipeline: string, ids: readonly number[]): Promise<void> => {
      const session = await openSession(folder, { pipeline })
      for (const id of ids) {
        const report = await commitRow(session, id)
        await age(folder, upTo(report?.version ?? 0)).catch(() => {})
      }
      await session.close()
    }
    const read = async (): Promise<void> => {
      for (let last = 0; !isDone; ) {
        const { length } = await idsOf(folder)
        assert.ok(length >= last, `${length} rows after ${last}`)
        last = length
      }
    }
    const readers = [read(), read()]
    await Promise.all([write('one', upTo(16, 1)), write('two', upTo(31, 16))]).finally(() => {
      isDone = true
    })
    await Promise.all(readers)
    assert.equal(
      [...(await idsOf(folder))].sort((a, b) => a - b),
      upTo(31),
    )
    assert.is((await openLake(folder).table('events')).version, 31)
    assert.is((await failureOf(idsOf(folder, 3))).code, 'E_VERSION_NOT_FOUND')
  })
})

it('is no trouble for a commit that was planned before it, whose version is gone', async () => {
  await withTempFolder(async (home) => {
    const [folder, ahead] = [join(home, 'lake'), join(home, 'ahead')]
    const table = { ...events, disposition: 'merge' as const, primaryKey: ['id'] }
    const merge = async (session: Session, note: string, ids: readonly number[]): Promise<TableReport | undefined> => {
      const checkpoint = { position: { note }, pages: 1, rows: ids.length }
      await session.stage([{ table, batch: createConverter().convert(ids.map((id) => ({ id, note }))) }], checkpoint)
      const { tables } = await session.commit({
        tables: [{ table, checkpoint, replace: false, merge: { ...upsertRules, isWhole: false, at: 0 } }],
      })
      return tables[0]
    }
    const first = await openSession(folder)
    await merge(first, 'first', [0, 1])
    await first.close()
    await cp(folder, ahead, { recursive: true })
    for (const version of upTo(12, 1)) await foreignCommit(ahead, version, [{ txn: { appId: 'theirs', version } }])
    await commitRows(
      ahead,
      upTo(21, 12).map((id) => id + 100),
      false,
      'others',
    )
    for (const version of upTo(20)) await rm(logPath(ahead, version))

    const session = await openSession(folder)
    let isAhead = false
    const unhook = await hookDisk(async ({ name }) => {
      // The file that takes the place of the first one: the commit is being planned.
      if (name !== 'link' || isAhead) return
      isAhead = true
      await rm(join(folder, 'events', '_delta_log'), { recursive: true })
      await cp(join(ahead, 'events'), join(folder, 'events'), { recursive: true })
    })
    const report = await merge(session, 'second', [0]).finally(unhook)
    await session.close()
    assert.is(report?.version, 21)
    const notes: unknown[] = []
    for await (const { id, note } of (await openLake(folder).table('events')).rows()) if (id === 0) notes.push(note)
    assert.equal(notes, ['second'])
  })
})

it('takes nothing for a table that a crash has left of its first commit', async () => {
  await withTempFolder(async (folder) => {
    const log = join(folder, 'events', '_delta_log')
    await mkdir(log, { recursive: true })
    await writeFile(`${logPath(folder, 0)}.tmp-80a083e8-7026-4e79-81be-64bd76c43a11`, 'half')
    assert.equal(await openLake(folder).tables(), [])
    assert.is((await failureOf(idsOf(folder))).code, 'E_TABLE_NOT_FOUND')
    await commitRows(folder, [0])
    await writeFile(`${logPath(folder, 7)}.tmp-80a083e8-7026-4e79-81be-64bd76c43a11`, 'half')
    await commitRows(folder, [1])
    assert.equal(await openLake(folder).tables(), ['events'])
    assert.equal(await idsOf(folder), [0, 1])
  })
})

it.run()

/** As if these versions had been made more than a month ago. */
async function age(folder: string, versions: readonly number[]): Promise<void> {
  for (const version of versions) {
    const time = new Date(Date.now() - 40 * 86_400_000 + version * 1000)
    await utimes(logPath(folder, version), time, time).catch(() => {})
  }
}

/** What a checkpoint has of what others wrote. */
async function readBackCheckpoint(
  folder: string,
  version: number,
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const file = `read_parquet('${logPath(folder, version, 'checkpoint.parquet')}')`
  const map = (column: string): string => `to_json(${column})`
  return {
    metaData: await query(
      `SELECT metaData.name AS name, metaData.description AS description, ${map('metaData.format.options')} AS options
       FROM ${file} WHERE metaData IS NOT NULL`,
    ),
    txn: await query(`SELECT UNNEST(txn) FROM ${file} WHERE txn.appId = 'theirs'`),
    add: await query(
      `SELECT add.path AS path, add.modificationTime AS modificationTime, ${map('add.tags')} AS tags, add.stats AS stats
       FROM ${file} WHERE add.path = 'a%20b.parquet'`,
    ),
    remove: await query(
      `SELECT remove.path AS path, remove.deletionTimestamp AS deletionTimestamp, remove.size AS size,
       remove.dataChange AS dataChange FROM ${file} WHERE remove IS NOT NULL`,
    ),
  }
}

async function query(sql: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          name === 'options' || name === 'tags' ? JSON.parse(String(value)) : value,
        ]),
      ),
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
