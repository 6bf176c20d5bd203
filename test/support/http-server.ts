import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Fault, misbehave } from './misbehave.ts'
import { testCertificate, testKey } from './test-certificate.ts'

export type { Fault } from './misbehave.ts'

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
  /** The connection is kept alive, and closed without a word so many milliseconds after the answer. */
  readonly closeAfterMs?: number
}

/** @param index - Of the request on this server, from 0. */
export type Handler = (request: RecordedRequest, index: number) => Reply | Fault | Promise<Reply | Fault>

export interface HttpServer {
  /** `http://127.0.0.1:<port>`, or the same with https. No slash at the end. */
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

export interface HttpServerOptions {
  /** Speaks https, with `testCertificate`. */
  readonly tls?: boolean
}

/** A real server on the loopback interface that answers as the test says, and misbehaves where it is told to. */
export async function startHttpServer(handler: Handler, { tls = false }: HttpServerOptions = {}): Promise<HttpServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    void answer(incoming, response).catch((thrown: unknown) => {
      // A handler that throws is a mistake of the test: say so where the client under test shows it.
      response.writeHead(599).end(`the handler threw: ${String(thrown)}`)
    })
  }
  const server = tls ? createTlsServer({ cert: testCertificate, key: testKey }, serve) : createServer(serve)
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
    const { closeAfterMs } = reply
    if (closeAfterMs !== undefined) {
      response.once('finish', () => setTimeout(() => incoming.socket.destroy(), closeAfterMs))
    }
    response.writeHead(reply.status ?? 200, headers)
    response.end(reply.json === undefined ? reply.body : JSON.stringify(reply.json))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${tls ? 'https' : 'http'}://${host}`,
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
