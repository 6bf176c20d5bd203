import { deepStrictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromArrow, readArrow, toArrow, writeArrow } from '@millrace/arrow'
import { pipe } from '@millrace/core'

async function* pages() {
  yield [{ id: 1, city: 'Zürich' }]
  yield [{ id: 2, city: 'Oslo', tags: ['north'] }]
}

const folder = await mkdtemp(join(tmpdir(), 'ipc-'))
const path = join(folder, 'cities.arrow')
const report = await pipe(pages(), toArrow(), writeArrow(path))
console.log(`${report.rows} rows, ${report.bytes} bytes`)

const cities = []
for await (const batch of readArrow(path)) cities.push(...fromArrow(batch).map((row) => row['city']))
deepStrictEqual(cities, ['Zürich', 'Oslo'])
await rm(folder, { recursive: true })
