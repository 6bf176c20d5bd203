import { createHttpClient } from '@millrace/http'
import { createLimiter } from '@millrace/ratelimit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock } from '../../../test/support/fake-clock.ts'
import { type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { settle } from '../../../test/support/turns.ts'
import { withServer } from './with-server.ts'

const it = suite('http, told to wait no longer')

const reason = new Error('enough waited')

it('ends the wait for a retry, also where `signal` is given beside it', async () => {
  const clock = createFakeClock()
  await withServer(
    () => ({ status: 503 }),
    async ({ server, client }) => {
      for (const more of [{}, { signal: new AbortController().signal }]) {
        const stop = new AbortController()
        const asked = rejection(client.get('busy', { waitSignal: stop.signal, ...more }))
        while (clock.sleeping === 0) await settle(1)
        stop.abort(reason)
        assert.is(await asked, reason)
        assert.is(clock.sleeping, 0)
      }
      assert.is(server.requests.length, 2)
    },
    { clock },
  )
})

it('ends the wait for a place', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  await withServer(
    () => ({ json: [] }),
    async ({ server, client }) => {
      limiter.pause(60_000)
      const stop = new AbortController()
      const asked = rejection(client.get('paused', { waitSignal: stop.signal }))
      await settle()
      stop.abort(reason)
      assert.is(await asked, reason)
      assert.is(clock.sleeping, 0)
      assert.is(await rejection(client.get('later', { waitSignal: stop.signal })), reason)
      assert.is(server.requests.length, 0)
    },
    { clock, limiter },
  )
})

it('finishes an attempt that is under way, and makes no other when it fails', async () => {
  for (const reply of [{ json: 'whole' }, { status: 503 }]) {
    let answer = (_: Reply): void => {}
    let arrive = (): void => {}
    const isThere = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const server = await startHttpServer(() => {
      arrive()
      return new Promise<Reply>((resolve) => {
        answer = resolve
      })
    })
    const client = createHttpClient({ baseUrl: server.url })
    const stop = new AbortController()
    const asked = client.get('slow', { waitSignal: stop.signal, signal: new AbortController().signal })
    await isThere
    stop.abort(reason)
    answer(reply)
    if ('json' in reply) assert.is((await asked).body, 'whole')
    else assert.is(await rejection(asked), reason)
    assert.is(server.requests.length, 1)
    await client.close()
    await server.close()
  }
})

it.run()
