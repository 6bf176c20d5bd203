import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Reply } from '../../../test/support/http-server.ts'
import { withServer } from './with-server.ts'

const it = suite('http bodies')

const text = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: `näme ${id}` })))

function packed(encoding: string, body: Uint8Array): Reply {
  return { headers: { 'content-encoding': encoding }, body }
}

it('unpacks what it asks for, and what is packed without a word or not packed at all', async () => {
  const replies: Reply[] = [
    packed('gzip', gzipSync(text)),
    packed('X-GZIP', gzipSync(text)),
    packed('br', brotliCompressSync(text)),
    packed('deflate', deflateSync(text)),
    packed('deflate', deflateRawSync(text)),
    packed('identity', Buffer.from(text)),
    packed('gzip', Buffer.from(text)),
    packed('deflate', gzipSync(text)),
    { body: gzipSync(text) },
    packed('gzip', Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))])),
  ]
  await withServer(
    (_, index) => replies[index] ?? {},
    async ({ client }) => {
      for (const reply of replies) {
        const response = await client.get('packed')
        assert.equal(response.body, JSON.parse(text), JSON.stringify(reply.headers))
        assert.is(response.meta.bytes, Buffer.byteLength(text))
      }
    },
  )
})

it('says what is wrong with a packed body', async () => {
  const cases: [Reply, RegExp][] = [
    [packed('gzip', Buffer.from([0, 1, 2, 3])), /the body is no valid gzip/],
    [packed('deflate, gzip', gzipSync(deflateSync(text))), /packed 2 times \(deflate, gzip\), which was not asked for/],
    [packed('br', Buffer.from('no brotli at all')), /the body is no valid br/],
    [packed('zstd', Buffer.from(text)), /packed as "zstd", which was not asked for/],
  ]
  for (const [reply, message] of cases) {
    await withServer(
      () => reply,
      async ({ server, client }) => {
        const error = await failureOf(client.get('packed'))
        assert.is(error.code, 'E_PAYLOAD')
        assert.match(error.message, message)
        assert.is(server.requests.length, 1)
      },
    )
  }
})

it('asks again for a gzip stream that ends early, even where the connection ends properly', () =>
  withServer(
    (_, index) => (index === 0 ? { fault: 'truncated-gzip', json: text } : { json: ['whole'] }),
    async ({ client }) => {
      const response = await client.get('cut')
      assert.equal(response.body, ['whole'])
      assert.is(response.meta.attempt, 2)
    },
  ))

it('asks again for JSON that ends early', async () => {
  const whole = '{"a":[1,true,"x\\u00e4"],"b":{"c":-1.5e3}}'
  const at = { cut: 0 }
  await withServer(
    (_, index) => ({ body: index % 2 === 0 ? whole.slice(0, at.cut) : whole }),
    async ({ client }) => {
      for (at.cut = 1; at.cut < whole.length; at.cut += 1) {
        assert.is((await client.get('cut')).meta.attempt, 2, whole.slice(0, at.cut))
      }
    },
  )
})

it('refuses a body above the limit: on the wire, unpacked, or a bomb', async () => {
  const replies = [
    { body: 'x'.repeat(1001) },
    packed('gzip', gzipSync('x'.repeat(1_000_000))),
    packed('br', brotliCompressSync('x'.repeat(1_000_000))),
  ]
  await withServer(
    (_, index) => replies[index] ?? { json: 'y'.repeat(998) },
    async ({ server, client }) => {
      for (const _ of replies) {
        const error = await failureOf(client.get('big'))
        assert.is(error.code, 'E_BODY_TOO_LARGE')
        assert.match(error.message, /longer than 1000 bytes; ask for smaller pages/)
      }
      assert.is((await client.get('fits')).meta.bytes, 1000)
      assert.is(server.requests.length, 4)
    },
    { maxBodyBytes: 1000 },
  )
})

it('refuses what is no JSON, and quotes the start of it', async () => {
  const cases: [body: string | Uint8Array, message: RegExp][] = [
    [
      '<!DOCTYPE html>\n<title>Log in</title>',
      /is HTML or XML, such as a login page; check the path and the credentials. It starts with: <!DOCTYPE html> <title>Log/,
    ],
    ['{"a":1 "b"}', /the body is not valid JSON. It starts with: \{"a":1 "b"\}/],
    [Buffer.from([0x22, 0xff, 0x22]), /the body is not UTF-8 \(after 1 characters\)/],
    ['  \n', /the body is empty/],
  ]
  for (const [body, message] of cases) {
    await withServer(
      () => ({ body }),
      async ({ server, client }) => {
        const error = await failureOf(client.get('odd'))
        assert.is(error.code, 'E_PAYLOAD')
        assert.match(error.message, message)
        assert.is(server.requests.length, 1)
      },
    )
  }
})

it('skips a byte order mark', () =>
  withServer(
    () => ({ body: '\ufeff{"a":"ä"}' }),
    async ({ client }) => {
      assert.equal((await client.get('bom')).body, { a: 'ä' })
    },
  ))

it('never rounds an integer', () =>
  withServer(
    () => ({ body: '{"id":9007199254740993,"__proto__":{"x":1},"small":3}' }),
    async ({ client }) => {
      const body = (await client.get('long')).body as Record<string, unknown>
      assert.is(body['id'], 9007199254740993n)
      assert.is(body['small'], 3)
      assert.ok(Object.hasOwn(body, '__proto__'))
      assert.is(Object.getPrototypeOf(body), Object.prototype)
    },
  ))

it('reads headers that hold more than ASCII', () =>
  withServer(
    () => ({ json: [], headers: { 'x-name': 'näme', 'set-cookie': ['a=1', 'b=2'] } }),
    async ({ client }) => {
      const { headers } = await client.get('headers')
      assert.equal(headers.getSetCookie(), ['a=1', 'b=2'])
      assert.ok(headers.has('x-name'))
    },
  ))

it.run()
