import { createServer } from 'node:http'
import { createHttpClient } from '@millrace/http'

// An API that is overloaded at first, and counts in integers larger than JavaScript's.
let calls = 0
const server = createServer((_, response) => {
  calls += 1
  if (calls === 1) response.writeHead(503, { 'retry-after': '0' }).end()
  else response.end('{"id": 9007199254740993, "name": "Ada"}')
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const port = typeof address === 'object' ? address?.port : undefined

const client = createHttpClient({
  baseUrl: `http://127.0.0.1:${port}/v1`,
  retry: { maxRetries: 3, backoffFactor: 1 },
  emit: (event) => console.log(event.type),
})
const { body, meta } = await client.get('users/1', { query: { expand: ['team', 'role'] } })
await client.close()
server.close()

console.log(body, `at attempt ${meta.attempt}`)
const id = typeof body === 'object' && body !== null && 'id' in body ? body['id'] : undefined
if (id !== 9007199254740993n || meta.attempt !== 2) throw new Error('expected 9007199254740993 at attempt 2')
