import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { MillraceEvent } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import type { CommitTable, Session, TableRef } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('a damaged stage')

const events: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'append',
  primaryKey: [],
  mode: 'incremental',
  configuration: '',
}
const items: TableRef = { ...events, stream: 'items', table: 'items', root: { stream: 'events', table: 'events' } }

it('goes on from before an entry that is damaged, says so, and reads the rest again', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1'), 1, 5)
    await damage(folder, 3)
    const told: MillraceEvent[] = []
    const next = await open(folder, 'r2', told)
    assert.is(pagesOf(await next.unfinished()), 2)
    assert.is(told.length, 1)
    assert.match(
      String(told[0]?.type === 'warning' && told[0].message),
      /journal is damaged in its entry 4, at byte \d+; what/,
    )
    await stagePages(next, 3, 5)
    await next.commit({ tables: [item(5)] })
    await next.close()
    assert.equal(await idsOf(folder, 'events'), [1, 2, 3, 4, 5])
  })
})

it('is dropped whole where that is in what was written in one step: a stream stands there ahead of its rows', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1'), 1, 3)
    // Takes over: first entry, stream, three pages. Then one more.
    const second = await open(folder, 'r2')
    await stagePages(second, 4, 4)
    await damage(folder, 3)
    const told: MillraceEvent[] = []
    const next = await open(folder, 'r3', told)
    assert.is(await next.unfinished(), undefined)
    assert.equal(
      told.map(({ type }) => type),
      ['warning'],
    )
    await stagePages(next, 1, 4)
    await next.commit({ tables: [item(4)] })
    await next.close()
    assert.equal(await idsOf(folder, 'events'), [1, 2, 3, 4])
  })
})

it('is refused where it is cut off in there, or empty: a commit may have been written behind', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1'), 1, 3)
    await open(folder, 'r2')
    const journal = await journalOf(folder)
    const frames = framesIn(await readFile(journal))
    for (const size of [(frames[4] ?? 0) + 30, frames[2] ?? 0, 0]) {
      await truncate(journal, size)
      const error = await failureOf(open(folder, 'r3'))
      assert.is(error.code, 'E_CORRUPT')
      assert.ok(error.message.includes(journal), error.message)
      assert.match(error.message, /full-refresh/)
    }
    // What the message says helps.
    await rm(journal)
    const next = await open(folder, 'r4')
    assert.is(await next.unfinished(), undefined)
    await next.close()
  })
})

it('is refused where the entry that a commit was begun is damaged, or gone', async () => {
  for (const hurt of ['damaged', 'gone'] as const) {
    await withTempFolder(async (folder) => {
      await dieBetweenTables(folder)
      const journal = await journalOf(folder)
      const bytes = await readFile(journal)
      const commit = framesIn(bytes).findIndex((frame) => bytes.indexOf('"type":"commit"') === frame + 21)
      assert.ok(commit > 0)
      if (hurt === 'damaged') await damage(folder, commit)
      else await truncate(journal, framesIn(bytes)[commit])
      const error = await failureOf(open(folder, 'r2'))
      assert.is(error.code, 'E_CORRUPT', `${hurt}: ${error.message}`)
      // Not a row is seen without those it belongs to, once what the message says is done.
      await rm(journal)
      const next = await open(folder, 'r3')
      await stageWithItems(next, 1, 2)
      await next.commit({ tables: [item(2, true)] })
      await next.close()
      assert.equal(await idsOf(folder, 'events'), [1, 2])
      assert.equal(await idsOf(folder, 'items'), [1, 2])
    })
  }
})

it('whose staged file is damaged is dropped, and said to be, and never committed', async () => {
  await withTempFolder(async (folder) => {
    await stagePages(await open(folder, 'r1', [], 2), 1, 5)
    const part = join(folder, 'events', (await readdir(join(folder, 'events'))).sort()[1] ?? '')
    await flip(part, 40)
    const told: MillraceEvent[] = []
    const next = await open(folder, 'r2', told)
    assert.is(await next.unfinished(), undefined)
    assert.equal(told, [
      { type: 'stage-discarded', stream: 'events', reason: `its file ${part} is damaged: it is not as it was written` },
    ])
    await stagePages(next, 1, 5)
    await next.commit({ tables: [item(5)] })
    await next.close()
    assert.equal(await idsOf(folder, 'events'), [1, 2, 3, 4, 5])
    // Nobody needs it any more.
    assert.not.ok(existsSync(part))
  })
})

it('whose staged file is damaged is refused where a commit of it was begun', async () => {
  await withTempFolder(async (folder) => {
    await dieBetweenTables(folder)
    const part = (await readdir(join(folder, 'events'))).find((name) => name.endsWith('.parquet')) ?? ''
    await flip(join(folder, 'events', part), 40)
    const error = await failureOf(open(folder, 'r2'))
    assert.is(error.code, 'E_CORRUPT')
    assert.match(error.message, part)
  })
})

it.run()

function open(folder: string, run: string, told: MillraceEvent[] = [], segmentRows = 1000): Promise<Session> {
  return lake(folder, { segmentRows }).open({ pipeline: 'p', run }, { emit: (event) => told.push(event) })
}

function checkpointOf(page: number): CommitTable['checkpoint'] {
  return { position: { page }, pages: page, rows: page }
}

function item(pages: number, replace = false): CommitTable {
  return { table: events, checkpoint: checkpointOf(pages), replace, merge: false }
}

/** Pages of one row each: the id is the number of the page. */
async function stagePages(session: Session, from: number, to: number): Promise<void> {
  for (let page = from; page <= to; page++) {
    await session.stage([{ table: events, batch: createConverter().convert([{ id: page }]) }], checkpointOf(page))
  }
}

async function stageWithItems(session: Session, from: number, to: number): Promise<void> {
  for (let page = from; page <= to; page++) {
    const batch = createConverter().convert([{ id: page }])
    await session.stage(
      [
        { table: events, batch },
        { table: items, batch },
      ],
      checkpointOf(page),
    )
  }
}

/** Two pages of which the nested rows are committed and the others are not. Their log is a file while that goes on. */
async function dieBetweenTables(folder: string): Promise<void> {
  const session = await open(folder, 'r1')
  await stageWithItems(session, 1, 2)
  const log = join(folder, 'events', '_delta_log')
  await mkdir(join(folder, 'events'), { recursive: true })
  await writeFile(log, '')
  assert.is((await failureOf(session.commit({ tables: [item(2)] }))).code, 'E_STORAGE')
  await rm(log)
  assert.equal(await idsOf(folder, 'items'), [1, 2])
}

async function journalOf(folder: string): Promise<string> {
  const home = join(folder, '_millrace', 'p')
  const journals = (await readdir(home)).sort().map((epoch) => join(home, epoch, 'journal'))
  return journals.filter((path) => existsSync(path)).at(-1) ?? ''
}

/** Where the frames of a journal begin: each has its lengths behind magic and number. */
function framesIn(bytes: Buffer): readonly number[] {
  const frames: number[] = []
  for (let at = 0; at < bytes.length; at += 20 + bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12))
    frames.push(at)
  return frames
}

/** Flips a bit near the end of an entry, counted from 0. */
async function damage(folder: string, entry: number): Promise<void> {
  const journal = await journalOf(folder)
  const bytes = await readFile(journal)
  const end = framesIn(bytes)[entry + 1] ?? bytes.length
  await flip(journal, end - 5)
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 4
  await writeFile(path, bytes)
}

function pagesOf(staged: Awaited<ReturnType<Session['unfinished']>>): number | undefined {
  return staged?.streams[0]?.checkpoint.pages
}

async function idsOf(folder: string, name: string): Promise<readonly number[]> {
  const ids: number[] = []
  for await (const row of (await openLake(folder).table(name)).rows()) ids.push(Number(row['id']))
  return ids.sort((a, b) => a - b)
}
