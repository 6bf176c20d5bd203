import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type JsonValue, type MillraceEvent, secret } from '@millrace/core'
import { type Authenticator, HttpStatusError, type Judge, type JudgedAnswer, type Verdict } from '@millrace/http'
import type { Limiter } from '@millrace/ratelimit'
import { WaitTooLongError } from '@millrace/retry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Fault, Reply } from '../../../test/support/http-server.ts'
import { unhandledDuring } from '../../../test/support/unhandled-during.ts'
import { withServer } from './with-server.ts'

const it = suite('judge')

const always =
  (verdict: Verdict): Judge =>
  () =>
    verdict

it('sees every complete answer, whatever its status and body', async () => {
  const cases: [reply: Reply, body: JsonValue, text: string][] = [
    [{ json: { a: [1] } }, { a: [1] }, '{"a":[1]}'],
    [{ body: '{"id":9007199254740993}' }, { id: 9007199254740993n }, '{"id":9007199254740993}'],
    [{ body: 'plain words' }, 'plain words', 'plain words'],
    [{ body: '' }, '', ''],
    [{ status: 204 }, null, ''],
    [{ status: 404, json: { error: 'gone' } }, { error: 'gone' }, '{"error":"gone"}'],
    [{ status: 404, body: '<p>gone' }, '<p>gone', '<p>gone'],
    [{ status: 404 }, '', ''],
    [{ status: 503, json: 'busy' }, 'busy', '"busy"'],
    [
      { status: 400, headers: { 'content-encoding': 'gzip' }, body: gzipSync('{"packed":true}') },
      { packed: true },
      '{"packed":true}',
    ],
  ]
  for (const [reply, body, text] of cases) {
    await withServer(
      () => ({ ...reply, headers: { ...reply.headers, 'x-code': 'E17' } }),
      async ({ server, client }) => {
        const seen: JudgedAnswer[] = []
        const judge: Judge = (answer) => {
          seen.push({ ...answer })
          return 'ignore'
        }
        const response = await client.get('a?token=canary', { judge, retry: { maxRetries: 0 } })
        const name = inspect(reply)
        assert.is(seen.length, 1, name)
        assert.is(seen[0]?.status, reply.status ?? 200, name)
        assert.equal(seen[0]?.body, body, name)
        assert.is(seen[0]?.text, text, name)
        assert.is(seen[0]?.headers.get('X-Code'), 'E17')
        assert.is(seen[0]?.url, `${server.url}/a?token=[redacted]`)
        assert.equal(response.body, body, name)
        assert.is(response.ignored, true)
        assert.is(response.status, reply.status ?? 200)
      },
    )
  }
})

it('is not asked about redirects, nor about answers that are not complete', async () => {
  const asked: number[] = []
  const judge: Judge = ({ status }) => {
    asked.push(status)
    return undefined
  }
  await withServer(
    ({ path }) => {
      if (path === '/from') return { status: 302, headers: { location: '/to' } }
      return path === '/to' ? { json: ['there'] } : { fault: 'truncated-body', json: 'x'.repeat(99) }
    },
    async ({ client }) => {
      assert.equal((await client.get('from', { judge })).body, ['there'])
      assert.is((await failureOf(client.get('cut', { judge, retry: { maxRetries: 0 } }))).code, 'E_CONNECTION')
      assert.equal(asked, [200])
    },
  )
})

it('leaves an answer to its status and body where it has no opinion', async () => {
  const judge: Judge = () => undefined
  await withServer(
    ({ path }, index) => {
      if (path === '/fine') return { json: ['fine'] }
      if (path === '/gone') return { status: 410, body: 'gone' }
      if (path === '/html') return { body: '<p>log in' }
      return index % 2 === 1 ? { status: 503 } : { json: ['in the end'] }
    },
    async ({ client, clock }) => {
      const response = await client.get('fine', { judge })
      assert.equal(response.body, ['fine'])
      assert.is(response.ignored, undefined)
      assert.is((await client.get('busy', { judge })).meta.attempt, 2)
      assert.equal(clock.slept, [2000])
      const gone = await failureOf(client.get('gone', { judge }))
      assert.ok(gone instanceof HttpStatusError && gone.status === 410)
      assert.match((await failureOf(client.get('html', { judge }))).message, /HTML or XML, such as a login page/)
    },
  )
})

it('retry: the answer counts as a failure that passes', async () => {
  const judge: Judge = ({ text }) => (text.includes('not ready') ? 'retry' : undefined)
  await withServer(
    (_, index): Reply =>
      index < 2
        ? { json: { state: 'not ready' }, ...(index === 1 && { headers: { 'retry-after': '30' } }) }
        : { json: { state: 'done' } },
    async ({ client, clock }) => {
      const response = await client.get('report', { judge })
      assert.equal(response.body, { state: 'done' })
      assert.is(response.meta.attempt, 3)
      assert.equal(clock.slept, [2000, 30_000])
    },
  )
  await withServer(
    () => ({ json: { state: 'not ready' } }),
    async ({ server, client }) => {
      const error = await failureOf(client.request({ method: 'POST', path: 'report', json: {}, judge }))
      assert.is(error.code, 'E_RESPONSE_RULE')
      assert.is(
        error.message,
        `POST ${server.url}/report answered 200: a rule takes this for a failure that passes: {"state":"not ready"} (after 4 attempts)`,
      )
      assert.equal(error.context, { method: 'POST', url: `${server.url}/report`, status: 200, attempts: 4 })
      assert.is(server.requests.length, 4)
    },
  )
})

it('retry: pauses the limiter for everybody, and ends where the wait is too long', async () => {
  const pauses: number[] = []
  const limiter: Limiter = { run: (fn) => fn(() => {}), pause: (ms) => void pauses.push(ms) }
  await withServer(
    ({ path }) => ({ headers: { 'retry-after': path === '/long' ? '3600' : '3' }, json: 'wait' }),
    async ({ client }) => {
      await failureOf(client.get('short', { judge: always('retry'), retry: { maxRetries: 1 } }))
      assert.equal(pauses, [3000, 3000])
      assert.instance(await failureOf(client.get('long', { judge: always('retry') })), WaitTooLongError)
    },
    { limiter },
  )
})

it('fail: an answer of any status is an error, and is not asked for again', async () => {
  for (const status of [200, 404, 503]) {
    await withServer(
      ({ headers }) => ({ status, json: { errors: [{ code: 'NO_PLAN', echo: headers['x-key'] }] } }),
      async ({ server, client }) => {
        const error = await failureOf(client.get('x', { judge: always('fail') }))
        assert.is(error.code, 'E_RESPONSE_RULE')
        assert.is(
          error.message,
          `GET ${server.url}/x answered ${status}: a rule takes this for a failure: {"errors":[{"code":"NO_PLAN","echo":"[redacted]"}]}`,
        )
        assert.not(error.retryable)
        assert.is(server.requests.length, 1)
      },
      { headers: { 'x-key': 'canary-key' }, secrets: [secret('canary-key')] },
    )
  }
})

it('ignore: a status that is tried again is ignored only in the end', async () => {
  const events: MillraceEvent[] = []
  await withServer(
    () => ({ status: 503, json: { error: 'busy' } }),
    async ({ server, client, clock }) => {
      const response = await client.get('busy', { judge: always('ignore') })
      assert.is(server.requests.length, 4)
      assert.equal(clock.slept, [2000, 4000, 8000])
      assert.is(response.status, 503)
      assert.is(response.ignored, true)
      assert.equal(response.body, { error: 'busy' })
      assert.is(response.meta.attempt, 4)
      assert.is(events.filter(({ type }) => type === 'retry').length, 3)
    },
    { emit: (event) => events.push(event) },
  )
  await withServer(
    (_, index) => (index === 0 ? { status: 503 } : { json: ['there'] }),
    async ({ client }) => {
      const judge: Judge = ({ status }) => (status === 503 ? 'ignore' : undefined)
      const response = await client.get('x', { judge })
      assert.equal(response.body, ['there'])
      assert.is(response.ignored, undefined)
    },
  )
})

it('ignore: an earlier answer does not stand in for a later failure', async () => {
  const judge: Judge = ({ status }) => (status === 503 ? 'ignore' : undefined)
  const later: [code: string, second: Reply | Fault][] = [
    ['E_HTTP_STATUS', { status: 400 }],
    ['E_CONNECTION', { fault: 'reset-before-headers' }],
    ['E_WAIT_TOO_LONG', { status: 503, headers: { 'retry-after': '3600' } }],
  ]
  for (const [code, second] of later) {
    await withServer(
      (_, index) => (index === 0 ? { status: 503 } : second),
      async ({ client }) => {
        assert.is((await failureOf(client.get('x', { judge, retry: { maxRetries: 2 } }))).code, code)
      },
    )
  }
})

it('{ body }: takes the place of what was said, and is a success', async () => {
  for (const status of [200, 404, 503]) {
    await withServer(
      () => ({ status, body: 'no' }),
      async ({ server, client }) => {
        const response = await client.get('x', { judge: always({ body: [{ id: 1 }] }) })
        assert.equal(response.body, [{ id: 1 }])
        assert.is(response.status, status)
        assert.is(response.ignored, undefined)
        assert.is(server.requests.length, 1)
      },
    )
  }
})

const token = secret('canary-token-1')
const renewable = (): Authenticator => {
  let isNew = false
  return {
    name: 'renewable',
    secrets: [token],
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: isNew ? 'new' : 'old' } }),
    renew: () => {
      isNew = true
    },
  }
}

it('refresh_auth: the credentials are renewed, once, and the request is sent again at once', async () => {
  const judge: Judge = ({ text }) => (text.includes('session over') ? 'refresh_auth' : undefined)
  await withServer(
    ({ headers }) => ({ json: headers['authorization'] === 'new' ? ['in'] : { error: 'session over' } }),
    async ({ server, client, clock }) => {
      const response = await client.get('x', { judge })
      assert.equal(response.body, ['in'])
      assert.is(server.requests.length, 2)
      assert.equal(clock.slept, [])
    },
    { auth: renewable() },
  )
  await withServer(
    () => ({ json: { error: 'session over' } }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x', { judge }))
      assert.is(error.code, 'E_AUTH')
      assert.is(
        error.message,
        `GET ${server.url}/x answered 200: a rule takes this for refused credentials, and those of auth "renewable" are new: check them`,
      )
      assert.is(server.requests.length, 2)
    },
    { auth: renewable() },
  )
})

it('refresh_auth: says so where nothing can be renewed', async () => {
  const { renew: _, ...fixed } = renewable()
  const cases: [auth: Authenticator | undefined, message: RegExp][] = [
    [undefined, /refused credentials, and no auth is configured$/],
    [fixed, /refused credentials, and auth "renewable" has none that could be renewed$/],
  ]
  for (const [auth, message] of cases) {
    await withServer(
      () => ({ json: [] }),
      async ({ server, client }) => {
        const error = await failureOf(client.get('x', { judge: always('refresh_auth') }))
        assert.is(error.code, 'E_AUTH')
        assert.match(error.message, message)
        assert.is(server.requests.length, 1)
      },
      auth ? { auth } : {},
    )
  }
})

it('that throws, or gives what is no verdict, is an error of the rule', async () => {
  const cases: [judge: unknown, message: RegExp][] = [
    [
      () => {
        throw new TypeError('no field of canary-token-1')
      },
      /x answered 404, and the rule about it failed: no field of \[redacted\]$/,
    ],
    [() => 'ingore', /x answered 404, and the rule about it gave neither "ignore", "retry", /],
    [async () => 'ignore', /gave neither .*; it must answer at once$/],
    [() => Promise.reject(new Error('late')), /gave neither .*; it must answer at once$/],
    [() => null, /gave neither/],
    [() => ({}), /gave neither/],
    [() => ({ body: undefined }), /gave neither/],
  ]
  const unhandled = await unhandledDuring(async () => {
    for (const [judge, message] of cases) await expectRuleError(judge as Judge, message)
  })
  assert.equal(unhandled, [])
})

function expectRuleError(judge: Judge, message: RegExp): Promise<void> {
  return withServer(
    () => ({ status: 404 }),
    async ({ client }) => {
      const error = await failureOf(client.get('x', { judge }))
      assert.is(error.code, 'E_RESPONSE_RULE')
      assert.match(error.message, message)
      assert.not(error.retryable)
      assert.not.match(inspect(error), /canary/)
    },
    { secrets: [token] },
  )
}

it.run()
