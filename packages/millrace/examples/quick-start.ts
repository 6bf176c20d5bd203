import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake, openLake, restSource, run } from 'millrace'

// An API of two users, in the place of yours.
const users = [
  { id: 1, name: 'Ada' },
  { id: 2, name: 'Grace' },
]
const api = createServer((_, response) => response.end(JSON.stringify({ data: users })))
await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
const baseUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`

const folder = await mkdtemp(join(tmpdir(), 'quick-start-'))
const source = restSource({
  client: { baseUrl, paginator: 'single_page' },
  resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge' },
  resources: [{ name: 'users', endpoint: { path: 'users', dataSelector: 'data' } }],
})
const report = await run(source, lake(folder))
console.log(report.streams[0]?.inserted) // => 2
const table = await openLake(folder).table('users')
console.log(table.schema.names) // => [ 'id', 'name' ]
if (table.rowCount !== 2) throw new Error(`expected 2 rows, got ${table.rowCount}`)
await rm(folder, { recursive: true })
api.close()
