import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { createConverter } from '@millrace/arrow'
import { isMillraceError } from '@millrace/core'
import { lake, openLake, optimizeLake, verifyLake } from '@millrace/lake'
import type { CommitTable, Session, TableRef } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRandom } from '../../../test/support/random.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { loadRows, rowsOf, tableRef } from './load-rows.ts'

const it = suite('a lake that is damaged')

/** How a file is damaged. */
type Damage = (bytes: Buffer) => Buffer

/** What became of it. */
interface Outcome {
  readonly path: string
  readonly isNamed: boolean
  /** What a reader got: the right rows, a typed error, or wrong rows. */
  readonly read: 'right' | 'refused' | 'WRONG'
}

/** How often each kind of file is damaged. */
const shares: Readonly<Record<string, number>> = { 'data file': 5, commit: 4, checkpoint: 2, journal: 2 }

const orders = tableRef({ table: 'orders' })
const items: TableRef = { ...tableRef({ table: 'items' }), root: { stream: 'orders', table: 'orders' } }
/** Pages of the run that was not finished: all of them, and those that it staged. */
const [allPages, stagedPages] = [8, 6]

it('is found out: every file is named, and nothing that is read is silently wrong', async () => {
  await withTempFolder(async (home) => {
    const folder = join(home, 'lake')
    await makeLake(folder)
    const expected = new Map<string, readonly string[]>()
    for (const table of ['events', 'orders', 'items']) expected.set(table, await readTable(folder, table))
    const finished = await finishRun(folder, join(home, 'finished'))
    assert.equal(finished, { orders: allPages + 2, items: allPages + 2 })
    assert.equal((await verifyLake(folder, { allVersions: true })).findings, [])
    const groups = await filesOf(folder)
    assert.ok(groups.every(({ paths }) => paths.length > 0))
    // A stage takes a whole run to read.
    const drawn = groups.flatMap((group) => Array.from({ length: shares[group.kind] ?? 1 }, () => group))
    const stage = new Set(
      groups.flatMap(({ kind, paths }) => (kind === 'journal' || kind === 'staged file' ? paths : [])),
    )

    const hurt = async (path: string, damage: Damage): Promise<Outcome> => {
      const bytes = await readFile(path)
      await writeFile(path, damage(Buffer.from(bytes)))
      try {
        const [table = ''] = relative(folder, path).split(sep)
        const asked = stage.has(path) ? {} : { table, allVersions: true }
        const { findings } = await verifyLake(folder, asked)
        const isNamed = findings.some((finding) => finding.path === path)
        const read = stage.has(path)
          ? await outcomeOf(() => finishRun(folder, join(home, 'copy')), finished)
          : await outcomeOf(() => readTable(folder, table), expected.get(table))
        return { path, isNamed, read }
      } finally {
        await writeFile(path, bytes)
      }
    }

    const random = createRandom(20_260_101)
    const flip: Damage = (bytes) => {
      const at = random.int(0, bytes.length - 1)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7))
      return bytes
    }
    const cut: Damage = (bytes) => bytes.subarray(0, random.int(1, bytes.length - 1))
    const rounds: readonly (readonly [string, number, Damage])[] = [
      ['bit flips', 300, flip],
      ['truncations', 50, cut],
      ['zero-length files', 20, () => Buffer.alloc(0)],
    ]
    for (const [what, count, damage] of rounds) {
      const outcomes: (Outcome & { kind: string })[] = []
      for (let nth = 0; nth < count; nth++) {
        const { kind, paths } = random.pick(drawn)
        outcomes.push({ kind, ...(await hurt(random.pick(paths), damage)) })
      }
      const told = groups.map(({ kind }) => {
        const own = outcomes.filter((outcome) => outcome.kind === kind)
        const named = own.filter(({ isNamed }) => isNamed).length
        return `${kind} ${named}/${own.length}`
      })
      const reads = ['right', 'refused', 'WRONG'].map(
        (read) => `${outcomes.filter((outcome) => outcome.read === read).length} ${read}`,
      )
      console.log(`${count} ${what}: named ${told.join(', ')}; reads ${reads.join(', ')}`)
      const wrong = outcomes.filter(({ read }) => read === 'WRONG')
      assert.equal(
        wrong.map(({ path }) => relative(folder, path)),
        [],
        what,
      )
      const missed = outcomes.filter(({ isNamed }) => !isNamed)
      assert.equal(
        missed.map(({ path }) => relative(folder, path)),
        [],
        what,
      )
    }
  })
})

it.run()

/** Tables with all kinds of files, and the stage of a run that died: pages in a file, and pages in the journal. */
async function makeLake(folder: string): Promise<void> {
  const primaryKey = ['id']
  for (let run = 0; run < 12; run++) {
    const rows = [0, 1, 2, 3].map((index) => ({
      id: run * 3 + index,
      text: `run ${run}`,
      at: `2026-01-0${1 + (run % 9)}T00:00:00Z`,
    }))
    await loadRows(folder, `r${run}`, rows, { primaryKey })
    if (run === 7) await optimizeLake(folder, { sortBy: ['id'] })
  }
  const first = await lake(folder).open({ pipeline: 'shop', run: 'first' })
  await stagePages(first, 1, 2, 100)
  await first.commit({ tables: [commitOf(2)] })
  await first.close()
  await stagePages(await lake(folder, { segmentRows: 4 }).open({ pipeline: 'shop', run: 'died' }), 1, stagedPages)
}

function checkpointOf(page: number): CommitTable['checkpoint'] {
  return { position: { page }, pages: page, rows: page }
}

function commitOf(pages: number): CommitTable {
  return { table: orders, checkpoint: checkpointOf(pages), replace: false, merge: false }
}

async function stagePages(session: Session, from: number, to: number, idsFrom = 0): Promise<void> {
  for (let page = from; page <= to; page++) {
    const batch = createConverter().convert([{ id: idsFrom + page, text: `page ${page}` }])
    await session.stage(
      [
        { table: orders, batch },
        { table: items, batch },
      ],
      checkpointOf(page),
    )
  }
}

/** What a run finds, that comes after the one that died and reads on, in a copy. Returns the rows that are there then. */
async function finishRun(folder: string, copy: string): Promise<Readonly<Record<string, number>>> {
  await cp(folder, copy, { recursive: true })
  try {
    const session = await lake(copy).open({ pipeline: 'shop', run: 'next' })
    const from = (await session.unfinished())?.streams[0]?.checkpoint.pages ?? 0
    await stagePages(session, from + 1, allPages)
    await session.commit({ tables: [commitOf(allPages)] })
    await session.close()
    const ids: Record<string, number> = {}
    for (const table of ['orders', 'items']) {
      ids[table] = new Set(await rowsOf(copy, table)).size
      assert.is((await openLake(copy).table(table)).rowCount, ids[table])
    }
    return ids
  } finally {
    await rm(copy, { recursive: true })
  }
}

/** Rows and stored states. */
async function readTable(folder: string, name: string): Promise<readonly string[]> {
  const rows: string[] = []
  const table = await openLake(folder).table(name, { verify: true })
  for await (const row of table.rows()) rows.push(JSON.stringify(row))
  return [...rows.sort(), JSON.stringify(await openLake(folder).state())]
}

async function outcomeOf(read: () => Promise<unknown>, expected: unknown): Promise<Outcome['read']> {
  try {
    return JSON.stringify(await read()) === JSON.stringify(expected) ? 'right' : 'WRONG'
  } catch (thrown) {
    if (isMillraceError(thrown)) return 'refused'
    throw thrown
  }
}

/** The files of a lake by what they are. */
async function filesOf(
  folder: string,
): Promise<readonly { readonly kind: string; readonly paths: readonly string[] }[]> {
  const all = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name))
    .sort()
  const live = new Set<string>()
  for (const table of await openLake(folder).tables()) {
    for (const { path } of (await openLake(folder).table(table)).files) live.add(path)
  }
  const isStaged = (path: string): boolean => path.endsWith('.parquet') && !live.has(path) && !path.includes('events')
  const kinds: readonly (readonly [string, (path: string) => boolean])[] = [
    ['data file', (path) => live.has(path)],
    ['commit', (path) => path.endsWith('.json')],
    ['checkpoint', (path) => path.endsWith('.checkpoint.parquet')],
    ['pointer to it', (path) => path.endsWith('_last_checkpoint')],
    ['staged file', isStaged],
    ['journal', (path) => path.endsWith('journal')],
  ]
  return kinds.map(([kind, is]) => ({ kind, paths: all.filter(is) }))
}
