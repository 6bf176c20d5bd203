import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import { lake, openLake, verifyLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deltaFiles } from '../../../test/support/delta-files.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { editCommit } from './edit-commit.ts'
import { loadRows, tableRef } from './load-rows.ts'

const it = suite('verifyLake')

it('counts what it has read where all is right, and writes nothing', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }, { id: 2 }])
    await loadRows(folder, 'r2', [{ id: 3 }], { replace: true })
    await loadRows(folder, 'r3', [{ id: 1 }], { table: 'others' })
    const before = await readdir(folder, { recursive: true })
    const read: string[] = []
    const all = await verifyLake(folder, {
      allVersions: true,
      onFile: ({ table, files, of }) => read.push(`${table} ${files}/${of}`),
    })
    assert.equal(read, ['events 1/2', 'events 2/2', 'others 1/1'])
    assert.equal([all.findings, all.journals], [[], 0])
    assert.equal(
      all.tables.map(({ bytes: _, ...table }) => table),
      [
        { table: 'events', version: 1, commits: 2, checkpoints: 0, files: 2, rows: 3, notHashed: 0, gone: 0 },
        { table: 'others', version: 0, commits: 1, checkpoints: 0, files: 1, rows: 1, notHashed: 0, gone: 0 },
      ],
    )
    const newest = (await verifyLake(folder, { table: 'events' })).tables
    assert.equal(
      newest.map(({ files, rows }) => [files, rows]),
      [[1, 1]],
    )
    assert.equal(await readdir(folder, { recursive: true }), before)
    assert.is((await failureOf(verifyLake(folder, { table: 'event' }))).code, 'E_TABLE_NOT_FOUND')
    assert.is((await failureOf(verifyLake(join(folder, 'nowhere')))).code, 'E_LAKE_NOT_FOUND')
  })
})

it('names a file that is missing, of another size, of another content', async () => {
  await withTempFolder(async (folder) => {
    for (const id of [1, 2, 3, 4]) await loadRows(folder, `r${id}`, [{ id }])
    const [missing = '', longer = '', changed = ''] = await deltaFiles(join(folder, 'events'))
    await rm(missing)
    await appendFile(longer, 'x')
    await flip(changed)
    const { findings, tables } = await verifyLake(folder)
    assert.equal(
      findings.map(({ table, path, problem }) => [table, path, problem]),
      [
        ['events', missing, 'missing'],
        ['events', longer, 'size'],
        ['events', changed, 'content'],
      ],
    )
    for (const { message, path } of findings)
      assert.ok(message.startsWith(path) && message.includes('restore'), message)
    assert.equal([tables[0]?.files, tables[0]?.rows], [3, 1])
    // Reading finds out too, where it is asked to.
    const table = await openLake(folder).table('events', { verify: true })
    assert.is((await failureOf(table.rows()[Symbol.asyncIterator]().next())).code, 'E_STORAGE')
    await writeFile(missing, '')
    assert.is((await failureOf(table.rows()[Symbol.asyncIterator]().next())).code, 'E_CORRUPT')
  })
})

it('holds files of other writers to their size and rows, and says that they are not hashed', async () => {
  await withTempFolder(async (folder) => {
    for (const id of [1, 2, 3]) await loadRows(folder, `r${id}`, [{ id }])
    const log = join(folder, 'events', '_delta_log')
    for (const commit of (await readdir(log)).sort()) {
      await editCommit(join(log, commit), (text) => text.replace('millrace.fileSha256', 'other'))
    }
    const [cut = '', wrong = ''] = await deltaFiles(join(folder, 'events'))
    await editCommit(join(log, `${'0'.repeat(19)}1.json`), (text) => text.replace('numRecords\\":1', 'numRecords\\":2'))
    const bytes = await readFile(cut)
    await writeFile(cut, bytes.fill(0, bytes.length - 4))
    const { findings, tables } = await verifyLake(folder)
    assert.is(tables[0]?.notHashed, 3)
    assert.equal(
      findings.map(({ path, problem }) => [path, problem]),
      [
        [cut, 'unreadable'],
        [wrong, 'rows'],
      ],
    )
    assert.match(findings[1]?.message ?? '', /has 1 rows, and 2 in the log/)
  })
})

it('names every commit that is damaged, and one that is gone', async () => {
  await withTempFolder(async (folder) => {
    for (const id of [1, 2, 3, 4]) await loadRows(folder, `r${id}`, [{ id }])
    const log = join(folder, 'events', '_delta_log')
    const [first, second, third] = (await readdir(log)).sort().map((name) => join(log, name))
    await flip(first ?? '')
    await flip(third ?? '')
    const damaged = await verifyLake(folder)
    assert.equal(
      damaged.findings.map(({ path, problem }) => [path, problem]),
      [
        [first, 'log'],
        [third, 'log'],
      ],
    )
    assert.is(damaged.tables[0]?.version, undefined)
    await flip(first ?? '')
    await flip(third ?? '')
    await rm(second ?? '')
    assert.equal(
      (await verifyLake(folder)).findings.map(({ path }) => path),
      [second],
    )
  })
})

it('names journals that are damaged or torn, and staged files that have changed', async () => {
  await withTempFolder(async (folder) => {
    const table = tableRef()
    const session = await lake(folder, { segmentRows: 3 }).open({ pipeline: 'p', run: 'r1' })
    for (const page of [1, 2, 3, 4, 5]) {
      const checkpoint = { position: { page }, pages: page, rows: page }
      await session.stage([{ table, batch: createConverter().convert([{ id: page }]) }], checkpoint)
    }
    // No commit has been yet, and so no table.
    const sound = await verifyLake(folder)
    assert.equal([sound.tables, sound.findings, sound.journals], [[], [], 1])
    const [staged = ''] = await readdir(join(folder, 'events'))
    const path = join(folder, 'events', staged)
    await flip(path)
    const [finding] = (await verifyLake(folder)).findings
    assert.equal([finding?.table, finding?.path, finding?.problem], ['events', path, 'stage'])
    assert.match(finding?.message ?? '', /reads it again/)
    await rm(path)
    assert.match((await verifyLake(folder)).findings[0]?.message ?? '', /is not there any more/)

    const [epoch = ''] = await readdir(join(folder, '_millrace', 'p'))
    const journal = join(folder, '_millrace', 'p', epoch, 'journal')
    const bytes = await readFile(journal)
    await truncate(journal, bytes.length - 5)
    const told = async (): Promise<string> =>
      (await verifyLake(folder)).findings.find((each) => basename(each.path) === 'journal')?.message ?? ''
    assert.match(await told(), /the last entry of .* is not whole .*; the next run leaves out what is lost/)
    await flip(journal, 200)
    assert.match(await told(), /is damaged in its entry [12], at byte \d+; the next run (?:leaves out|refuses)/)
    await truncate(journal, 0)
    assert.match(await told(), /the next run refuses it, as a commit may have been begun/)
  })
})

it('takes a table whose first commit was never given its name for none, as all readers do', async () => {
  await withTempFolder(async (folder) => {
    await loadRows(folder, 'r1', [{ id: 1 }], { table: 'others' })
    const log = join(folder, 'events', '_delta_log')
    await mkdir(log, { recursive: true })
    await writeFile(join(log, `${'0'.repeat(20)}.json.tmp-01234567-89ab-4def-8123-456789abcdef`), '{"commitInfo":{}')
    assert.equal(await openLake(folder).tables(), ['others'])
    assert.equal((await verifyLake(folder)).findings, [])
    assert.is((await failureOf(openLake(folder).table('events'))).code, 'E_TABLE_NOT_FOUND')
    assert.is(await loadRows(folder, 'r2', [{ id: 1 }]), 0)
  })
})

it('finds nothing wrong with runs that stage, commit and begin meanwhile', async () => {
  await withTempFolder(async (folder) => {
    let isDone = false
    const load = async (): Promise<void> => {
      try {
        for (let run = 1; run <= 12; run++) {
          const rows = Array.from({ length: 300 }, (_, id) => ({ id: id + run, run }))
          await loadRows(folder, `r${run}`, rows, { primaryKey: ['id'] })
        }
      } finally {
        isDone = true
      }
    }
    const verify = async (): Promise<number> => {
      let times = 0
      for (; !isDone; times++) assert.equal((await verifyLake(folder)).findings, [])
      return times
    }
    // Both to their end: the folder is removed behind them.
    const loaded = load()
    const verified = verify()
    await Promise.allSettled([loaded, verified])
    await loaded
    assert.ok((await verified) > 3, `${await verified} times`)
  })
})

it.run()

async function flip(path: string, at = 60): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
}
