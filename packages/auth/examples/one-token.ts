import { createServer } from 'node:http'
import { oauthClientCredentials } from '@millrace/auth'
import { createHttpClient } from '@millrace/http'

// A token server and an API in one. The API takes the second token only, as if the first had been revoked.
let issued = 0
const server = createServer((request, response) => {
  if (request.url === '/token') {
    issued += 1
    response.end(JSON.stringify({ access_token: `token-${issued}`, expires_in: 3600 }))
  } else {
    const isGood = request.headers.authorization === 'Bearer token-2'
    response.writeHead(isGood ? 200 : 401).end(JSON.stringify({ isGood }))
  }
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`

const auth = oauthClientCredentials({
  tokenUrl: `${baseUrl}/token`,
  clientId: 'my-app',
  clientSecret: 'my-secret',
})
const client = createHttpClient({ baseUrl, auth })
const answers = await Promise.all(Array.from({ length: 50 }, (_, id) => client.get(`items/${id}`)))
await client.close()
server.close()

console.log(`${answers.length} answers with ${issued} tokens`)
if (issued !== 2) throw new Error(`expected one token, and one more after the 401s: got ${issued}`)
