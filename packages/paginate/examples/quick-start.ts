import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FetchPage, offset, paginate } from '@millrace/paginate'

// An API with 250 events, at most 100 an answer.
const events = Array.from({ length: 250 }, (_, index) => ({ id: index + 1 }))
const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const start = Number(query.get('offset'))
  response.end(JSON.stringify({ total: events.length, data: events.slice(start, start + Number(query.get('limit'))) }))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`

const fetchPage: FetchPage = async ({ query }) => {
  const response = await fetch(`${url}?offset=${query?.['offset']}&limit=${query?.['limit']}`)
  const body = (await response.json()) as { data: { id: number }[] }
  return { rows: body.data, body }
}

let rows = 0
for await (const page of paginate(fetchPage, offset({ limit: 100 }))) rows += page.rows.length
server.close()
console.log(`${rows} rows`) // => 250 rows
if (rows !== events.length) throw new Error(`expected ${events.length} rows, read ${rows}`)
