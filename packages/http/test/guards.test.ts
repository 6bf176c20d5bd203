import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createHttpClient, defaultMaxDepth, isPrivateAddress } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { withServer } from './with-server.ts'

const it = suite('http guards')

const megabyte = 1024 * 1024

/** Unpacks to 300 MB, from 300 KB. */
const bomb = Buffer.concat(Array.from({ length: 300 }, () => gzipSync(Buffer.alloc(megabyte, ' '))))

/** The most memory that buffers took more while something was going on, bytes. */
async function growthDuring(work: Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let most = before
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await turn()
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  return most - before
}

it('gives up a bomb after 10 MB, whatever the limit is, and takes no more memory than that', () =>
  withServer(
    () => ({ body: bomb, headers: { 'content-encoding': 'gzip' } }),
    async ({ server, client }) => {
      const failed = failureOf(client.get('bomb'))
      const growth = await growthDuring(failed)
      const error = await failed
      assert.is(error.code, 'E_BODY_TOO_LARGE')
      assert.match(error.message, /the body unpacks to more than 200 times its size; no page of an API does/)
      assert.is(server.requests.length, 1)
      assert.ok(growth < 32 * megabyte, `${growth} bytes`)
    },
  ))

it('gives up a body at the limit, and takes no more memory than that', () =>
  withServer(
    () => ({ body: bomb, headers: { 'content-encoding': 'gzip' } }),
    async ({ client }) => {
      const failed = failureOf(client.get('bomb'))
      const growth = await growthDuring(failed)
      assert.match((await failed).message, /the body is longer than 2097152 bytes/)
      assert.ok(growth < 16 * megabyte, `${growth} bytes`)
    },
    { maxBodyBytes: 2 * megabyte },
  ))

it('takes what compresses well, below 10 MB or 200 to 1', async () => {
  const zeros = JSON.stringify('0'.repeat(9 * megabyte))
  const rows = JSON.stringify(Array.from({ length: 150_000 }, (_, id) => ({ id, country: 'Germany', city: 'Berlin' })))
  assert.ok(zeros.length / gzipSync(zeros).length > 200)
  for (const text of [zeros, rows]) {
    await withServer(
      () => ({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } }),
      async ({ client }) => {
        assert.is((await client.get('x')).meta.bytes, text.length)
      },
    )
  }
})

function nested(levels: number, open = '[', close = ']', inside = ''): string {
  return open.repeat(levels) + inside + close.repeat(levels)
}

it('refuses JSON that is nested too deep, before anything recurses into it', async () => {
  const max = defaultMaxDepth
  const long = '9007199254740993'
  const cases: [text: string, isFine: boolean][] = [
    [nested(max), true],
    [nested(max + 1), false],
    [nested(max - 1, '{"a":', '}', long), true],
    [nested(max, '{"a":', '}', '[1]'), false],
    [`{"rows":[{"id":${long},"more":${nested(max - 2)}}]}`, false],
    [`{"rows":[${'1,'.repeat(500)}1],"text":"${'['.repeat(500)}"}`, true],
    [nested(100_000), false],
    [nested(100_000, '[', ']', long), false],
    [nested(100_000, '{"a":', '}', '1'), false],
  ]
  let body = ''
  await withServer(
    () => ({ body }),
    async ({ client }) => {
      for (const [text, isFine] of cases) {
        body = text
        if (isFine) await client.get('x')
        else {
          const error = await failureOf(client.get('x'))
          assert.is(error.code, 'E_PAYLOAD')
          assert.match(error.message, /but the body is nested deeper than 200 levels at \$/)
          assert.not(error.retryable)
        }
      }
      const error = await failureOf(client.get('x', { format: 'ndjson' }))
      assert.match(error.message, /a line 1 that is nested deeper than 200 levels/)
    },
  )
})

it('nests as deep as it is told', () =>
  withServer(
    () => ({ body: nested(4) }),
    async ({ client }) => {
      assert.match((await failureOf(client.get('x'))).message, /deeper than 3 levels at \$\[0\]\[0\]\[0\]/)
    },
    { maxDepth: 3 },
  ))

it('keeps to its policy for JSON that parsers disagree on', async () => {
  const cases: [text: string, expected: unknown][] = [
    // Not JSON.
    ['[NaN]', /the body is not valid JSON/],
    ['[Infinity]', /the body is not valid JSON/],
    ['{"a":-Infinity}', /the body is not valid JSON/],
    ['[1] trailing', /the body is not valid JSON/],
    ['[01]', /the body is not valid JSON/],
    ["{'a':1}", /the body is not valid JSON/],
    ['[1,]', /the body is not valid JSON/],
    // JSON, but no number that JavaScript or a table could hold.
    ['{"rows":[{"a":1},{"a":1e400}]}', /has a number too large to hold at \$\.rows\[1\]\.a/],
    ['{"id":9007199254740993,"a":-1e400}', /has a number too large to hold at \$\.a/],
    ['1e400', /has a number too large to hold/],
    // JSON, and read as everybody reads it.
    ['[1e-400]', [0]],
    ['{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
    ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
    ['["\\ud83d","\\ude00\\ud83d","\\ud83d\\ude00"]', ['\ud83d', '\ude00\ud83d', '😀']],
    ['["\\u0000"]', ['\0']],
    ['  [1]\n', [1]],
  ]
  let body = ''
  await withServer(
    () => ({ body }),
    async ({ server, client }) => {
      for (const [text, expected] of cases) {
        body = text
        if (expected instanceof RegExp) {
          const error = await failureOf(client.get('x'))
          assert.is(error.code, 'E_PAYLOAD')
          assert.match(error.message, expected)
        } else assert.equal((await client.get('x')).body, expected, text)
      }
      assert.is(server.requests.length, cases.length, 'nothing was asked for again')
    },
  )
})

it('gives up a body that comes by single bytes, and asks again only where that is safe', () =>
  withServer(
    (_, index) => (index === 1 ? { json: ['whole'] } : { fault: 'slow-drip', json: 'x'.repeat(10_000), everyMs: 4 }),
    async ({ server, client }) => {
      assert.equal((await client.get('drip')).body, ['whole'])
      const error = await failureOf(client.request({ method: 'POST', path: 'drip', json: {} }))
      assert.is(error.code, 'E_TIMEOUT')
      assert.match(
        error.message,
        /the body came with fewer than 1024 bytes a second for 0.02 s; allow less with minBytesPerSecond/,
      )
      assert.is(server.requests.length, 3)
    },
    { rateWindowMs: 20 },
  ))

it('waits for single bytes where it is told to', () =>
  withServer(
    () => ({ fault: 'slow-drip', json: 'x'.repeat(10), everyMs: 4 }),
    async ({ client }) => assert.is((await client.get('drip')).body, 'x'.repeat(10)),
    { rateWindowMs: 10, minBytesPerSecond: 0 },
  ))

it('connects to no private network, under whatever name', () =>
  withServer(
    () => ({ json: [] }),
    async ({ server }) => {
      const port = server.host.split(':')[1]
      const hosts = [
        '127.0.0.1',
        'localhost',
        '2130706433',
        '0x7f.1',
        '127.1',
        '[::1]',
        '[::ffff:127.0.0.1]',
        '0.0.0.0',
      ]
      const others = [
        '10.1.2.3',
        '172.31.0.1',
        '192.168.0.1',
        '169.254.169.254',
        '100.64.0.1',
        '224.0.0.1',
        '255.255.255.255',
      ]
      const ipv6 = [
        '[::]',
        '[fe80::1]',
        '[fd12::1]',
        '[ff02::1]',
        '[::ffff:a00:1]',
        '[64:ff9b::a00:1]',
        '[::127.0.0.1]',
      ]
      for (const host of [...hosts, ...others, ...ipv6]) {
        const baseUrl = `http://${host}:${port}`
        const client = createHttpClient({ baseUrl, clock: recordingClock(), blockPrivateNetworks: true })
        const error = await failureOf(client.get('x'))
        assert.is(error.code, 'E_PRIVATE_NETWORK', host)
        assert.match(error.message, /was not sent: .* is an address of this machine or a private network/)
        assert.not(error.retryable)
        assert.not.match(error.message, /attempts/)
        await client.close()
      }
      assert.is(server.requests.length, 0)
      assert.is(server.connections, 0)
    },
  ))

it('tells private addresses from public ones, up to the edge of each network', () => {
  const ends = ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '100.127.255.255', '198.19.255.255']
  const isPrivate = [...ends, '169.254.0.0', '0.1.2.3', '::', '::1', 'fdff::1', 'febf::1', '::ffff:192.168.1.1']
  const beside = [
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '100.128.0.0',
    '192.169.0.0',
    '198.20.0.0',
  ]
  const isPublic = [...beside, '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::808:808']
  for (const address of isPrivate) assert.ok(isPrivateAddress(address), address)
  for (const address of [...isPublic, 'localhost', '']) assert.not(isPrivateAddress(address), address)
})

it('connects to no allowed host in a private network either', () =>
  withServer(
    () => ({ json: [] }),
    async ({ server }) => {
      const baseUrl = `http://localhost:${server.host.split(':')[1]}`
      const options = { baseUrl, clock: recordingClock(), allowedHosts: [server.host], blockPrivateNetworks: true }
      const client = createHttpClient(options)
      assert.is((await failureOf(client.get(`${server.url}/x`))).code, 'E_PRIVATE_NETWORK')
      await client.close()
    },
  ))

it('refuses limits that make no sense', () => {
  const baseUrl = 'http://127.0.0.1'
  const dispatcher = {} as never
  assert.throws(() => createHttpClient({ baseUrl, maxDepth: 0 }), /maxDepth must be a whole number from 1/)
  assert.throws(() => createHttpClient({ baseUrl, maxBodyBytes: 1.5 }), /maxBodyBytes must be a whole number from 1/)
  assert.throws(() => createHttpClient({ baseUrl, minBytesPerSecond: -1 }), /minBytesPerSecond must be a number from 0/)
  assert.throws(() => createHttpClient({ baseUrl, rateWindowMs: 0 }), /rateWindowMs must be from 1/)
  assert.throws(() => createHttpClient({ baseUrl, dispatcher, blockPrivateNetworks: true }), /leave out dispatcher/)
})

it.run()
