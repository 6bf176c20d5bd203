import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromArrow, toArrow } from '@millrace/arrow'
import { pipe } from '@millrace/core'
import { readParquet, writeParquet } from '@millrace/parquet'

async function* pages() {
  yield [{ id: 1, city: 'Zürich', seen: '2024-05-01T00:00:00Z' }]
  yield [{ id: 2, city: 'Oslo', seen: '2024-05-02T00:00:00Z', tags: ['north'] }]
}

const folder = await mkdtemp(join(tmpdir(), 'quick-start-'))
const path = join(folder, 'cities.parquet')
const report = await pipe(pages(), toArrow(), writeParquet(path, { metadata: { source: 'quick start' } }))
console.log(`${report.rows} rows, ${report.bytes} bytes`)

for await (const batch of readParquet(path)) {
  const rows = fromArrow(batch)
  console.log(rows)
  if (rows.length !== 2 || rows[1]?.['city'] !== 'Oslo') throw new Error('the rows are not those that were written')
}
await rm(folder, { recursive: true })
