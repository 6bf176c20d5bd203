import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake, openLake } from '@millrace/lake'
import { run, type Source } from '@millrace/pipeline'

const people: Source = {
  name: 'people',
  streams: () => [
    {
      name: 'people',
      primaryKey: ['id'],
      disposition: 'merge',
      read: async function* ({ committed }) {
        const visits = Number(committed?.['visits'] ?? 0) + 1
        yield { rows: [{ id: 1, visits }, ...(visits === 1 ? [{ id: 2, visits }] : [])], position: { visits } }
      },
    },
  ],
}

const folder = await mkdtemp(join(tmpdir(), 'lake-'))
for (let time = 1; time <= 3; time++) await run(people, lake(folder))

const table = await openLake(folder).table('people')
for await (const row of table.rows()) console.log(row) // => { id: 2, visits: 1 } { id: 1, visits: 3 }
if (table.version !== 2 || table.rowCount !== 2) throw new Error('not one row per key in three versions')
await rm(folder, { recursive: true })
