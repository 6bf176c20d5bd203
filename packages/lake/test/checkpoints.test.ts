import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createConverter } from '@millrace/arrow'
import { openLake } from '@millrace/lake'
import type { StagePart } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { createRandom } from '../../../test/support/random.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
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

const it = suite('checkpoints of a log')

it('writes one every ten versions, with all that the protocol asks for', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(22))
    const log = await readdir(join(folder, 'events', '_delta_log'))
    assert.equal(
      log.filter((name) => name.includes('checkpoint')).map((name) => name.replace(/^0+/, '')),
      ['10.checkpoint.parquet', '20.checkpoint.parquet', '_last_checkpoint'],
    )
    const { tags, ...pointer } = JSON.parse(
      await readFile(join(folder, 'events', '_delta_log', '_last_checkpoint'), 'utf8'),
    ) as { readonly tags: Readonly<Record<string, string>> }
    const rows = await duckdb(`SELECT * FROM read_parquet('${logPath(folder, 20, 'checkpoint.parquet')}')`)
    const sizeInBytes = (await readFile(logPath(folder, 20, 'checkpoint.parquet'))).length
    assert.equal(pointer, { version: 20, size: 24, sizeInBytes, numOfAddFiles: 21 })
    assert.match(tags['millrace.sha256'] ?? '', /^[0-9a-f]{64}$/)
    assert.is(rows.length, 24)

    const [metaData] = actionsIn(rows, 'metaData')
    const commit = await readLogCommit(folder, 20)
    const stored = commit.find((action) => action['metaData'])?.['metaData']
    assert.is(metaData?.['schemaString'], stored?.['schemaString'])
    assert.equal(fromMap(metaData?.['configuration']), stored?.['configuration'])
    assert.equal(actionsIn(rows, 'protocol'), [{ minReaderVersion: 1, minWriterVersion: 2 }])
    assert.equal(
      actionsIn(rows, 'txn').map((txn) => [txn['appId'], txn['version']]),
      [['shop/events', '21']],
    )
    const added = commit.find((action) => action['add'])?.['add']
    const last = actionsIn(rows, 'add').at(-1)
    for (const key of ['path', 'stats']) assert.is(last?.[key], added?.[key])
    assert.equal([last?.['size'], last?.['dataChange']], [String(added?.['size']), false])
  })
})

it('writes one as often as the table says', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    await setProperties(folder, 1, { 'delta.checkpointInterval': '3' })
    await commitRows(folder, upTo(8, 2))
    assert.equal(
      [2, 3, 6, 7].map((version) => existsSync(logPath(folder, version, 'checkpoint.parquet'))),
      [false, true, true, false],
    )
  })
})

it('reads and writes a table whose early commits are gone, and knows where its streams were', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(13))
    for (const version of upTo(11)) await rm(logPath(folder, version))
    assert.equal(await idsOf(folder), upTo(13))
    const session = await openSession(folder)
    assert.equal((await session.state()).streams['events']?.position, { id: 12 })
    const report = await commitRow(session, 13)
    await session.close()
    assert.equal([report?.version, report?.rows], [13, 14])
    assert.equal(await idsOf(folder), upTo(14))

    for (const version of [11, 12, 13]) await rm(logPath(folder, version))
    assert.equal(await idsOf(folder), upTo(11))
    await commitRows(folder, [11], true)
    assert.equal(await idsOf(folder), [11])
  })
})

it('finds its place without a _last_checkpoint, and with one that is wrong', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(23))
    for (const version of upTo(10)) await rm(logPath(folder, version))
    const pointer = join(folder, 'events', '_delta_log', '_last_checkpoint')
    for (const text of ['', '{', '[]', '7', 'null', '{"version":10}', '{"version":15}', '{"version":900}']) {
      await writeFile(pointer, text)
      assert.equal(await idsOf(folder), upTo(23), text)
    }
    await rm(pointer)
    assert.equal(await idsOf(folder), upTo(23))
    await writeFile(pointer, '{"version":900}')
    await commitRows(folder, upTo(31, 23))
    assert.is(JSON.parse(await readFile(pointer, 'utf8')).version, 30)
    await rm(pointer)
    await mkdir(pointer)
    assert.equal(await idsOf(folder), upTo(31))
  })
})

it('commits where its checkpoint cannot be written', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    await mkdir(join(folder, 'events', '_delta_log', '_last_checkpoint'))
    await commitRows(folder, upTo(12, 1))
    assert.equal(await idsOf(folder), upTo(12))
  })
})

it('reads a checkpoint of several parts, if all of them are there', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(12))
    const whole = logPath(folder, 10, 'checkpoint.parquet')
    const part = (number: number): string => logPath(folder, 10, `checkpoint.000000000${number}.0000000002.parquet`)
    const rows = `SELECT * EXCLUDE row FROM (SELECT *, row_number() OVER () AS row FROM read_parquet('${whole}'))`
    await duckdb(`COPY (${rows} WHERE row <= 5) TO '${part(1)}' (FORMAT parquet)`)
    await duckdb(`COPY (${rows} WHERE row > 5) TO '${part(2)}' (FORMAT parquet)`)
    await rm(whole)
    for (const version of upTo(10)) await rename(logPath(folder, version), logPath(folder, version, 'away'))
    assert.equal(await idsOf(folder), upTo(12))
    await rm(part(2))
    assert.is((await failureOf(idsOf(folder))).code, 'E_CORRUPT')
    for (const version of upTo(10)) await rename(logPath(folder, version, 'away'), logPath(folder, version))
    assert.equal(await idsOf(folder), upTo(12))
  })
})

it('refuses a log that begins with a checkpoint of version 2', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(12))
    const uuid = '80a083e8-7026-4e79-81be-64bd76c43a11'
    await rename(logPath(folder, 10, 'checkpoint.parquet'), logPath(folder, 10, `checkpoint.${uuid}.parquet`))
    assert.equal(await idsOf(folder), upTo(12))
    await rm(logPath(folder, 0))
    const error = await failureOf(idsOf(folder))
    assert.is(error.code, 'E_UNSUPPORTED_TABLE')
    assert.match(error.message, /checkpoint of version 2/)
  })
})

it('is never wrong where a bit of a checkpoint has changed', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    await commitRows(start, upTo(12))
    const bytes = await readFile(logPath(start, 10, 'checkpoint.parquet'))
    const random = createRandom(11)
    let refused = 0
    for (const areEarlyCommitsGone of [false, true]) {
      if (areEarlyCommitsGone) for (const version of upTo(10)) await rm(logPath(start, version))
      for (let round = 0; round < 30; round++) {
        const at = random.int(0, bytes.length - 1)
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ (1 << random.int(0, 7))
        await writeFile(logPath(start, 10, 'checkpoint.parquet'), changed)
        const ids = await idsOf(start).catch((thrown: unknown) => thrown)
        if (areEarlyCommitsGone && ids instanceof Error) {
          assert.is(Reflect.get(ids, 'code'), 'E_CORRUPT', `byte ${at}`)
          assert.ok(ids.message.includes('10.checkpoint.parquet'), ids.message)
          refused += 1
        } else assert.equal(ids, upTo(12), `byte ${at}`)
      }
    }
    assert.ok(refused > 10, `${refused} refused`)
  })
})

it('believes no checkpoint of ours that says something else than was written', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(12))
    const path = logPath(folder, 10, 'checkpoint.parquet')
    const text = await readFile(path, 'latin1')
    const [, digest = ''] = /millrace\.sha256..([0-9a-f]{64})/s.exec(text) ?? []
    const file = `${path}.new`
    await duckdb(
      `COPY (SELECT * FROM read_parquet('${path}') WHERE add IS NULL OR add.path NOT LIKE '%-00003.parquet')
       TO '${file}' (FORMAT parquet, KV_METADATA {'millrace.sha256': '${digest}'})`,
    )
    await rename(file, path)
    assert.equal(await idsOf(folder), upTo(12))
    await rm(logPath(folder, 0))
    const error = await failureOf(idsOf(folder))
    assert.is(error.code, 'E_CORRUPT')
    assert.match(error.message, /10\.checkpoint\.parquet is not as it was written/)
  })
})

it('removes what has expired of the log, up to the newest checkpoint that has, and says what is left', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(35))
    await age(folder, upTo(26), 31)
    await commitRows(folder, upTo(42, 35))
    const log = await readdir(join(folder, 'events', '_delta_log'))
    const versions = log.filter((name) => /^\d/.test(name)).map((name) => Number.parseInt(name, 10))
    assert.equal(
      [...new Set(versions)].sort((a, b) => a - b),
      upTo(42, 20),
    )
    assert.equal(await idsOf(folder), upTo(42))
    assert.equal(await idsOf(folder, 20), upTo(21))
    assert.equal(await idsOf(folder, 33), upTo(34))
    const error = await failureOf(openLake(folder).table('events', { version: 19 }))
    assert.is(error.code, 'E_VERSION_NOT_FOUND')
    assert.match(error.message, /those that can are 20 to 41$/)
    const history = await (await openLake(folder).table('events')).history()
    assert.equal(
      history.map(({ version }) => version),
      upTo(42, 20).reverse(),
    )
  })
})

it('removes nothing of a log that is to be kept, nor in favour of a checkpoint that is damaged', async () => {
  for (const properties of [
    { 'delta.enableExpiredLogCleanup': 'false' },
    { 'delta.logRetentionDuration': 'interval 6 weeks' },
    { 'delta.logRetentionDuration': 'as long as it takes' },
    undefined,
  ]) {
    await withTempFolder(async (folder) => {
      await commitRows(folder, [0])
      await setProperties(folder, 1, properties ?? {})
      await commitRows(folder, upTo(12, 2))
      if (!properties) await writeFile(logPath(folder, 10, 'checkpoint.parquet'), 'damaged')
      await age(folder, upTo(12), 31)
      await commitRows(folder, upTo(21, 12))
      assert.ok(existsSync(logPath(folder, 0)), JSON.stringify(properties))
      assert.equal(await idsOf(folder, 0), [0])
    })
  }
})

it('forgets files in a checkpoint that were removed long ago, and never removes one that a version needs', async () => {
  await withTempFolder(async (folder) => {
    const dead = await openSession(folder, { segmentRows: 1 })
    await commitRow(dead, 0)
    const [first = ''] = (await openLake(folder).table('events')).files.map(({ path }) => path)
    await setProperties(folder, 1, { 'delta.deletedFileRetentionDuration': 'interval 1 day' })
    const path = first.slice(join(folder, 'events').length + 1)
    await foreignCommit(folder, 2, [
      { remove: { path, deletionTimestamp: Date.now() - 2 * 86_400_000, dataChange: true } },
    ])
    await dead.stage([partOf(1)], { position: { id: 1 }, pages: 1, rows: 1 })
    await dead.stage([partOf(2)], { position: { id: 2 }, pages: 2, rows: 2 })
    const others = await openSession(folder, { pipeline: 'others' })
    for (const id of upTo(11, 3)) await commitRow(others, id)
    await others.close()
    const checkpoint = `read_parquet('${logPath(folder, 10, 'checkpoint.parquet')}')`
    assert.equal(await duckdb(`SELECT remove.path FROM ${checkpoint} WHERE remove IS NOT NULL`), [])

    // What the dead session left is committed and swept by the next, which reads the table from the checkpoint.
    const next = await openSession(folder)
    assert.ok(await next.unfinished())
    await next.discard('events')
    await commitRow(next, 99)
    await next.close()
    assert.ok(existsSync(first))
    assert.equal(await idsOf(folder, 0), [0])
    const files = (await readdir(join(folder, 'events'))).filter((name) => name.endsWith('.parquet'))
    assert.is(files.length, 10, 'what the dead session had staged is swept')
  })
})

it('goes on from what a session knows of a table, without reading the log anew', async () => {
  await withTempFolder(async (folder) => {
    const session = await openSession(folder)
    await commitRow(session, 0)
    const first = logPath(folder, 0)
    const text = await readFile(first)
    await writeFile(first, 'damaged')
    await foreignCommit(folder, 1, [{ txn: { appId: 'theirs', version: 7 } }])
    await commitRow(session, 1)
    await session.close()
    await writeFile(first, text)
    const next = await openSession(folder)
    await writeFile(first, 'damaged')
    await commitRow(next, 2)
    await next.close()
    await writeFile(first, text)
    assert.equal(await idsOf(folder), [0, 1, 2])
  })
})

it('looks anew where the log it knew is gone or another', async () => {
  await withTempFolder(async (home) => {
    const folder = join(home, 'lake')
    const session = await openSession(folder)
    for (const id of upTo(12)) await commitRow(session, id)
    for (const version of upTo(12)) if (version !== 11) await rm(logPath(folder, version))
    await foreignCommit(folder, 12, [{ txn: { appId: 'theirs', version: 7 } }])
    await commitRow(session, 12)
    assert.is((await failureOf(idsOf(folder, 9))).code, 'E_VERSION_NOT_FOUND')
    assert.equal(await idsOf(folder), upTo(13))

    await cp(join(folder, 'events'), join(home, 'copy'), { recursive: true })
    await rm(join(folder, 'events'), { recursive: true })
    assert.is((await failureOf(commitRow(session, 13))).code, 'E_FENCED')
    await session.close()
  })
})

it.run()

function partOf(id: number): StagePart {
  return { table: events, batch: createConverter().convert([{ id }]) }
}

function actionsIn(rows: readonly CheckpointRow[], kind: string): readonly Readonly<Record<string, unknown>>[] {
  return rows.map((row) => row[kind]).filter((action) => action !== null && action !== undefined)
}

/** As if these versions had been made so many days ago. */
async function age(folder: string, versions: readonly number[], days: number): Promise<void> {
  for (const version of versions) {
    const time = new Date(Date.now() - days * 86_400_000 - 86_400_000 + version * 1000)
    await utimes(logPath(folder, version), time, time)
  }
}

type CheckpointRow = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>

async function duckdb(sql: string): Promise<readonly CheckpointRow[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as readonly CheckpointRow[]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function fromMap(map: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries((map as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]))
}
