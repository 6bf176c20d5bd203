import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMillraceError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSoak } from '../../../test/support/is-soak.ts'
import { createRandom, type Random } from '../../../test/support/random.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { hookDisk } from './hook-disk.ts'
import { createSerialOrder, type SerialOrder } from './serial-order.ts'
import { appIdOf, effectOf, type Load, randomLoad, stageLoad } from './writer.ts'

const it = suite('writers of one table at once')

const script = fileURLToPath(new URL('./write-loads.js', import.meta.url))

/** Keys are few, so that most merges meet a row of another writer. */
const keys = 12

/** Rounds on one table, before another is begun: each session reads the whole log. */
const roundsPerTable = 10

interface Figures {
  commits: number
  /** Versions that somebody else had made a moment before: planned anew. */
  conflicts: number
}

/** Counts how often a version was to be made: more often than there are versions, where writers meet. */
async function countConflicts(work: () => Promise<number>): Promise<Figures> {
  let attempts = 0
  const unhook = await hookDisk(async ({ name, path }) => {
    if (name === 'link' && /_delta_log\/\d{20}\.json$/.test(path)) attempts += 1
    return undefined
  })
  try {
    const commits = await work()
    return { commits, conflicts: attempts - commits }
  } finally {
    unhook()
  }
}

/** Something that is done to the table while others write. */
type Act = (order: SerialOrder, round: number) => Promise<() => Promise<void>>

/** A pipeline of its own: every load of it is one transaction, whatever the others do. */
function writerOf(folder: string, pipeline: string, random: Random): Act {
  let version = 0
  return async (order) => {
    version += 1
    const number = version
    const load = randomLoad(random, `${pipeline}-${number}`, keys)
    const staged = await stageLoad(folder, pipeline, `run-${number}`, load)
    order.expect(appIdOf(pipeline), number, effectOf(load))
    return async () => {
      const [report] = (await staged.commit()).tables
      assert.is(report?.inserted, insertedBy(load) ?? report?.inserted)
    }
  }
}

/** What is known of it whatever the table holds. */
function insertedBy({ disposition, rows }: Load): number | undefined {
  return disposition === 'merge' ? undefined : rows.length
}

/** Stages everything, and then commits everything at once. Returns the versions that came of it. */
async function playRound(order: SerialOrder, acts: readonly Act[], round: number): Promise<number> {
  const commits = await Promise.all(acts.map((act) => act(order, round)))
  await Promise.all(commits.map((commit) => commit()))
  return order.check()
}

for (const [writers, share] of [
  [2, 20],
  [4, 20],
  [8, 10],
] as const) {
  const rounds = isSoak ? 100 : share
  it(`is explained by one serial order: ${writers} pipelines, ${rounds} rounds`, async () => {
    const random = createRandom(writers)
    const { commits, conflicts } = await countConflicts(async () => {
      let versions = 0
      for (let first = 1; first <= rounds; first += roundsPerTable) {
        versions += await withTempFolder(async (folder) => {
          const acts = Array.from({ length: writers }, (_, index) => writerOf(folder, `writer-${index}`, random))
          const order = createSerialOrder(join(folder, 'shared'))
          let made = 0
          for (let round = first; round < first + roundsPerTable; round++) made += await playRound(order, acts, round)
          assert.is(made, writers * roundsPerTable)
          return made
        })
      }
      return versions
    })
    console.log(`${writers} writers, ${rounds} rounds: ${commits} commits, ${conflicts} conflicts, all in one order`)
    assert.ok(conflicts > 0, 'writers never met')
  })
}

it('is explained by one serial order where the writers are processes', async () => {
  const writers = 4
  const loads = isSoak ? 100 : 12
  await withTempFolder(async (folder) => {
    const order = createSerialOrder(join(folder, 'shared'))
    const names = Array.from({ length: writers }, (_, index) => `process-${index}`)
    for (const [seed, pipeline] of names.entries()) {
      const random = createRandom(seed)
      for (let number = 1; number <= loads; number++) {
        order.expect(appIdOf(pipeline), number, effectOf(randomLoad(random, `${pipeline}-${number}`, keys)))
      }
    }
    await Promise.all(
      names.map(async (pipeline, seed) => {
        const child = fork(script, [folder, pipeline, `${seed}`, `${loads}`, `${keys}`], { execArgv: [] })
        assert.equal(await once(child, 'exit'), [0, null])
      }),
    )
    assert.is(await order.check(), writers * loads)
    console.log(`${writers} processes: ${writers * loads} commits, all in one order`)
  })
})

it('is of no concern to a run that is fenced: none of its rows is there, and the newer one has all of its own', async () => {
  const rounds = isSoak ? 100 : 20
  let fenced = 0
  const random = createRandom(7)
  for (let round = 1; round <= rounds; round += roundsPerTable) {
    await withTempFolder(async (folder) => {
      const order = createSerialOrder(join(folder, 'shared'))
      let version = 0
      for (let played = 0; played < roundsPerTable; played++) {
        const [older, newer] = ['older', 'newer'].map((run) => randomLoad(random, `${run}-${round + played}`, keys))
        if (!older || !newer) throw new Error('there are two')
        // Two runs of one pipeline: the newer one opens before, while or after the older one commits.
        const first = await stageLoad(folder, 'one', `older-${played}`, older)
        const isLate = random.chance(0.3)
        const opened = isLate ? undefined : await stageLoad(folder, 'one', `newer-${played}`, newer)
        const firstEnd = outcome(first.commit())
        const secondEnd = outcome(
          (async () => {
            const second = opened ?? (await stageLoad(folder, 'one', `newer-${played}`, newer))
            return second.commit()
          })(),
        )
        const ends = await Promise.all([firstEnd, secondEnd])
        const committed = [older, newer].filter((_, index) => ends[index] === 'committed')
        for (const load of committed) {
          version += 1
          order.expect(appIdOf('one'), version, effectOf(load))
        }
        assert.is(await order.check(), committed.length, `round ${round + played}: ${ends}`)
        if (!isLate) assert.equal(ends, ['E_FENCED', 'committed'])
        assert.ok(ends.includes('committed'), `${ends}`)
        fenced += ends.filter((end) => end === 'E_FENCED').length
      }
    })
  }
  console.log(`two runs of one pipeline, ${rounds} rounds: ${fenced} fenced, none of their rows in the table`)
})

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'committed'
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown.code
    throw thrown
  }
}

it.run()
