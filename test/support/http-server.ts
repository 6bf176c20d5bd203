import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A proper answer. `json` sets the content type; `body` is sent as it is. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly json?: unknown
  readonly body?: string | Uint8Array
}

/** What no proper server does. All but `hang` end the connection. */
export type Fault =
  /** The connection is reset with nothing said. */
  | { readonly fault: 'reset-before-headers' }
  /** The connection is reset in the middle of the head. */
  | { readonly fault: 'reset-during-headers' }
  /** The head promises `json` in full length, and half of it comes. */
  | { readonly fault: 'truncated-body'; readonly json: unknown }
  /** As above in chunks, without the last one, and a connection that was to be closed anyway. */
  | { readonly fault: 'truncated-chunks'; readonly json: unknown }
  /** Half of a gzip stream and a proper end: without a length, only the stream itself tells. */
  | { readonly fault: 'truncated-gzip'; readonly json: unknown }
  /** The head at once, then one byte of the body every `everyMs`. */
  | { readonly fault: 'slow-drip'; readonly json: unknown; readonly everyMs: number }
  /** No answer at all; the connection stays open. */
  | { readonly fault: 'hang' }
  /** Bytes of the test's own, and the end. */
  | { readonly fault: 'raw'; readonly bytes: string | Uint8Array }

/** @param index - Of the request on this server, from 0. */
export type Handler = (request: RecordedRequest, index: number) => Reply | Fault | Promise<Reply | Fault>

export interface HttpServer {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** All requests so far, in order of arrival. */
  readonly requests: readonly RecordedRequest[]
  /** Connections that are open now. */
  readonly connections: number
  /** Ends all connections, busy or not. */
  close(): Promise<void>
}

/** A real server on the loopback interface that answers as the test says, and misbehaves where it is told to. */
export async function startHttpServer(handler: Handler): Promise<HttpServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    void answer(incoming, response).catch((thrown: unknown) => {
      // A handler that throws is a mistake of the test: say so where the client under test shows it.
      response.writeHead(599).end(`the handler threw: ${String(thrown)}`)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const index = requests.length
    const request = await record(incoming, (recorded) => requests.push(recorded))
    const reply = await handler(request, index)
    if ('fault' in reply) return misbehave(reply, incoming.socket)
    const headers = { ...(reply.json !== undefined && { 'content-type': 'application/json' }), ...reply.headers }
    response.writeHead(reply.status ?? 200, headers)
    response.end(reply.json === undefined ? reply.body : JSON.stringify(reply.json))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    requests,
    get connections() {
      return sockets.size
    },
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function record(incoming: IncomingMessage, keep: (request: RecordedRequest) => void): Promise<RecordedRequest> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const chunks: Buffer[] = []
  const request = {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: '',
  }
  // Kept before the body is read, so that requests stand in the order they arrived in.
  keep(request)
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  request.body = Buffer.concat(chunks).toString()
  return request
}

function misbehave(fault: Fault, socket: Socket): void {
  const head = (...headers: string[]): string =>
    ['HTTP/1.1 200 OK', 'content-type: application/json', ...headers, '', ''].join('\r\n')
  switch (fault.fault) {
    case 'reset-before-headers':
      socket.resetAndDestroy()
      return
    case 'reset-during-headers':
      socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.resetAndDestroy())
      return
    case 'truncated-body': {
      const body = JSON.stringify(fault.json)
      socket.end(head(`content-length: ${body.length}`) + body.slice(0, body.length / 2))
      return
    }
    case 'truncated-chunks': {
      const half = JSON.stringify(fault.json).slice(0, 10)
      socket.end(`${head('transfer-encoding: chunked', 'connection: close')}${half.length.toString(16)}\r\n${half}\r\n`)
      return
    }
    case 'truncated-gzip': {
      const body = gzipSync(JSON.stringify(fault.json))
      socket.write(head('content-encoding: gzip', 'connection: close'))
      socket.end(body.subarray(0, body.length / 2))
      return
    }
    case 'slow-drip': {
      const body = JSON.stringify(fault.json)
      socket.write(head(`content-length: ${body.length}`))
      let sent = 0
      const timer = setInterval(() => {
        socket.write(body.slice(sent, sent + 1))
        sent += 1
        if (sent === body.length) clearInterval(timer)
      }, fault.everyMs)
      socket.on('close', () => clearInterval(timer))
      return
    }
    case 'hang':
      return
    case 'raw':
      socket.end(fault.bytes)
  }
}
