import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemoApi } from './demo/api.ts'

// The demo API stands in for yours, and a temporary folder for the place you would keep the file in.
const api = await startDemoApi({ apiKey: 'demo-key', events: 1000, faults: false })
const folder = await mkdtemp(join(tmpdir(), 'composition-'))
process.env['EVENTS_API_URL'] = api.url
process.env['EVENTS_API_KEY'] = 'demo-key'
const path = join(folder, 'events.parquet')

// #region job
import { filter } from 'ix/asynciterable/operators/filter'
import {
  apiKey,
  createHttpClient,
  env,
  mapRows,
  mergeByKey,
  offset,
  paginate,
  pipe,
  type Row,
  toArrow,
  writeParquet,
} from 'millrace'

const client = createHttpClient({
  baseUrl: process.env['EVENTS_API_URL'],
  auth: apiKey({ name: 'api_key', key: env('EVENTS_API_KEY'), in: 'query' }),
})
const pages = paginate(
  async ({ query = {} }) => {
    const { body, meta } = await client.get('/v1/events', { query })
    return { rows: (body as { data: Row[] }).data, body, meta }
  },
  offset({ limit: 100 }),
)

const report = await pipe(
  pages, // lazy: nothing is requested before the sink pulls
  filter((page) => page.rows.length > 0), // an operator of ix
  mapRows(({ email, ...event }) => ({ ...event, has_email: email !== null })), // one of ours: a loop per page
  toArrow(), // pages → Arrow record batches
  mergeByKey('id'), // one row per id, the last to arrive
  writeParquet(path),
)
console.log(`${report.rows} rows in ${report.path}`)
// #endregion

await client.close()
await api.close()
await rm(folder, { recursive: true })
if (report.rows !== 1000) throw new Error(`expected 1000 rows, got ${report.rows}`)
