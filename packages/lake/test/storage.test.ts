import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMillraceError } from '@millrace/core'
import { lake, openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
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
    let points = 0
    for (let nth = 1; ; nth += 2) {
      const folder = join(home, `full-${nth}`)
      await shopRun(folder, 'r0', 2)
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
      if (left <= 0 && error) {
        assert.is(error.code, 'E_STORAGE', `write ${nth}: ${error.message}`)
        assert.ok(error.message.includes(folder), error.message)
        assert.match(error.message, /free space/)
      }
      await shopRun(folder, 'r2')
      for (const [table, expected] of Object.entries(expectedRows)) {
        assert.is((await readDelta(join(folder, table))).rows.length, expected.length, `write ${nth}: rows of ${table}`)
      }
      points += 1
      if (left > 0) break
    }
    assert.ok(points > 20, `${points} writes`)
  })
})

it('says that there is no lake where there is none', async () => {
  await withTempFolder(async (home) => {
    assert.is((await failure(() => openLake(join(home, 'nowhere')).tables())).code, 'E_LAKE_NOT_FOUND')
  })
})

it.run()

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
