import { createTokenCache, type FetchContext, type FetchedToken, renewalShare } from '@millrace/auth'
import { Secret } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { recordingClock } from '../../../test/support/recording-clock.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { settle } from '../../../test/support/turns.ts'

const it = suite('createTokenCache')

interface Fetch {
  readonly context: FetchContext
  give(text: string, lifeMs?: number): void
  fail(thrown: unknown): void
}

/** Fetches that end when the test says so. */
function byHand() {
  const fetches: Fetch[] = []
  const fetch = (context: FetchContext): Promise<FetchedToken> =>
    new Promise((resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason))
      fetches.push({
        context,
        give: (text, lifeMs = 1000) => resolve({ token: new Secret(text), lifeMs }),
        fail: reject,
      })
    })
  return { fetches, fetch }
}

const revealed = (tokens: readonly Secret[]): string[] => tokens.map((token) => token.reveal())

it('fetches once, however many wait', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch)
  const waiting = Array.from({ length: 50 }, () => cache.get())
  await settle()
  assert.is(fetches.length, 1)
  fetches[0]?.give('one')
  assert.equal(revealed(await Promise.all(waiting)), Array(50).fill('one'))
  assert.is((await cache.get()).reveal(), 'one')
  assert.is(fetches.length, 1)
})

it('renews when 80 % of the life is over, counted from the question', async () => {
  assert.is(renewalShare, 0.8)
  const { fetches, fetch } = byHand()
  const clock = recordingClock()
  const cache = createTokenCache(fetch, { clock })
  const first = cache.get()
  clock.advance(100)
  fetches[0]?.give('one', 1000)
  await first
  clock.advance(699)
  assert.is((await cache.get()).reveal(), 'one')
  assert.is(fetches.length, 1)
  clock.advance(1)
  const second = cache.get()
  assert.is(fetches.length, 2)
  fetches[1]?.give('two')
  assert.is((await second).reveal(), 'two')
})

it('fails for all who wait, and starts anew for who asks later', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch)
  const waiting = Array.from({ length: 5 }, () => rejection(cache.get()))
  const failure = new Error('no')
  fetches[0]?.fail(failure)
  assert.equal(await Promise.all(waiting), Array(5).fill(failure))
  assert.is(fetches.length, 1)
  const later = cache.get()
  fetches[1]?.give('two')
  assert.is((await later).reveal(), 'two')
})

it('lets one go at once who aborts, and goes on for the others', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch)
  const controller = new AbortController()
  const reason = new Error('stop')
  const leaving = rejection(cache.get({ signal: controller.signal }))
  const staying = cache.get({ signal: new AbortController().signal })
  controller.abort(reason)
  assert.is(await leaving, reason)
  assert.not(fetches[0]?.context.signal.aborted)
  fetches[0]?.give('one')
  assert.is((await staying).reveal(), 'one')
})

it('aborts the fetch when nobody waits for it any more, and who comes then gets another', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch)
  const reason = new Error('stop')
  const controllers = [new AbortController(), new AbortController()]
  const leaving = controllers.map(({ signal }) => rejection(cache.get({ signal })))
  for (const controller of controllers) controller.abort(reason)
  assert.ok(fetches[0]?.context.signal.aborted)
  const next = cache.get()
  assert.equal(await Promise.all(leaving), [reason, reason])
  assert.is(fetches.length, 2)
  fetches[1]?.give('two')
  assert.is((await next).reveal(), 'two')
})

it('does not begin for who has aborted already', async () => {
  const { fetches, fetch } = byHand()
  const reason = new Error('stop')
  assert.is(await rejection(createTokenCache(fetch).get({ signal: AbortSignal.abort(reason) })), reason)
  assert.is(fetches.length, 0)
})

it('forgets the token that is meant, and none that is newer', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch, { first: new Secret('given') })
  assert.is((await cache.get()).reveal(), 'given')
  cache.forget((token) => token.reveal() === 'other')
  assert.is((await cache.get()).reveal(), 'given')
  cache.forget((token) => token.reveal() === 'given')
  const next = cache.get()
  fetches[0]?.give('one')
  await next
  cache.forget((token) => token.reveal() === 'given')
  assert.is((await cache.get()).reveal(), 'one')
  assert.is(fetches.length, 1)
})

it('uses a token that is given for as long as nobody refuses it', async () => {
  const { fetches, fetch } = byHand()
  const clock = recordingClock()
  const cache = createTokenCache(fetch, { clock, first: new Secret('given') })
  clock.advance(1e12)
  assert.is((await cache.get()).reveal(), 'given')
  assert.is(fetches.length, 0)
})

it('keeps the token in use and the one before secret', async () => {
  const { fetches, fetch } = byHand()
  const cache = createTokenCache(fetch, { first: new Secret('given') })
  assert.equal(revealed(cache.secrets), ['given'])
  for (const [index, text] of ['one', 'two'].entries()) {
    cache.forget(() => true)
    const next = cache.get()
    fetches[index]?.give(text)
    await next
  }
  assert.equal(revealed(cache.secrets), ['one', 'two'])
})

it.run()
