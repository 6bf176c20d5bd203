import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { lake, openLake } from '@millrace/lake'
import { run, type Source } from '@millrace/pipeline'

const shop: Source = {
  name: 'shop',
  streams: () => [
    {
      name: 'events',
      disposition: 'append',
      read: async function* () {
        yield { rows: [1, 2, 3].map((id) => ({ id, kind: id < 3 ? 'sale' : 'return', amount: id / 2 })), position: {} }
      },
    },
  ],
}
const folder = await mkdtemp(join(tmpdir(), 'lake-'))
await run(shop, lake(folder))

// #region query
const events = await openLake(folder).table('events')
const duckdb = await (await DuckDBInstance.create()).connect()
const answer = await duckdb.runAndReadAll(`SELECT kind, sum(amount) FROM (${events.sql()}) GROUP BY kind ORDER BY kind`)
console.log(answer.getRows()) // => [['return', 1.5], ['sale', 1.5]]
// #endregion

duckdb.closeSync()
if (JSON.stringify(answer.getRows()) !== '[["return",1.5],["sale",1.5]]') throw new Error('not the sums of the rows')
await rm(folder, { recursive: true })
