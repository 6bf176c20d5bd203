import { join } from 'node:path'
import { isMillraceError } from '@millrace/core'
import { lake } from '@millrace/lake'
import { upsertRules } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSoak } from '../../../test/support/is-soak.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { checkShop } from './check-shop.ts'
import { hookDisk } from './hook-disk.ts'
import { shopRun } from './shop-run.ts'

const it = suite('two runs of one pipeline at once, at every point')

/** The outcome of a run that another one may take over. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'committed'
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown.code
    throw thrown
  }
}

/**
 * Runs an older run, and at its n-th touch of the disk `meanwhile`. Then, when both are done, one more run. Whoever won,
 * the tables have to hold every row once. Returns false where the older run has no n-th touch.
 */
async function interleave(
  folder: string,
  nth: number,
  meanwhile: () => Promise<() => Promise<string>>,
  outcomes: Set<string>,
): Promise<boolean> {
  await shopRun(folder, 'r0', 2)
  let left = nth
  let finish: (() => Promise<string>) | undefined
  const unhook = await hookDisk(async () => {
    // What the newer run does itself is counted as well, and is past zero.
    left -= 1
    if (left === 0) finish = await meanwhile()
  })
  const older = await outcome(() => shopRun(folder, 'older'))
  unhook()
  const newer = finish ? await finish() : 'not started'
  outcomes.add(`${older}, ${newer}`)
  await shopRun(folder, 'last')
  await checkShop(folder, `at touch ${nth}`)
  return finish !== undefined
}

/** At every touch, or in a share of the time at every eighth one, from `first` on. */
async function everywhere(
  first: number,
  meanwhile: (folder: string) => Promise<() => Promise<string>>,
): Promise<ReadonlySet<string>> {
  const outcomes = new Set<string>()
  await withTempFolder(async (home) => {
    for (let nth = isSoak ? 1 : first; ; nth += isSoak ? 1 : 8) {
      const folder = join(home, String(nth))
      if (!(await interleave(folder, nth, () => meanwhile(folder), outcomes))) return
    }
  })
  return outcomes
}

it('keeps every row once where the newer one does all its work in between', async () => {
  const outcomes = await everywhere(1, async (folder) => {
    const newer = await outcome(() => shopRun(folder, 'newer'))
    return async () => newer
  })
  assert.ok(outcomes.has('E_FENCED, committed'))
  assert.equal(
    [...outcomes].filter(
      (each) => !['E_FENCED, committed', 'committed, committed', 'committed, not started'].includes(each),
    ),
    [],
  )
})

it('keeps every row once where the newer one opens in between and commits when the older one is done', async () => {
  const outcomes = await everywhere(2, async (folder) => {
    const session = await lake(folder).open({ pipeline: 'shop', run: 'newer' })
    const unfinished = (await session.unfinished())?.streams ?? []
    return async () => {
      const tables = unfinished.map(({ table, checkpoint }) => ({
        table,
        checkpoint,
        replace: false,
        merge: table.disposition === 'merge' && { ...upsertRules, isWhole: false, at: 0 },
      }))
      const end = await outcome(() => session.commit({ tables }))
      await session.close()
      return end
    }
  })
  // The older run was past its last look at the fence: it commits, and the newer one finds that out.
  assert.ok(outcomes.has('committed, E_FENCED') || outcomes.has('E_FENCED, E_FENCED'), [...outcomes].join('; '))
  assert.ok(outcomes.has('E_FENCED, committed'))
})

it.run()
