import { setTimeout as sleep } from 'node:timers/promises'
import type { MillraceError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRandom } from '../../../test/support/random.ts'
import { withServer } from './with-server.ts'

const it = suite('http keep-alive')

const workers = 50

it('shows nobody that the server closes idle connections at any moment: 2,000 requests, no error', async () => {
  const random = createRandom(11)
  const retries: number[] = []
  await withServer(
    ({ path }) => ({ json: path, closeAfterMs: random.int(1, 15) }),
    async ({ client }) => {
      let next = 0
      async function work(): Promise<void> {
        while (next < 2000) {
          next += 1
          const path = `item/${next}`
          assert.is((await client.get(path)).body, `/${path}`)
          await sleep(random.int(0, 15))
        }
      }
      await Promise.all(Array.from({ length: workers }, work))
      assert.ok(retries.length > 0, 'no connection was closed at the wrong moment')
      assert.is(Math.max(...retries), 1, 'a retry never meets an old connection')
    },
    { emit: (event) => event.type === 'retry' && retries.push(event.attempt) },
  )
})

it('sends no POST twice when its connection is closed, unless the caller says that it may be', async () => {
  const random = createRandom(12)
  for (const idempotent of [false, true]) {
    await withServer(
      ({ body }) => ({ json: body, closeAfterMs: random.int(1, 15) }),
      async ({ server, client }) => {
        let next = 0
        const failures: MillraceError[] = []
        async function work(): Promise<void> {
          while (next < 500) {
            next += 1
            const json = next
            const request = { method: 'POST', path: 'items', json, idempotent } as const
            await client.request(request).catch((thrown: MillraceError) => failures.push(thrown))
            await sleep(random.int(0, 15))
          }
        }
        await Promise.all(Array.from({ length: workers }, work))
        if (idempotent) assert.equal(failures, [])
        for (const { code } of failures) assert.is(code, 'E_CONNECTION')
        const bodies = server.requests.map(({ body }) => body)
        if (!idempotent) assert.is(new Set(bodies).size, bodies.length, 'each arrived once at most')
      },
    )
  }
})

it.run()
