import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import { lake, openLake, optimizeLake, vacuumLake, verifyLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deltaFiles } from '../../../test/support/delta-files.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { editCommit } from './edit-commit.ts'
import { loadRows, rowsOf, tableRef } from './load-rows.ts'

const it = suite('vacuumLake')

const hour = 3_600_000
const short = { retentionHours: 0, allowShortRetention: true }

it('deletes files that a commit removed longer ago than the retention, and no others', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }])
    await loadRows(folder, 'r2', [{ id: 2 }])
    const old = await deltaFiles(join(folder, 'events'))
    await optimizeLake(folder)
    await loadRows(folder, 'r3', [{ id: 3 }], { replace: true })
    // The compaction a month ago, the replacement an hour ago.
    await backdate(folder, 2, 30 * 24)
    await backdate(folder, 3, 1)
    await age(folder, 60 * 24)
    const expected = { table: 'events', retentionHours: 168, files: old.toSorted(), bytes: await bytesOf(old) }
    const dry = await vacuumLake(folder, { dryRun: true })
    assert.equal(dry.tables, [expected])
    assert.ok(dry.dryRun)
    assert.is((await partsIn(folder)).length, 4)

    const { tables, skipped, unreadableJournals } = await vacuumLake(folder)
    assert.equal([tables, skipped, unreadableJournals], [[expected], [], []])
    assert.is((await partsIn(folder)).length, 2)
    assert.equal(await rowsOf(folder), ['{"id":3}'])
    // Within the retention: the joined file is there for who reads version 2, those of version 1 are gone.
    assert.equal(await rowsOf(folder, 'events', 2), ['{"id":1}', '{"id":2}'])
    assert.is((await failureOf(rowsOf(folder, 'events', 1))).code, 'E_PARQUET')
    assert.equal((await verifyLake(folder)).findings, [])
    const all = await verifyLake(folder, { allVersions: true })
    assert.equal([all.findings, all.tables[0]?.files, all.tables[0]?.gone], [[], 2, 2])
    assert.equal((await vacuumLake(folder)).tables[0]?.files, [])
  })
})

it('refuses a retention shorter than the table has it, unless that is allowed', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }])
    await loadRows(folder, 'r2', [{ id: 2 }], { replace: true })
    const error = await failureOf(vacuumLake(folder, { retentionHours: 167 }))
    assert.is(error.code, 'E_RETENTION')
    assert.match(error.message, /167 hours is shorter than the 168 hours of table "events"/)
    assert.equal((await vacuumLake(folder, { retentionHours: 168 })).tables[0]?.files, [])
    assert.is((await vacuumLake(folder, short)).tables[0]?.files.length, 1)
    assert.equal(await rowsOf(folder), ['{"id":2}'])
    for (const retentionHours of [-1, Number.NaN]) {
      assert.instance(await vacuumLake(folder, { retentionHours }).catch((thrown) => thrown), RangeError)
    }
  })
})

it("keeps to the table's own retention where it has one", async () => {
  const cases = { 'interval 30 days': 720, '12 hours': 12, 'interval 2 months': undefined }
  for (const [property, hours] of Object.entries(cases)) {
    await withTempFolder(async (folder) => {
      await loadRows(folder, 'r1', [{ id: 1 }])
      await setProperty(folder, 'delta.deletedFileRetentionDuration', property)
      assert.is((await vacuumLake(folder)).tables[0]?.retentionHours, hours, property)
    })
  }
})

it('deletes what died runs have left, once it is old enough that nobody can be about to commit it', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }])
    const table = join(folder, 'events')
    const id = '01234567-89ab-4def-8123-456789abcdef'
    const leftovers = [
      'part-0123456789abcdef-0123456789abcdef-00000.parquet',
      'part-0123456789abcdef-0123456789abcdef-00001.parquet.tmp',
      `_delta_log/00000000000000000001.json.tmp-${id}`,
    ]
    // Nobody's business.
    const others = ['notes.txt', '_marker.parquet', '_delta_log/notes.txt', 'folder/part-1.parquet']
    await mkdir(join(table, 'folder'))
    for (const name of [...leftovers, ...others]) await writeFile(join(table, name), 'x')
    await mkdir(join(folder, '_millrace', '.work-1'))

    assert.equal((await vacuumLake(folder, short)).tables[0]?.files, [], 'young')
    await age(folder, 25)
    assert.equal((await vacuumLake(folder)).tables[0]?.files, [], 'within the retention')
    const { tables } = await vacuumLake(folder, short)
    assert.equal(
      tables[0]?.files,
      leftovers.map((name) => join(table, name)),
    )
    for (const name of others) await stat(join(table, name))
    assert.equal(await rowsOf(folder), ['{"id":1}'])
    assert.equal(await readdir(join(folder, '_millrace')), ['p'])
  })
})

it('keeps what an unfinished run has staged, however old, and whatever it does meanwhile', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 0 }])
    const table = tableRef()
    const open = (run: string): ReturnType<ReturnType<typeof lake>['open']> =>
      lake(folder, { segmentRows: 1 }).open({ pipeline: 'p', run })
    const stage = async (session: Awaited<ReturnType<typeof open>>, id: number): Promise<void> => {
      const checkpoint = { position: { page: id }, pages: id, rows: id }
      await session.stage([{ table, batch: createConverter().convert([{ id }]) }], checkpoint)
    }
    let session = await open('r2')
    await stage(session, 1)
    await age(folder, 90 * 24)
    assert.equal((await vacuumLake(folder, short)).tables[0]?.files, [])
    for (let id = 2; id <= 6; id++) {
      // Another run takes over, stages and, in the end, commits; somebody vacuums all the while.
      await age(folder, 90 * 24)
      let isDone = false
      const vacuum = async (): Promise<void> => {
        while (!isDone) assert.equal((await vacuumLake(folder, short)).tables[0]?.files, [])
      }
      const run = async (): Promise<void> => {
        try {
          session = await open(`r${id + 1}`)
          await stage(session, id)
          if (id < 6) return
          const checkpoint = { position: { page: 6 }, pages: 6, rows: 6 }
          await session.commit({ tables: [{ table, checkpoint, replace: false, merge: false }] })
          await session.close()
        } finally {
          isDone = true
        }
      }
      await Promise.all([vacuum(), run()])
    }
    assert.equal(
      await rowsOf(folder),
      [0, 1, 2, 3, 4, 5, 6].map((id) => `{"id":${id}}`),
    )
    assert.equal((await verifyLake(folder)).findings, [])
  })
})

it('keeps all that no log names where a journal does not tell what it held', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }])
    const orphan = join(folder, 'events', 'part-0123456789abcdef-0123456789abcdef-00000.parquet')
    await writeFile(orphan, 'x')
    await mkdir(join(folder, '_millrace', 'p', '000000000099'))
    const journal = join(folder, '_millrace', 'p', '000000000099', 'journal')
    await writeFile(journal, '')
    await age(folder, 90 * 24)
    const { tables, unreadableJournals } = await vacuumLake(folder)
    assert.equal([tables[0]?.files, unreadableJournals], [[], [journal]])
  })
})

it('passes over a table that it does not know, and refuses it by name', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }])
    await loadRows(folder, 'r2', [{ id: 1 }], { table: 'others', pipeline: 'q' })
    const log = join(folder, 'others', '_delta_log', `${'0'.repeat(20)}.json`)
    await editCommit(log, (text) => text.replace('"minWriterVersion":2', '"minWriterVersion":7'))
    const { tables, skipped } = await vacuumLake(folder)
    assert.equal([tables.map(({ table }) => table), skipped.map(({ table }) => table)], [['events'], ['others']])
    assert.is((await failureOf(vacuumLake(folder, { table: 'others' }))).code, 'E_UNSUPPORTED_TABLE')
    assert.is((await failureOf(vacuumLake(folder, { table: 'event' }))).code, 'E_TABLE_NOT_FOUND')
    assert.is((await failureOf(openLake(folder).table('event'))).code, 'E_TABLE_NOT_FOUND')
  })
})

it.run()

function commitPath(folder: string, version: number): string {
  return join(folder, 'events', '_delta_log', `${String(version).padStart(20, '0')}.json`)
}

/** Says in a commit that its files were removed some hours ago. */
async function backdate(folder: string, version: number, hours: number): Promise<void> {
  const at = Date.now() - hours * hour
  await editCommit(commitPath(folder, version), (text) =>
    text.replaceAll(/"deletionTimestamp":\d+/g, `"deletionTimestamp":${at}`),
  )
}

async function setProperty(folder: string, name: string, value: string): Promise<void> {
  const property = `"configuration":{${JSON.stringify(name)}:${JSON.stringify(value)},`
  await editCommit(commitPath(folder, 0), (text) => text.replace('"configuration":{', property))
}

/** Makes all files of a lake look as if they were written some hours ago. */
async function age(folder: string, hours: number): Promise<void> {
  const at = new Date(Date.now() - hours * hour)
  for (const entry of await readdir(folder, { recursive: true }))
    await utimes(join(folder, entry), at, at).catch(() => {})
}

async function partsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(join(folder, 'events'))).filter((name) => name.endsWith('.parquet'))
}

async function bytesOf(paths: readonly string[]): Promise<number> {
  let sum = 0
  for (const path of paths) sum += (await stat(path)).size
  return sum
}
