import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSoak } from '../../../test/support/is-soak.ts'
import { checkRequests, withBegunShop } from './begun-shop.ts'
import { checkNoLeftovers, checkShop } from './check-shop.ts'
import { type KillMode, killRun } from './kill-run.ts'
import { impatientClock, runShop } from './shop-source.ts'

const it = suite('a run killed at everything it does')

let points = 0

/** @param every - Of the points: each, or each second and so on. */
async function killEverywhere(mode: KillMode, every: number): Promise<void> {
  await withBegunShop(async ({ server, copy }) => {
    let nth = 1 - every
    let converged = 0
    const killAt = async (point: number): Promise<boolean> => {
      const place = `${mode}-${point}`
      const { folder, url } = await copy(place)
      const killed = await killRun({ folder, url, mode, nth: point })
      await runShop({ folder, url, clock: impatientClock })
      await checkShop(folder, place)
      checkRequests(server, place, [killed])
      if (killed.wasKilled) converged += 1
      return killed.wasKilled
    }
    // Two at a time: a process spends most of its life starting.
    const work = async (): Promise<void> => {
      do nth += every
      while (await killAt(nth))
    }
    await Promise.all([work(), work()])
    points += converged
    console.log(`killed ${mode}: ${converged} points of about ${nth}, all converged`)
  })
}

it('converges when it is killed before any of it', () => killEverywhere('before', isSoak ? 1 : 2))

it('converges when it is killed after any of it', () => killEverywhere('after', isSoak ? 1 : 12))

it('converges when it is killed with half of a write done', () => killEverywhere('torn', 1))

it('was killed at 200 points and more', () => {
  console.log(`${points} kill points, all converged, 0 rows lost, 0 rows twice`)
  assert.ok(points >= 200, `${points} kill points`)
})

it('converges after kills during the recovery from a kill, and leaves nothing behind', async () => {
  await withBegunShop(async ({ server, copy }) => {
    const killTwice = async (nth: number): Promise<void> => {
      const place = `recovery-${nth}`
      const { folder, url } = await copy(place)
      const killed = [
        await killRun({ folder, url, nth }),
        await killRun({ folder, url, mode: 'torn', nth: (nth % 20) + 1 }),
        await killRun({ folder, url, mode: 'after', nth: (nth % 9) + 3 }),
      ]
      await runShop({ folder, url, clock: impatientClock })
      await checkShop(folder, place)
      checkRequests(server, place, killed)
      // What a run after a kill did not commit itself, the next that does commit removes.
      await runShop({ folder, url, clock: impatientClock })
      await checkNoLeftovers(folder, place)
    }
    const queue = Array.from({ length: isSoak ? 24 : 6 }, (_, index) => 5 + index * (isSoak ? 7 : 28))
    const work = async (): Promise<void> => {
      for (let nth = queue.shift(); nth !== undefined; nth = queue.shift()) await killTwice(nth)
    }
    await Promise.all([work(), work()])
  })
})

it.run()
