import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake, openLake, optimizeLake, vacuumLake, verifyLake } from '@millrace/lake'
import { run, type Source } from '@millrace/pipeline'

const sales: Source = {
  name: 'sales',
  streams: () => [
    {
      name: 'sales',
      disposition: 'append',
      read: async function* ({ committed }) {
        const day = Number(committed?.['day'] ?? 0) + 1
        yield { rows: [{ day, amount: day * 10 }], position: { day } }
      },
    },
  ],
}

const folder = await mkdtemp(join(tmpdir(), 'lake-'))
for (let day = 1; day <= 5; day++) await run(sales, lake(folder))

const { tables } = await optimizeLake(folder, { sortBy: ['day'] })
console.log(`${tables[0]?.filesRemoved} files into ${tables[0]?.filesAdded}`) // => 5 files into 1

// Those five stay for a week, for readers of older versions.
const { tables: vacuumed } = await vacuumLake(folder, { dryRun: true })
console.log(`${vacuumed[0]?.files.length} to delete`) // => 0 to delete

const { findings } = await verifyLake(folder)
for (const { problem, path } of findings) console.error(problem, path)
if (findings.length > 0 || (await openLake(folder).table('sales')).rowCount !== 5) throw new Error('damaged')
await rm(folder, { recursive: true })
