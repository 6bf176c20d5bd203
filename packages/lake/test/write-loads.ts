import { createRandom } from '../../../test/support/random.ts'
import { randomLoad, stageLoad } from './writer.ts'

/**
 * A writer in a process of its own: loads one after the other into a table that others write too.
 *
 * Usage: `node write-loads.js <folder> <pipeline> <seed> <loads> <keys>`. Its parent makes the same loads of the seed.
 */
const [folder = '', pipeline = '', seed = '', loads = '', keys = ''] = process.argv.slice(2)
const random = createRandom(Number(seed))
for (let number = 1; number <= Number(loads); number++) {
  const load = randomLoad(random, `${pipeline}-${number}`, Number(keys))
  const staged = await stageLoad(folder, pipeline, `run-${number}`, load)
  await staged.commit()
}
