import { cp, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMillraceError } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { run, type Source } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSoak } from '../../../test/support/is-soak.ts'
import { createRandom } from '../../../test/support/random.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { canMount, withSmallDisk } from '../../../test/support/small-disk.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { checkNoLeftovers, checkShop, shopLines } from './check-shop.ts'
import { hookDisk } from './hook-disk.ts'
import { expectedRows, shopRun } from './shop-run.ts'

const it = suite('lake on a disk that fails')

it('says which path is a file where it needs a folder', async () => {
  await withTempFolder(async (home) => {
    const file = join(home, 'file')
    await writeFile(file, 'not a folder')
    for (const folder of [file, join(file, 'below')]) {
      const error = await failure(() => lake(folder).open({ pipeline: 'p', run: 'r' }))
      assert.is(error.code, 'E_STORAGE')
      assert.ok(error.message.includes(file), error.message)
      assert.match(error.message, /choose another folder/)
    }
    await writeFile(join(home, '_millrace'), 'in the way')
    assert.is((await failure(() => lake(home).open({ pipeline: 'p', run: 'r' }))).code, 'E_STORAGE')
  })
})

it('refuses options that make no sense', () => {
  assert.throws(() => lake(''), /path of a folder/)
  assert.throws(() => lake('x', { segmentRows: 0 }), /segmentRows must be a whole number from 1, got 0/)
})

it('names path and remedy when the disk is full, at whatever write, and converges once there is room', async () => {
  await withTempFolder(async (home) => {
    const start = join(home, 'start')
    await shopRun(start, 'r0', 2)
    const before = await linesOf(start)
    let points = 0
    let failed = 0
    for (let nth = 1; ; nth += isSoak ? 1 : 2) {
      const folder = join(home, `full-${nth}`)
      await cp(start, folder, { recursive: true })
      let left = nth
      const unhook = await hookDisk(async ({ name, tear }) => {
        if (!['mkdir', 'open', 'write', 'writeFile', 'sync', 'datasync', 'link', 'rename'].includes(name)) return
        left -= 1
        if (left > 0) return
        await tear()
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 })
      })
      let error: Failure | undefined
      try {
        await shopRun(folder, 'r1')
      } catch (thrown) {
        error = asFailure(thrown)
      } finally {
        unhook()
      }
      if (error) {
        failed += 1
        checkFull(error, folder, `write ${nth}`)
      } else assert.ok(left > 0 || (await isShopThere(folder)), `write ${nth}: it said that all is well`)
      // The tables are those of a version: of the one before, or the one that was being made.
      for (const [table, lines] of Object.entries(await linesOf(folder))) {
        const after = expectedRows[table]
        assert.ok(
          [before[table], after].some((each) => isSame(each, lines)),
          `write ${nth}: ${table} has ${lines}`,
        )
      }
      await shopRun(folder, 'r2')
      await checkShop(folder, `write ${nth}`)
      // Where the commit was made and its end not told, the next one of the stream removes what is left of it.
      await shopRun(folder, 'r3')
      await checkNoLeftovers(folder, `write ${nth}`)
      points += 1
      if (left > 0) break
    }
    assert.ok(failed > 20, `${failed} of ${points} writes`)
    console.log(`${points} writes on a full disk, ${failed} failed the run, all converged`)
  })
})

if (canMount) {
  it('leaves the old version and goes on there, on a disk that is really full', async () => {
    const table = { name: 'big', disposition: 'merge', primaryKey: ['id'] } as const
    // What compression makes nothing of: a page is about 100 KiB, in the journal and as a file.
    const random = createRandom(5)
    const pages = Array.from({ length: 6 }, (_, page) =>
      Array.from({ length: 500 }, (_, index) => ({ id: page * 250 + index, text: random.string(200) })),
    )
    const sourceOf = (count: number): Source => ({
      name: 'big',
      streams: () => [
        {
          ...table,
          async *read({ checkpoint, committed }) {
            for (let page = Number((checkpoint ?? committed)?.['page'] ?? 0); page < count; page++) {
              yield { rows: pages[page] ?? [], position: { page: page + 1 } }
            }
          },
        },
      ],
    })
    let failed = 0
    for (const free of [4_096, 65_536, 300_000, 500_000, 700_000, 900_000, 1_100_000, 1_400_000]) {
      await withSmallDisk(4_194_304, async (disk) => {
        const folder = join(disk, 'lake')
        const destination = lake(folder, { segmentRows: 900 })
        await run(sourceOf(2), destination)
        const { bavail, bsize } = await statfs(disk)
        const filler = join(disk, 'filler')
        await writeFile(filler, new Uint8Array(Math.max(0, bavail * bsize - free)))
        let error: Failure | undefined
        try {
          await run(sourceOf(pages.length), destination)
        } catch (thrown) {
          error = asFailure(thrown)
        }
        if (error) {
          failed += 1
          checkFull(error, folder, `${free} bytes free`)
          assert.is((await readDelta(join(folder, 'big'))).rows.length, 750, `${free} bytes free: the old version`)
        }
        await rm(filler)
        await run(sourceOf(pages.length), destination)
        const { rows } = await readDelta(join(folder, 'big'), 'id')
        const latest = new Map(pages.flat().map(({ id, text }) => [id, text]))
        assert.equal(
          rows.map(({ id, text }) => [Number(id), text]),
          [...latest],
          `${free} bytes free: rows once there is room`,
        )
        await checkNoLeftovers(folder, `${free} bytes free`, ['big'])
      })
    }
    assert.ok(failed >= 4, `${failed} runs failed`)
    console.log(`${failed} runs on a disk of 4 MiB failed in different places, all converged`)
  })
}

it('says that there is no lake where there is none', async () => {
  await withTempFolder(async (home) => {
    assert.is((await failure(() => openLake(join(home, 'nowhere')).tables())).code, 'E_LAKE_NOT_FOUND')
  })
})

it.run()

function checkFull({ code, message }: Failure, folder: string, told: string): void {
  assert.is(code, 'E_STORAGE', `${told}: ${message}`)
  assert.ok(message.includes(folder), `${told}: ${message}`)
  assert.match(message, /free space/, told)
}

/** What the tables of a shop hold. One that is not there holds nothing. */
async function linesOf(folder: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const lines: Record<string, readonly string[]> = {}
  for (const table of Object.keys(expectedRows)) lines[table] = await shopLines(folder, table)
  return lines
}

async function isShopThere(folder: string): Promise<boolean> {
  const lines = await linesOf(folder)
  return Object.entries(expectedRows).every(([table, expected]) => isSame(expected, lines[table] ?? []))
}

function isSame(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

interface Failure {
  readonly code: string
  readonly message: string
}

function asFailure(thrown: unknown): Failure {
  if (isMillraceError(thrown)) return thrown
  return { code: 'no MillraceError', message: String(thrown) }
}

async function failure(work: () => Promise<unknown>): Promise<Failure> {
  try {
    await work()
  } catch (thrown) {
    return asFailure(thrown)
  }
  return { code: 'none', message: 'nothing was thrown' }
}
