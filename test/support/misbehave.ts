import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** What no proper server does. All but `hang` end the connection. */
export type Fault =
  /** The connection is reset with nothing said. */
  | { readonly fault: 'reset-before-headers' }
  /** The connection is reset in the middle of the head. */
  | { readonly fault: 'reset-during-headers' }
  /** The head promises `json` in full length, half of it comes, and the connection is reset. */
  | { readonly fault: 'reset-during-body'; readonly json: unknown }
  /** The head promises `json` in full length, half of it comes, and a proper end. */
  | { readonly fault: 'truncated-body'; readonly json: unknown }
  /** As above in chunks, without the last one, and a connection that was to be closed anyway. */
  | { readonly fault: 'truncated-chunks'; readonly json: unknown }
  /** Half of a gzip stream and a proper end: without a length, only the stream itself tells. */
  | { readonly fault: 'truncated-gzip'; readonly json: unknown }
  /** Half of `json` and a proper end, without a length: only the JSON itself tells. */
  | { readonly fault: 'truncated-plain'; readonly json: unknown }
  /** The head promises half of what comes. */
  | { readonly fault: 'length-too-short'; readonly json: unknown }
  /** A chunk whose size is no number. */
  | { readonly fault: 'bad-chunk-size'; readonly json: unknown }
  /** A header longer than any client takes. */
  | { readonly fault: 'header-overflow'; readonly json: unknown }
  /** Something else than HTTP. */
  | { readonly fault: 'garbage' }
  /** The head at once, then one byte of the body every `everyMs`. */
  | { readonly fault: 'slow-drip'; readonly json: unknown; readonly everyMs: number }
  /** A proper answer, in packets of one byte, head and all. */
  | { readonly fault: 'byte-by-byte'; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** A proper answer with no length, which the end of the connection ends, as in HTTP/1.0. */
  | { readonly fault: 'no-length'; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** No answer at all; the connection stays open. */
  | { readonly fault: 'hang' }
  /** Bytes of the test's own, and the end. */
  | { readonly fault: 'raw'; readonly bytes: string | Uint8Array }

function headOf(...headers: string[]): string {
  return ['HTTP/1.1 200 OK', 'content-type: application/json', ...headers, '', ''].join('\r\n')
}

/** Answers a request on its socket as no proper server does. */
export function misbehave(fault: Fault, socket: Socket): void {
  const body = 'json' in fault ? Buffer.from(JSON.stringify(fault.json)) : Buffer.alloc(0)
  const half = body.subarray(0, body.length / 2)
  const whole = headOf(`content-length: ${body.length}`)
  const own = Object.entries(('headers' in fault && fault.headers) || {}).map(([name, value]) => `${name}: ${value}`)
  const closingHead = headOf('connection: close', ...own)
  switch (fault.fault) {
    case 'reset-before-headers':
      socket.resetAndDestroy()
      return
    case 'reset-during-headers':
      socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.resetAndDestroy())
      return
    case 'reset-during-body':
      socket.write(whole)
      socket.write(half, () => socket.resetAndDestroy())
      return
    case 'truncated-body':
      socket.write(whole)
      socket.end(half)
      return
    case 'truncated-chunks':
      socket.write(`${headOf('transfer-encoding: chunked', 'connection: close')}${half.length.toString(16)}\r\n`)
      socket.end(Buffer.concat([half, Buffer.from('\r\n')]))
      return
    case 'truncated-gzip': {
      const packed = gzipSync(body)
      socket.write(headOf('content-encoding: gzip', 'connection: close'))
      socket.end(packed.subarray(0, packed.length / 2))
      return
    }
    case 'truncated-plain':
      socket.write(headOf('connection: close'))
      socket.end(half)
      return
    case 'length-too-short':
      socket.write(headOf(`content-length: ${half.length}`))
      socket.end(body)
      return
    case 'bad-chunk-size':
      socket.write(`${headOf('transfer-encoding: chunked')}zz\r\n`)
      socket.end(body)
      return
    case 'header-overflow':
      socket.write(headOf(`x-long: ${'x'.repeat(100_000)}`, `content-length: ${body.length}`))
      socket.end(body)
      return
    case 'garbage':
      socket.end('SSH-2.0-OpenSSH_9.6\r\n')
      return
    case 'slow-drip':
      socket.write(whole)
      drip(body, fault.everyMs, socket)
      return
    case 'byte-by-byte':
      void writeByBytes(Buffer.concat([Buffer.from(closingHead), body]), socket)
      return
    case 'no-length':
      socket.write(closingHead)
      socket.end(body)
      return
    case 'hang':
      return
    case 'raw':
      socket.end(fault.bytes)
  }
}

function drip(body: Buffer, everyMs: number, socket: Socket): void {
  let sent = 0
  const timer = setInterval(() => {
    socket.write(body.subarray(sent, sent + 1))
    sent += 1
    if (sent === body.length) clearInterval(timer)
  }, everyMs)
  socket.on('close', () => clearInterval(timer))
}

async function writeByBytes(bytes: Buffer, socket: Socket): Promise<void> {
  socket.setNoDelay(true)
  for (const byte of bytes) {
    socket.write(Uint8Array.of(byte))
    await turn()
  }
  socket.end()
}
