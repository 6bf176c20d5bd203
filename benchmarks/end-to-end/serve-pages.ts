import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Row } from '@millrace/core'
import { createAnswer } from '../support/answer.ts'
import { makeRows } from '../support/make-rows.ts'
import type { Serving } from './page-server.ts'

/**
 * The API of the benchmark, a process of its own: `GET /rows?offset=0&limit=100` gives `{ data: [...], next }`, and an
 * empty page after the last. Every body is ready before the first request, so that serving costs next to nothing.
 */
const [pages = 1, rowsPerPage = 1] = process.argv.slice(2).map(Number)
let requests = 0
const bodies: Buffer[] = []
let end = Buffer.alloc(0)

const server = createServer((request, response) => {
  requests += 1
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const page = Number(searchParams.get('offset') ?? 0) / rowsPerPage
  const isKnown = pathname === '/rows' && Number.isInteger(page) && Number(searchParams.get('limit')) === rowsPerPage
  const body = isKnown ? (bodies[page] ?? end) : Buffer.from('{"error":"no such page"}')
  response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
// Longer than any contender thinks between two requests: none is to pay for a second connection.
server.keepAliveTimeout = 60_000

server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { add, answer } = createAnswer()
  let page: Row[] = []
  for (const row of makeRows(pages * rowsPerPage)) {
    add(row)
    page.push(row)
    if (page.length < rowsPerPage) continue
    const offset = (bodies.length + 1) * rowsPerPage
    const next = `${url}/rows?offset=${offset}&limit=${rowsPerPage}`
    bodies.push(Buffer.from(JSON.stringify({ data: page, next })))
    page = []
  }
  end = Buffer.from('{"data":[],"next":null}')
  const bytes = bodies.reduce((sum, { length }) => sum + length, 0)
  process.send?.({ url, bytes, answer: answer() } satisfies Serving)
})
process.on('message', () => {
  process.send?.(requests)
  requests = 0
})
process.on('disconnect', () => process.exit())
