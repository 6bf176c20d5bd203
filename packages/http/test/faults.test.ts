import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { MillraceError, type Position } from '@millrace/core'
import { createHttpClient, type HttpClient, type HttpClientOptions } from '@millrace/http'
import { cursor, headerLink, offset, type Paginator, pageNumber, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type Fault, type RecordedRequest, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'

const it = suite('http faults')

const pageCount = 5
const pageRows = 4
const maxRetries = 3

interface Row {
  readonly id: number
  readonly name: string
}

const allRows: readonly Row[] = Array.from({ length: pageCount * pageRows }, (_, id) => ({ id, name: `näme ${id}` }))

function rowsOf(page: number): readonly Row[] {
  return allRows.slice(page * pageRows, (page + 1) * pageRows)
}

interface Style {
  readonly paginator: Paginator
  /** Which page a request asks for, from 0. */
  readonly pageOf: (request: RecordedRequest) => number
  /** The body of a page, and its headers. */
  readonly answer: (page: number) => { readonly json: unknown; readonly headers?: Record<string, string> }
}

const styles: Readonly<Record<string, Style>> = {
  cursor: {
    paginator: cursor({ cursorPath: 'next' }),
    pageOf: ({ query }) => Number(query.get('cursor') ?? 0),
    answer: (page) => ({ json: { data: rowsOf(page), next: page + 1 < pageCount ? page + 1 : null } }),
  },
  offset: {
    paginator: offset({ limit: pageRows, totalPath: 'total' }),
    pageOf: ({ query }) => Number(query.get('offset')) / pageRows,
    answer: (page) => ({ json: { data: rowsOf(page), total: allRows.length } }),
  },
  'header link': {
    paginator: headerLink(),
    pageOf: ({ query }) => Number(query.get('after') ?? 0),
    answer: (page) => ({
      json: { data: rowsOf(page) },
      ...(page + 1 < pageCount && { headers: { link: `</items?after=${page + 1}>; rel="next"` } }),
    }),
  },
  'page number': {
    paginator: pageNumber({ basePage: 0, totalPath: 'pages' }),
    pageOf: ({ query }) => Number(query.get('page')),
    answer: (page) => ({ json: { data: rowsOf(page), pages: pageCount } }),
  },
}

/** What a server does in place of a proper answer. */
type Misdeed = (proper: { readonly json: unknown; readonly headers?: Record<string, string> }) => Reply | Fault

const packed =
  (encoding: string, pack: (text: string) => Uint8Array): Misdeed =>
  ({ json, headers }) => ({
    body: pack(JSON.stringify(json)),
    headers: { ...headers, ...(encoding && { 'content-encoding': encoding }) },
  })
const withStatus =
  (status: number, headers: Record<string, string> = {}): Misdeed =>
  () => ({ status, headers, body: 'no' })
const withBody =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Misdeed =>
  () => ({ body, headers })

/** Odd, but whole: no second request. */
const harmless: Readonly<Record<string, Misdeed>> = {
  gzip: packed('gzip', gzipSync),
  br: packed('br', brotliCompressSync),
  deflate: packed('deflate', deflateSync),
  'gzip without a header': packed('', gzipSync),
  'a gzip header on plain JSON': packed('gzip', Buffer.from),
  'a byte order mark': packed('', (text) => Buffer.from(`\ufeff${text}`)),
  'UTF-16 with a mark': packed('', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')),
  'a wrong charset in the content type': ({ json, headers }) => ({
    json,
    headers: { ...headers, 'content-type': 'application/json; charset=iso-8859-1' },
  }),
  'no content type': packed('', Buffer.from),
  'a body that ends with the connection': (proper) => ({ fault: 'no-length', ...proper }),
  'packets of one byte': (proper) => ({ fault: 'byte-by-byte', ...proper }),
}

/** Trouble that a second request mends. */
const mended: Readonly<
  Record<string, { readonly misdeed: Misdeed; readonly code: string; readonly limits?: Partial<HttpClientOptions> }>
> = {
  'a reset before the head': { misdeed: () => ({ fault: 'reset-before-headers' }), code: 'E_CONNECTION' },
  'a reset in the head': { misdeed: () => ({ fault: 'reset-during-headers' }), code: 'E_CONNECTION' },
  'a reset in the body': { misdeed: ({ json }) => ({ fault: 'reset-during-body', json }), code: 'E_CONNECTION' },
  'less than the length says': { misdeed: ({ json }) => ({ fault: 'truncated-body', json }), code: 'E_CONNECTION' },
  'chunks without an end': { misdeed: ({ json }) => ({ fault: 'truncated-chunks', json }), code: 'E_CONNECTION' },
  'half of a gzip stream': { misdeed: ({ json }) => ({ fault: 'truncated-gzip', json }), code: 'E_PAYLOAD' },
  'half of a body without a length': { misdeed: ({ json }) => ({ fault: 'truncated-plain', json }), code: 'E_PAYLOAD' },
  'more than the length says': { misdeed: ({ json }) => ({ fault: 'length-too-short', json }), code: 'E_PAYLOAD' },
  'no answer': { misdeed: () => ({ fault: 'hang' }), code: 'E_TIMEOUT', limits: { totalTimeoutMs: 150 } },
  'single bytes for ever': {
    misdeed: () => ({ fault: 'slow-drip', json: 'x'.repeat(10_000), everyMs: 5 }),
    code: 'E_TIMEOUT',
    limits: { rateWindowMs: 50 },
  },
  '429 with Retry-After': { misdeed: withStatus(429, { 'retry-after': '30' }), code: 'E_HTTP_STATUS' },
  '429 with a quota': {
    misdeed: withStatus(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' }),
    code: 'E_HTTP_STATUS',
  },
  '429': { misdeed: withStatus(429), code: 'E_HTTP_STATUS' },
  '500': { misdeed: withStatus(500), code: 'E_HTTP_STATUS' },
  '502': { misdeed: withStatus(502), code: 'E_HTTP_STATUS' },
  '503 with a date': {
    misdeed: withStatus(503, { 'retry-after': 'Sun, 01 Mar 2026 12:02:00 GMT', date: 'Sun, 01 Mar 2026 12:00:00 GMT' }),
    code: 'E_HTTP_STATUS',
  },
  '504': { misdeed: withStatus(504), code: 'E_HTTP_STATUS' },
}

/** Trouble that no second request mends, or that none could know to be mended. */
const fatal: Readonly<Record<string, { readonly misdeed: Misdeed; readonly code: string }>> = {
  'something else than HTTP': { misdeed: () => ({ fault: 'garbage' }), code: 'E_PROTOCOL' },
  'TLS on a plain port': {
    misdeed: () => ({ fault: 'raw', bytes: Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x28) }),
    code: 'E_PROTOCOL',
  },
  'a chunk size that is none': { misdeed: ({ json }) => ({ fault: 'bad-chunk-size', json }), code: 'E_PROTOCOL' },
  'a header that is too long': { misdeed: ({ json }) => ({ fault: 'header-overflow', json }), code: 'E_PROTOCOL' },
  '400': { misdeed: withStatus(400), code: 'E_HTTP_STATUS' },
  '401': { misdeed: withStatus(401), code: 'E_HTTP_STATUS' },
  '404': { misdeed: withStatus(404), code: 'E_HTTP_STATUS' },
  '410': { misdeed: withStatus(410), code: 'E_HTTP_STATUS' },
  '501': { misdeed: withStatus(501), code: 'E_HTTP_STATUS' },
  'a redirect without a target': { misdeed: withStatus(302), code: 'E_HTTP_STATUS' },
  'a redirect to itself': {
    misdeed: () => ({ status: 302, headers: { location: '/loop' } }),
    code: 'E_TOO_MANY_REDIRECTS',
  },
  'a redirect to another host': {
    misdeed: withStatus(302, { location: 'http://127.0.0.2:9/' }),
    code: 'E_CROSS_ORIGIN',
  },
  'a redirect to no URL': { misdeed: withStatus(302, { location: 'file:///etc/passwd' }), code: 'E_URL' },
  'a Retry-After of a year': { misdeed: withStatus(429, { 'retry-after': '31536000' }), code: 'E_WAIT_TOO_LONG' },
  'a Retry-After of 300 years': { misdeed: withStatus(503, { 'retry-after': '9999999999' }), code: 'E_WAIT_TOO_LONG' },
  'an empty body': { misdeed: withBody(''), code: 'E_PAYLOAD' },
  'a login page': { misdeed: withBody('<!DOCTYPE html>', { 'content-type': 'text/html' }), code: 'E_PAYLOAD' },
  text: { misdeed: withBody('Service temporarily unavailable'), code: 'E_PAYLOAD' },
  'an object of another shape': { misdeed: withBody('{"error":"no such table"}'), code: 'E_NO_ROWS' },
  '204': { misdeed: () => ({ status: 204 }), code: 'E_NO_ROWS' },
  'bytes that are no UTF-8': { misdeed: withBody(Buffer.from('{"data":["\xe4"]}', 'latin1')), code: 'E_PAYLOAD' },
  'JSON with text after it': { misdeed: withBody('{"data":[]}{"data":[]}'), code: 'E_PAYLOAD' },
  NaN: { misdeed: withBody('{"data":[{"id":NaN}]}'), code: 'E_PAYLOAD' },
  'a number beyond all': { misdeed: withBody('{"data":[{"id":1e400}]}'), code: 'E_PAYLOAD' },
  'nesting without end': { misdeed: withBody(`${'['.repeat(9999)}${']'.repeat(9999)}`), code: 'E_PAYLOAD' },
  'a coding nobody asked for': { misdeed: packed('zstd', Buffer.from), code: 'E_PAYLOAD' },
  'two codings': { misdeed: packed('gzip, gzip', (text) => gzipSync(gzipSync(text))), code: 'E_PAYLOAD' },
  'a gzip stream with an error in it': {
    misdeed: packed('gzip', (text) => gzipSync(text).fill(0xff, 12, 20)),
    code: 'E_PAYLOAD',
  },
  'more than was agreed on': { misdeed: withBody(JSON.stringify('x'.repeat(100_001))), code: 'E_BODY_TOO_LARGE' },
}

interface Reading {
  readonly rows: readonly Row[]
  readonly position: Position | undefined
  readonly error: MillraceError | undefined
}

/** Reads to the end or the first failure, as a pipeline does: what was yielded is kept, and where it got to. */
async function read(client: HttpClient, paginator: Paginator, from?: Position): Promise<Reading> {
  const rows: Row[] = []
  let position = from
  async function readOn(): Promise<void> {
    const fetchPage = async ({
      url,
      query = {},
    }: {
      url?: string
      query?: Readonly<Record<string, string | number | boolean>>
    }) => {
      const response = await client.get(url ?? 'items', { query })
      const { body } = response
      const found = typeof body === 'object' && body !== null && 'data' in body ? body['data'] : undefined
      if (!Array.isArray(found)) throw new MillraceError('E_NO_ROWS', `the answer has no rows: ${JSON.stringify(body)}`)
      return { ...response, rows: found as Row[] }
    }
    for await (const page of paginate(fetchPage, paginator, from === undefined ? {} : { position: from })) {
      rows.push(...page.rows)
      position = page.position
    }
  }
  const ended = readOn()
  const error = await ended.then(
    () => undefined,
    () => failureOf(ended),
  )
  return { rows, position, error }
}

interface Scene {
  readonly style: Style
  /** The page whose request is answered by the misdeed. */
  readonly at: number
  readonly misdeed: Misdeed
  /** How often. */
  readonly times: number
  readonly limits?: Partial<HttpClientOptions>
}

/** Reads while the server misbehaves, and goes on from there once it does not any more. */
async function play({ style, at, misdeed, times, limits }: Scene): Promise<{
  readonly first: Reading
  readonly requests: number
  readonly resumed: readonly Row[]
}> {
  let left = times
  const server = await startHttpServer((request) => {
    if (request.path === '/loop') return { status: 302, headers: { location: '/loop' } }
    const page = style.pageOf(request)
    const proper = style.answer(page)
    if (page !== at || left === 0) return proper
    left -= 1
    return misdeed(proper)
  })
  const client = createHttpClient({
    baseUrl: server.url,
    clock: recordingClock(),
    random: () => 0.5,
    retry: { maxRetries },
    maxBodyBytes: 100_000,
    ...limits,
  })
  try {
    const first = await read(client, style.paginator)
    const requests = server.requests.length
    left = 0
    const rest = first.error ? (await read(client, style.paginator, first.position)).rows : []
    return { first, requests, resumed: [...first.rows, ...rest] }
  } finally {
    await server.close()
    await client.close()
  }
}

const positions = { first: 0, middle: 2, last: pageCount - 1 }

for (const [styleName, style] of Object.entries(styles)) {
  for (const [place, at] of Object.entries(positions)) {
    const where = `on the ${place} page by ${styleName}`
    for (const [name, misdeed] of Object.entries(harmless)) {
      it(`reads ${name} ${where}`, async () => {
        const { first, requests } = await play({ style, at, misdeed, times: 1 })
        assert.is(first.error, undefined)
        assert.equal(first.rows, allRows)
        assert.is(requests, pageCount)
      })
    }
    for (const [name, { misdeed, code, limits = {} }] of Object.entries(mended)) {
      const isTimeout = code === 'E_TIMEOUT'
      it(`gets over ${name} ${where}`, async () => {
        const { first, requests } = await play({ style, at, misdeed, times: 1, limits })
        assert.is(first.error, undefined)
        assert.equal(first.rows, allRows)
        // On a busy machine a proper answer may be late too.
        assert.ok(isTimeout ? requests > pageCount : requests === pageCount + 1, `${requests} requests`)
      })
      // Every attempt of these takes real time, so one of them has to do.
      if (isTimeout && !(place === 'middle' && styleName === 'cursor')) continue
      it(`gives ${name} up where it stays, ${where}, and goes on there later`, async () => {
        const { first, requests, resumed } = await play({ style, at, misdeed, times: Number.POSITIVE_INFINITY, limits })
        assert.is(first.error?.code, code)
        assert.equal(first.rows, allRows.slice(0, at * pageRows), 'no row of the bad page, all before it')
        const ideal = at + 1 + maxRetries
        assert.ok(isTimeout ? requests >= ideal : requests === ideal, `${requests} requests`)
        assert.equal(resumed, allRows)
      })
    }
    for (const [name, { misdeed, code }] of Object.entries(fatal)) {
      it(`stops at ${name} ${where}, and goes on there later`, async () => {
        const { first, requests, resumed } = await play({ style, at, misdeed, times: 1 })
        assert.is(first.error?.code, code)
        assert.ok((first.error?.message.length ?? 0) > 20)
        assert.equal(first.rows, allRows.slice(0, at * pageRows), 'no row of the bad page, all before it')
        assert.is(requests, at + 1 + (code === 'E_TOO_MANY_REDIRECTS' ? 5 : 0), 'not asked again')
        assert.equal(resumed, allRows)
      })
    }
  }
}

it.run()
