import { Worker } from 'node:worker_threads'
import { pipe, prefetch, restSource } from 'millrace'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('reading ahead')

const pages = 4

/** An API in a thread of its own, which answers while this one computes. It counts requests where both can see them. */
const api = `
const { createServer } = require('node:http')
const { parentPort, workerData: requests } = require('node:worker_threads')
const server = createServer((request, response) => {
  const offset = Number(new URL(request.url, 'http://localhost').searchParams.get('offset'))
  Atomics.add(requests, 0, 1)
  Atomics.notify(requests, 0)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ data: offset < ${pages} ? [{ id: offset }] : [] }))
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

it('has the next request on its way before a consumer keeps the thread busy', async () => {
  const requests = new Int32Array(new SharedArrayBuffer(4))
  const server = new Worker(api, { eval: true, workerData: requests })
  try {
    const port = await new Promise<number>((resolve) => server.once('message', resolve))
    const source = restSource({
      client: { baseUrl: `http://127.0.0.1:${port}`, paginator: { type: 'offset', limit: 1 } },
      resources: [{ name: 'rows', endpoint: { path: 'rows', dataSelector: 'data' } }],
    })
    const [stream] = source.streams()
    assert.ok(stream)
    const signal = new AbortController().signal
    let seen = 0
    for await (const { rows } of pipe(stream.read({ mode: 'incremental', signal, emit: () => {} }), prefetch(1))) {
      seen += 1
      if (rows.length === 0) break
      // Nothing runs on this thread while it waits: whoever asks for the next page has done so before.
      if (Atomics.load(requests, 0) <= seen) {
        assert.is(Atomics.wait(requests, 0, seen, 10_000), 'ok', `the request for page ${seen + 1} is not on its way`)
      }
    }
    assert.is(seen, pages + 1)
  } finally {
    await server.terminate()
  }
})

it.run()
