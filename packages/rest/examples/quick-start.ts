import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { restSource } from '@millrace/rest'

// An API with 250 events, at most 100 an answer, and a key in the query.
const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const [start, limit] = [Number(query.get('offset')), Number(query.get('limit'))]
  const ids = query.get('api_key') === 'k3y-of-mine' ? Array.from({ length: 250 }, (_, index) => index + 1) : []
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ total: 250, data: ids.slice(start, start + limit).map((id) => ({ id })) }))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

const source = restSource({
  client: {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    auth: { type: 'api_key', name: 'api_key', apiKey: 'k3y-of-mine', location: 'query' },
    paginator: { type: 'offset', limit: 100 },
  },
  resources: [{ name: 'events', primaryKey: 'id', writeDisposition: 'merge', endpoint: { dataSelector: 'data' } }],
})
let rows = 0
for (const stream of source.streams()) {
  const context = { mode: 'incremental' as const, signal: new AbortController().signal, emit: () => {} }
  for await (const page of stream.read(context)) rows += page.rows.length
}
server.close()
if (rows !== 250) throw new Error(`expected 250 rows, read ${rows}`)
