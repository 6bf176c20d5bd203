import { createServer } from 'node:http'
import { apiKey, basic, bearer } from '@millrace/auth'
import { createHttpClient } from '@millrace/http'

// An API that tells what it was sent.
const server = createServer((request, response) => {
  response.end(JSON.stringify({ url: request.url, authorization: request.headers.authorization ?? null }))
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`

const seen: string[] = []
for (const auth of [
  bearer('my-token'),
  basic({ username: 'reader', password: 'open sesame' }),
  apiKey({ name: 'api_key', key: 'my-key', in: 'query' }),
]) {
  const client = createHttpClient({ baseUrl, auth })
  const { body, meta } = await client.get('items')
  seen.push(`${auth.name}: ${JSON.stringify(body)}, in logs: ${new URL(meta.url).search || 'nothing'}`)
  await client.close()
}
server.close()

console.log(seen.join('\n'))
if (!seen[2]?.endsWith('in logs: ?api_key=[redacted]')) throw new Error('the key can be seen')
