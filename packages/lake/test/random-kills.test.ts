import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSoak } from '../../../test/support/is-soak.ts'
import { createRandom } from '../../../test/support/random.ts'
import { checkRequests, withBegunShop } from './begun-shop.ts'
import { checkShop } from './check-shop.ts'
import { type KilledRun, killRun } from './kill-run.ts'
import { impatientClock, runShop } from './shop-source.ts'

const it = suite('a run killed at random moments')

const kills = isSoak ? 300 : 40
/** Of the kills: those that meet a run which is about to end what a killed one has left behind. */
const recoveryKills = kills / 5

it(`converges after ${kills} kills, ${recoveryKills} of them during a recovery, and keeps every commit that was told`, async () => {
  await withBegunShop(async ({ server, copy }) => {
    const random = createRandom(20_261_125)
    const whole = await copy('whole')
    const startedAt = performance.now()
    await killRun(whole)
    // From its first step on; the start of the process is in it, so that some are too late.
    const mostMs = (performance.now() - startedAt) * 0.75
    let killedFirst = 0
    let killedAgain = 0
    let shops = 0
    let acknowledged = 0
    let pagesAgain = 0

    const killShop = async (): Promise<void> => {
      shops += 1
      const place = `shop-${shops}`
      const { folder, url } = await copy(place)
      const killed: KilledRun[] = []
      const killAtRandom = async (): Promise<void> => {
        const run = await killRun({ folder, url, afterMs: random.int(0, Math.ceil(mostMs)) })
        killed.push(run)
        for (const line of run.told) {
          const [what, table = '', version = ''] = line.split(' ')
          if (what !== 'commit') continue
          acknowledged += 1
          await access(join(folder, table, '_delta_log', `${version.padStart(20, '0')}.json`))
        }
      }
      await killAtRandom()
      if (killed[0]?.wasKilled) {
        killedFirst += 1
        if (killedAgain < recoveryKills) await killAtRandom()
        if (killed[1]?.wasKilled) killedAgain += 1
      }
      await runShop({ folder, url, clock: impatientClock })
      await checkShop(folder, place)
      pagesAgain += checkRequests(server, place, killed)
    }
    // Two at a time: a process spends most of its life starting.
    const work = async (): Promise<void> => {
      while (killedFirst + killedAgain < kills || killedAgain < recoveryKills) await killShop()
    }
    await Promise.all([work(), work()])
    assert.ok(killedFirst + killedAgain >= kills)
    console.log(
      `${killedFirst + killedAgain} kills, ${killedAgain} of them in a recovery: all ${shops} shops converged`,
    )
    console.log(`0 of ${acknowledged} commits that were told lost, ${pagesAgain} pages fetched again`)
  })
})

it.run()
