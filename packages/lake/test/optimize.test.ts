import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMillraceError, type Row } from '@millrace/core'
import { openLake, optimizeLake, verifyLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deltaCommits, deltaFiles } from '../../../test/support/delta-files.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { createRandom } from '../../../test/support/random.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { hookDisk } from './hook-disk.ts'
import { loadRows, rowsOf } from './load-rows.ts'

const it = suite('optimizeLake')

it('joins small files into one: the same rows, states and transactions, in a version without a change of data', async () => {
  await withTempFolder(async (folder) => {
    for (let run = 1; run <= 6; run++) {
      // Columns that the first files do not have, at the top and inside.
      const late = run > 3 ? { late: `text ${run}` } : {}
      const row = { id: run, list: [run], inside: { a: run, ...late }, ...late }
      await loadRows(folder, `r${run}`, [row, { ...row, id: run + 10 }])
    }
    const before = await rowsOf(folder)
    const states = await openLake(folder).state()
    const { tables, skipped } = await optimizeLake(folder)
    assert.equal(skipped, [])
    const [{ bytesAdded = 0, bytesRemoved = 0, ...report } = {}] = tables
    assert.equal(report, { table: 'events', version: 6, filesRemoved: 6, filesAdded: 1, rows: 12, files: 1 })
    assert.ok(bytesAdded > 0 && bytesRemoved > bytesAdded)

    assert.equal(await rowsOf(folder), before)
    assert.is((await readDelta(join(folder, 'events'))).rows.length, 12)
    assert.equal(await openLake(folder).state(), states)
    const actions = await lastCommit(folder)
    assert.is(actions.filter(({ remove }) => remove?.dataChange === false).length, 6)
    assert.is(actions.filter(({ add }) => add?.dataChange === false).length, 1)
    assert.is(actions.find(({ commitInfo }) => commitInfo)?.commitInfo?.operation, 'OPTIMIZE')
    assert.not.ok(actions.some((action) => 'txn' in action || 'metaData' in action))
    assert.equal((await verifyLake(folder)).findings, [])
    // Older versions can still be read, and nothing is left lying about.
    assert.is((await rowsOf(folder, 'events', 5)).length, 12)
    assert.equal(await readdir(join(folder, '_millrace')), ['p'])

    // Nothing is left to do, and so nothing is done.
    assert.is((await optimizeLake(folder)).tables[0]?.version, 6)
    assert.is((await deltaCommits(join(folder, 'events'))).length, 7)
  })
})

it('leaves large files alone, and fills files up to the target', async () => {
  await withTempFolder(async (folder) => {
    const random = createRandom(3)
    const load = (run: number, count: number): Promise<number> =>
      loadRows(
        folder,
        `r${run}`,
        Array.from({ length: count }, () => ({ text: random.string(100) })),
      )
    await load(0, 2_000)
    for (let run = 1; run <= 9; run++) await load(run, 100)
    const sizes = (await openLake(folder).table('events')).files.map(({ bytes }) => bytes)
    const [large = 0, small = 0] = sizes
    const targetBytes = Math.trunc(small * 4.5)
    assert.ok(large > targetBytes)
    const { tables } = await optimizeLake(folder, { targetBytes })
    // Four, four, and one that nothing is left for.
    assert.is(tables[0]?.filesRemoved, 8)
    assert.is(tables[0]?.filesAdded, 2)
    assert.is(tables[0]?.files, 4)
    assert.is((await rowsOf(folder)).length, 2_900)
  })
})

it('sorts by the key, so that a merge opens one file of many', async () => {
  await withTempFolder(async (folder) => {
    const primaryKey = ['id']
    // Every number below the prime once, in no order. A file is cut where a row group ends, of 122,880 rows.
    const rows = Array.from({ length: 400_009 }, (_, index): Row => ({ id: (index * 7_919) % 400_009, text: 'same' }))
    await loadRows(folder, 'r1', rows.slice(0, 200_000), { primaryKey })
    await loadRows(folder, 'r2', rows.slice(200_000), { primaryKey })
    const { tables } = await optimizeLake(folder, { sortBy: ['id'], targetBytes: 10_000 })
    assert.ok((tables[0]?.files ?? 0) >= 3, `${tables[0]?.files} files`)
    const ranges: { minValues: { id: number }; maxValues: { id: number } }[] = (await lastCommit(folder)).flatMap(
      ({ add }) => (add ? [JSON.parse(add.stats)] : []),
    )
    for (const [index, { minValues }] of ranges.entries()) {
      assert.ok(index === 0 || minValues.id > (ranges[index - 1]?.maxValues.id ?? 0), 'ranges meet')
    }
    const version = await loadRows(folder, 'r3', [{ id: 7, text: 'changed' }], { primaryKey })
    const metrics = (await lastCommit(folder)).find(({ commitInfo }) => commitInfo)?.commitInfo?.operationMetrics
    assert.is(metrics?.['numTargetFilesRemoved'], '1')
    assert.is((await openLake(folder).table('events')).rowCount, 400_009)

    // A file has come since: sorted anew. Then no more.
    assert.is((await optimizeLake(folder, { sortBy: ['id'], targetBytes: 10_000 })).tables[0]?.version, version + 1)
    assert.is((await optimizeLake(folder, { sortBy: ['id'], targetBytes: 10_000 })).tables[0]?.version, version + 1)
    assert.is((await openLake(folder).table('events')).rowCount, 400_009)
  })
})

it('goes on beside runs that append, merge and replace: no row is lost, doubled or brought back', async () => {
  await withTempFolder(async (folder) => {
    const random = createRandom(11)
    const expected = new Map<number, number>()
    const primaryKey = ['id']
    let isDone = false
    const optimize = async (): Promise<void> => {
      for (let turn = 0; !isDone; turn++) {
        try {
          await optimizeLake(folder, turn % 2 === 0 ? {} : { sortBy: ['id'] })
        } catch (thrown) {
          if (!isMillraceError(thrown) || !['E_LAKE_NOT_FOUND', 'E_BUSY'].includes(thrown.code)) throw thrown
        }
      }
    }
    const load = async (): Promise<void> => {
      try {
        for (let run = 1; run <= 14; run++) {
          const replace = run === 8
          if (replace) expected.clear()
          const rows = Array.from({ length: 8 }, () => ({ id: random.int(0, 40), run }))
          for (const { id } of rows) expected.set(id, run)
          await loadRows(folder, `r${run}`, rows, { primaryKey, replace })
        }
      } finally {
        isDone = true
      }
    }
    await Promise.all([load(), optimize()])
    const { rows } = await readDelta(join(folder, 'events'))
    assert.equal(
      rows.map(({ id, run }) => [Number(id), Number(run)]),
      [...expected].sort(([a], [b]) => a - b),
    )
    const made = (await (await openLake(folder).table('events')).history()).filter(
      ({ operation }) => operation === 'OPTIMIZE',
    )
    assert.ok(made.length >= 2, `${made.length} versions`)
    assert.equal((await verifyLake(folder, { allVersions: true })).findings, [])
    // What was made in vain is gone, of both.
    const named = new Set<string>()
    for (const commit of await deltaCommits(join(folder, 'events'))) {
      for (const { add } of await actionsOf(folder, commit)) if (add) named.add(add.path)
    }
    const there = (await readdir(join(folder, 'events'))).filter((name) => name !== '_delta_log')
    assert.equal(
      there.filter((name) => !named.has(name)),
      [],
    )
  })
})

it('meets a merge right before whatever it links, and a merge meets it: both are in the table', async () => {
  const primaryKey = ['id']
  for (const outer of ['optimize', 'merge'] as const) {
    await withTempFolder(async (home) => {
      const start = join(home, 'start')
      await loadRows(start, 'r1', [{ id: 1, at: 'first' }], { primaryKey })
      await loadRows(
        start,
        'r2',
        [2, 3].map((id) => ({ id, at: 'first' })),
        { primaryKey },
      )
      for (let nth = 1; ; nth++) {
        const folder = join(home, String(nth))
        await cp(start, folder, { recursive: true })
        const merge = (): Promise<unknown> => loadRows(folder, 'merge', [{ id: 2, at: 'second' }], { primaryKey })
        const optimize = (): Promise<unknown> => optimizeLake(folder)
        let left = nth
        const unhook = await hookDisk(async ({ name }) => {
          if (name === 'link' && --left === 0) await (outer === 'optimize' ? merge() : optimize())
        })
        try {
          await (outer === 'optimize' ? optimize() : merge())
        } finally {
          unhook()
        }
        const told = `${outer}, link ${nth}`
        if (left > 0) {
          assert.is(nth, 3, told)
          break
        }
        const { rows } = await readDelta(join(folder, 'events'))
        assert.equal(
          rows.map(({ id, at }) => `${id} ${at}`),
          ['1 first', '2 second', '3 first'],
          told,
        )
        assert.equal((await verifyLake(folder, { allVersions: true })).findings, [], told)
        const operations = (await (await openLake(folder).table('events')).history()).map(({ operation }) => operation)
        assert.equal(operations.slice(0, 2).sort(), ['MERGE', 'OPTIMIZE'], told)
      }
    })
  }
})

it('changes nothing where the disk fails, at whatever it does to it, and leaves what the next one can work with', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    for (const id of [1, 2]) await loadRows(start, `r${id}`, [{ id }])
    const before = await rowsOf(start)
    let points = 0
    for (let nth = 1; ; nth++) {
      const folder = join(home, String(nth))
      await cp(start, folder, { recursive: true })
      let left = nth
      const unhook = await hookDisk(async ({ name }) => {
        left -= 1
        if (left === 0 && name !== 'rm') throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
      })
      let failure: unknown
      try {
        await optimizeLake(folder, { table: 'events' })
      } catch (thrown) {
        failure = thrown
      } finally {
        unhook()
      }
      assert.ok(failure === undefined || isMillraceError(failure), `call ${nth}: ${failure}`)
      assert.equal(await rowsOf(folder), before, `call ${nth}`)
      assert.is((await optimizeLake(folder)).tables[0]?.files, 1, `call ${nth}`)
      assert.equal(await rowsOf(folder), before, `call ${nth}`)
      assert.equal((await verifyLake(folder)).findings, [], `call ${nth}`)
      if (left > 0) break
      points += 1
    }
    assert.ok(points > 8, `${points} calls`)
  })
})

it('refuses a damaged file, and columns that cannot be sorted by', async () => {
  await withTempFolder(async (folder) => {
    for (const run of ['r1', 'r2']) await loadRows(folder, run, [{ id: 1, list: [1] }])
    assert.match(
      (await failureOf(optimizeLake(folder, { table: 'events', sortBy: ['list'] }))).message,
      /is of type List/,
    )
    const error = await failureOf(optimizeLake(folder, { table: 'events', sortBy: ['ids'] }))
    assert.is(error.code, 'E_SORT_COLUMN')
    assert.match(error.message, /column "ids": it is not there; its columns are id, list/)

    const [file = ''] = await deltaFiles(join(folder, 'events'))
    const bytes = await readFile(file)
    const at = bytes.lastIndexOf('parquet-rs')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(file, bytes)
    const corrupt = await failureOf(optimizeLake(folder, { table: 'events' }))
    assert.is(corrupt.code, 'E_CORRUPT')
    assert.ok(corrupt.message.includes(file))
    assert.is((await deltaCommits(join(folder, 'events'))).length, 2)
    assert.is((await readdir(join(folder, 'events'))).length, 3)
    // Of all tables it is passed over, and told of.
    await loadRows(folder, 'r1', [{ id: 1 }], { table: 'others', pipeline: 'q' })
    const { tables, skipped } = await optimizeLake(folder)
    assert.equal([tables.map(({ table }) => table), skipped.map(({ table }) => table)], [['others'], ['events']])
  })
})

it.run()

interface Actions {
  readonly add?: { readonly path: string; readonly dataChange: boolean; readonly stats: string }
  readonly remove?: { readonly dataChange: boolean }
  readonly commitInfo?: { readonly operation: string; readonly operationMetrics: Record<string, string> }
}

async function actionsOf(folder: string, commit: string): Promise<readonly Actions[]> {
  const text = await readFile(join(folder, 'events', '_delta_log', commit), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Actions)
}

async function lastCommit(folder: string): Promise<readonly Actions[]> {
  const commits = await deltaCommits(join(folder, 'events'))
  return actionsOf(folder, commits.at(-1) ?? '')
}
