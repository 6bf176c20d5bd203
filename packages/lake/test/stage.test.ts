import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { MillraceEvent } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import type { CommitTable, Session, Staged, TableRef } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { createRandom } from '../../../test/support/random.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('the stage of a dead run')

const table: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'append',
  primaryKey: [],
  mode: 'incremental',
  configuration: '',
}

it('is cut off where it is torn, at whatever byte, and goes on from the page before', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    await stagePages(await open(start, 'r1'), 4)
    const journal = await journalOf(start)
    const { length } = await readFile(journal)
    const seen = new Set<number | string>()
    for (let size = 0; size <= length; size += 37) {
      const folder = join(home, `cut-${size}`)
      await cp(start, folder, { recursive: true })
      await truncate(journal.replace(start, folder), size)
      seen.add(await checkPrefix(folder, `cut at ${size}`))
      await rm(folder, { recursive: true })
    }
    // The first entry is renamed into place when it is whole: a file without it is damaged, and may have held a commit.
    assert.equal([...seen], ['E_CORRUPT', 0, 1, 2, 3])
  })
})

it('is cut off where a bit has changed', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    await stagePages(await open(start, 'r1'), 3)
    const journal = await journalOf(start)
    const random = createRandom(7)
    for (let round = 0; round < 60; round++) {
      const folder = join(home, `flip-${round}`)
      await cp(start, folder, { recursive: true })
      const path = journal.replace(start, folder)
      const bytes = await readFile(path)
      const at = random.int(0, bytes.length - 1)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7))
      await writeFile(path, bytes)
      const pages = await checkPrefix(folder, `bit flip at ${at}`)
      assert.ok(pages === 'E_CORRUPT' || pages < 3, `a changed bit at ${at} is not seen`)
      await rm(folder, { recursive: true })
    }
  })
})

it('is not loaded twice where the run died after its last commit', async () => {
  await withTempFolder(async (home) => {
    for (const replace of [false, true]) {
      const folder = join(home, String(replace))
      const session = await open(folder, 'r1')
      await stagePages(session, 2)
      const journal = await journalOf(folder)
      const kept = await readFile(journal)
      await session.commit({ tables: [item(2, replace)] })
      await writeFile(journal, kept)

      const next = await open(folder, 'r2')
      assert.is(await next.unfinished(), undefined)
      assert.equal((await next.state()).streams['events']?.position, { page: 2 })
      await next.close()
      assert.equal(await idsOf(folder), [1, 2])
    }
  })
})

it('goes on behind the stream that was committed where another was not', async () => {
  await withTempFolder(async (folder) => {
    const second: TableRef = { ...table, stream: 'others', table: 'others' }
    const before = await open(folder, 'r0')
    await stagePages(before, 1, 0, table, 90)
    await before.commit({ tables: [item(1)] })
    await before.close()

    const session = await open(folder, 'r1')
    await stagePages(session, 2)
    await stagePages(session, 1, 0, second)
    const journal = await journalOf(folder)
    const kept = await readFile(journal)
    await session.commit({ tables: [item(2, true)] })
    await writeFile(journal, kept)

    const next = await open(folder, 'r2')
    const staged = await next.unfinished()
    assert.equal(pagesOf(staged), { events: 2, others: 1 })
    await stagePages(next, 1, 2)
    const [report] = (await next.commit({ tables: [item(3, true), { ...item(1), table: second }] })).tables
    await next.close()
    assert.is(report?.rows, 3)
    assert.equal(await idsOf(folder), [1, 2, 3])
    assert.equal(await idsOf(folder, 'others'), [1])
  })
})

const items: TableRef = {
  ...table,
  stream: 'events__items',
  table: 'events__items',
  root: { stream: 'events', table: 'events' },
}

/** Pages of one row each with one nested row, and the journal as it is when the first table of two is committed. */
async function dieBetweenTables(folder: string, replace: boolean): Promise<void> {
  const session = await open(folder, 'r1')
  const converter = createConverter()
  const checkpoint = { position: { page: 2 }, pages: 2, rows: 2 }
  for (const id of [1, 2]) {
    const batch = converter.convert([{ id }])
    await session.stage(
      [
        { table, batch },
        { table: items, batch },
      ],
      { ...checkpoint, position: { page: id }, pages: id },
    )
  }
  // Where the log of the stream's own table should be there is a file: its commit fails, that of the nested rows is done.
  await mkdir(join(folder, 'events'), { recursive: true })
  const log = join(folder, 'events', '_delta_log')
  if (existsSync(log)) await rename(log, `${log}.away`)
  await writeFile(log, '')
  assert.is((await failureOf(session.commit({ tables: [item(2, replace)] }))).code, 'E_STORAGE')
  await rm(log)
  if (existsSync(`${log}.away`)) await rename(`${log}.away`, log)
  assert.equal(await idsOf(folder, 'events__items'), [1, 2])
}

it('is committed to its end by the next session where the run died between the tables of a stream', async () => {
  for (const replace of [false, true]) {
    await withTempFolder(async (folder) => {
      if (replace) {
        const before = await open(folder, 'r0')
        const batch = createConverter().convert([{ id: 90 }])
        await before.stage(
          [
            { table, batch },
            { table: items, batch },
          ],
          item(1).checkpoint,
        )
        await before.commit({ tables: [item(1)] })
        await before.close()
      }
      await dieBetweenTables(folder, replace)
      const next = await open(folder, 'r2')
      // Whatever it makes of what it was told: the rows are there, both or none.
      assert.is(await next.unfinished(), undefined)
      await next.discard('events')
      assert.equal((await next.state()).streams['events']?.position, { page: 2 })
      assert.equal(await idsOf(folder), [1, 2])
      assert.equal(await idsOf(folder, 'events__items'), [1, 2])
      await stagePages(next, 1, 2)
      await next.commit({ tables: [item(3)] })
      await next.close()
      assert.equal(await idsOf(folder), [1, 2, 3])
      assert.equal(await idsOf(folder, 'events__items'), [1, 2])
    })
  }
})

it('is committed to its end also where no table has it yet: who wrote that down may be alive and about to', async () => {
  await withTempFolder(async (folder) => {
    const session = await open(folder, 'r1')
    const batch = createConverter().convert([{ id: 1 }])
    await session.stage(
      [
        { table, batch },
        { table: items, batch },
      ],
      item(1).checkpoint,
    )
    await mkdir(join(folder, 'events__items'), { recursive: true })
    await writeFile(join(folder, 'events__items', '_delta_log'), '')
    assert.is((await failureOf(session.commit({ tables: [item(1)] }))).code, 'E_STORAGE')
    assert.is((await failureOf(open(folder, 'r2'))).code, 'E_STORAGE')
    await rm(join(folder, 'events__items', '_delta_log'))
    const next = await open(folder, 'r3')
    assert.is(await next.unfinished(), undefined)
    await next.close()
    assert.equal(await idsOf(folder), [1])
    assert.equal(await idsOf(folder, 'events__items'), [1])
  })
})

it('may be dropped where its commit was refused, and is no hindrance to the next session', async () => {
  await withTempFolder(async (folder) => {
    const batch = createConverter().convert([{ id: 1 }])
    const parts = [
      { table, batch },
      { table: items, batch },
    ]
    const first = await open(folder, 'r1')
    await first.stage(parts, item(1).checkpoint)
    await first.commit({ tables: [item(1)] })
    await first.close()
    // Somebody says of the table of nested rows that nothing may be taken out of it.
    const log = join(folder, 'events__items', '_delta_log')
    const lines = (await readFile(join(log, `${'0'.repeat(20)}.json`), 'utf8')).trim().split('\n')
    const { metaData } = Object.assign({}, ...lines.map((line) => JSON.parse(line) as object)) as {
      metaData: { configuration: object }
    }
    const configuration = { ...metaData.configuration, 'delta.appendOnly': 'true' }
    await writeFile(
      join(log, `${'0'.repeat(19)}1.json`),
      `${JSON.stringify({ metaData: { ...metaData, configuration } })}\n`,
    )
    const second = await open(folder, 'r2')
    await second.stage(parts, item(2).checkpoint)
    assert.is((await failureOf(second.commit({ tables: [item(2, true)] }))).code, 'E_UNSUPPORTED_TABLE')
    const third = await open(folder, 'r3')
    assert.equal(pagesOf(await third.unfinished()), { events: 2 })
    await third.discard('events')
    await third.close()
    assert.equal(await idsOf(folder), [1])
  })
})

it('is dropped, and said to be, where a file of it is gone', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1', 2), 3)
    const [part = ''] = await readdir(join(folder, 'events'))
    await rm(join(folder, 'events', part))
    const events: MillraceEvent[] = []
    const next = await lake(folder).open({ pipeline: 'p', run: 'r2' }, { emit: (event) => events.push(event) })
    assert.is(await next.unfinished(), undefined)
    assert.is(events[0]?.type, 'stage-discarded')
    await next.close()
  })
})

it('is refused where another version wrote it', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1'), 1)
    const journal = await journalOf(folder)
    const bytes = await readFile(journal)
    const at = bytes.indexOf('"format":3')
    bytes.write('1', at + '"format":'.length)
    const { crc32 } = await import('node:zlib')
    const length = 20 + bytes.readUInt32LE(8) + bytes.readUInt32LE(12)
    bytes.writeUInt32LE(crc32(bytes.subarray(20, length), crc32(bytes.subarray(4, 16))), 16)
    await writeFile(journal, bytes)
    let code: unknown
    await open(folder, 'r2').catch((thrown) => {
      code = thrown.code
    })
    assert.is(code, 'E_STAGE_FORMAT')
  })
})

it('takes no more room than what is not in files yet, and is gone after the commit', async () => {
  await withTempFolder(async (folder) => {
    const session = await open(folder, 'r1', 10)
    const filler = 'x'.repeat(1_000_000)
    const converter = createConverter()
    let largest = 0
    for (let page = 1; page <= 200; page++) {
      const checkpoint = { position: { page }, pages: page, rows: page }
      await session.stage([{ table, batch: converter.convert([{ id: page, filler }]) }], checkpoint)
      largest = Math.max(largest, (await stat(await journalOf(folder))).size)
    }
    // Rewritten at the first closed segment above 64 MiB: never more than that, and what is open.
    assert.ok(largest < 90_000_000, `${largest} bytes`)
    await session.commit({ tables: [{ ...item(200), checkpoint: { position: { page: 200 }, pages: 200, rows: 200 } }] })
    await session.close()
    const [epoch = ''] = await readdir(join(folder, '_millrace', 'p'))
    assert.equal(await readdir(join(folder, '_millrace', 'p', epoch)), [])
  })
})

it('of rows without a column is refused at the commit, and not lost in silence', async () => {
  await withTempFolder(async (folder) => {
    const session = await open(folder, 'r1')
    const checkpoint = { position: { page: 1 }, pages: 1, rows: 2 }
    await session.stage([{ table, batch: createConverter().convert([{}, {}]) }], checkpoint)
    let code: unknown
    await session.commit({ tables: [{ ...item(1), checkpoint }] }).catch((thrown) => {
      code = thrown.code
    })
    assert.is(code, 'E_NO_COLUMNS')
  })
})

it('lets two sessions that open at once go on: one of them', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r0'), 2)
    for (let round = 1; round <= 10; round++) {
      // A session that is overtaken while it opens is fenced off then already.
      const sessions = await Promise.all([1, 2, 3].map((each) => unlessFenced(open(folder, `r${round}-${each}`))))
      const outcomes = await Promise.all(
        sessions.map(async (session) => {
          if (!session) return undefined
          const pages = pagesOf(await session.unfinished())['events']
          return unlessFenced(stagePages(session, 1, round + 1).then(() => pages))
        }),
      )
      assert.equal(
        outcomes.filter((pages) => pages !== undefined),
        [round + 1],
        `round ${round}`,
      )
    }
  })
})

it.run()

function open(folder: string, run: string, segmentRows = 1000): Promise<Session> {
  return lake(folder, { segmentRows }).open({ pipeline: 'p', run })
}

/** Undefined where the work is refused because a newer session has been opened. */
async function unlessFenced<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work
  } catch (thrown) {
    assert.is((thrown as { code?: string }).code, 'E_FENCED')
    return undefined
  }
}

/** Pages of one row each: the id is the number of the page. */
async function stagePages(session: Session, count: number, from = 0, ref = table, idsFrom = 0): Promise<void> {
  const schema = await session.schema(ref)
  const converter = createConverter(schema ? { schema } : {})
  for (let page = from + 1; page <= from + count; page++) {
    const checkpoint = { position: { page }, pages: page, rows: page }
    await session.stage([{ table: ref, batch: converter.convert([{ id: idsFrom + page }]) }], checkpoint)
  }
}

function item(pages: number, replace = false): CommitTable {
  return { table, checkpoint: { position: { page: pages }, pages, rows: pages }, replace, merge: false }
}

async function journalOf(folder: string): Promise<string> {
  const home = join(folder, '_millrace', 'p')
  const epochs = (await readdir(home)).sort()
  return join(home, epochs.at(-1) ?? '', 'journal')
}

/** Opens a damaged stage and commits it: rows and checkpoint must be those of the same pages. Returns how many, or the refusal. */
async function checkPrefix(folder: string, told: string): Promise<number | 'E_CORRUPT'> {
  const session = await open(folder, 'r2').catch((thrown: unknown) => {
    assert.is((thrown as { code?: string }).code, 'E_CORRUPT', told)
    return undefined
  })
  if (!session) return 'E_CORRUPT'
  const pages = pagesOf(await session.unfinished())['events'] ?? 0
  if (pages > 0) {
    await session.commit({ tables: [item(pages)] })
    assert.equal(await idsOf(folder), [1, 2, 3, 4].slice(0, pages), told)
  }
  await session.close()
  return pages
}

function pagesOf(staged: Staged | undefined): Record<string, number> {
  return Object.fromEntries((staged?.streams ?? []).map(({ table: ref, checkpoint }) => [ref.stream, checkpoint.pages]))
}

async function idsOf(folder: string, name = 'events'): Promise<readonly unknown[]> {
  const ids: unknown[] = []
  for await (const row of (await openLake(folder).table(name)).rows()) ids.push(row['id'])
  return ids.sort((a, b) => Number(a) - Number(b))
}
