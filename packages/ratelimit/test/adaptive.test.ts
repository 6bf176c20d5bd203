import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLimiter, type Limiter } from '@millrace/ratelimit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts'
import { settle, soon } from '../../../test/support/turns.ts'

const it = suite('an adaptive limiter')

const secondMs = 1000
const minuteMs = 60_000

/** From start to answer. */
const callMs = 10

/** Decides about a call at a point in time. */
type Take = (now: number) => boolean

/** Servers that take `perSecond()` calls a second, each in its way, and refuse the others. */
const servers = {
  'a fixed window': (perSecond) => {
    let window = 0
    let taken = 0
    return (now) => {
      const current = Math.floor(now / secondMs)
      if (current !== window) taken = 0
      window = current
      if (taken >= perSecond()) return false
      taken += 1
      return true
    }
  },
  'a token bucket': (perSecond) => {
    let tokens = perSecond()
    let filledAt = Number.NEGATIVE_INFINITY
    return (now) => {
      tokens = Math.min(perSecond(), tokens + ((now - filledAt) / secondMs) * perSecond())
      filledAt = now
      if (tokens < 1) return false
      tokens -= 1
      return true
    }
  },
} satisfies Readonly<Record<string, (perSecond: () => number) => Take>>

interface Calls {
  readonly accepted: number
  readonly refused: number
}

/** So many callers call without a break, each with one call at a time. */
function startCallers(callers: number, limiter: Limiter, clock: FakeClock, take: Take) {
  const total = { accepted: 0, refused: 0 }
  const controller = new AbortController()
  const { signal } = controller
  async function callOn(): Promise<void> {
    while (!signal.aborted) {
      await limiter.run(
        async (announce) => {
          const isRefused = !take(clock.now())
          total[isRefused ? 'refused' : 'accepted'] += 1
          await clock.sleep(callMs)
          announce({ isRefused })
        },
        { signal },
      )
    }
  }
  const all = Array.from({ length: callers }, () => callOn().catch(() => {}))
  return {
    async callsIn(ms: number): Promise<Calls> {
      const before = { ...total }
      await clock.advance(ms)
      return { accepted: total.accepted - before.accepted, refused: total.refused - before.refused }
    },
    async end(): Promise<void> {
      controller.abort()
      await clock.advance(callMs)
      await Promise.all(all)
    },
  }
}

/** Each time the limit is tried again, a call or two are refused: 5 % of two a second, 1 % of ten. */
const mostRefusedPerMinute = 6

function isNear({ accepted }: Calls, perSecond: number): void {
  const share = accepted / (60 * perSecond)
  assert.ok(share > 0.85 && share < 1.15, `${accepted} of ${perSecond} a second were taken in a minute`)
}

function isFound(calls: Calls, perSecond: number): void {
  isNear(calls, perSecond)
  assert.ok(calls.refused <= mostRefusedPerMinute, `${calls.refused} were refused in a minute`)
}

for (const [name, server] of Object.entries(servers)) {
  for (const callers of [1, 8]) {
    for (const perSecond of [2, 10, 50]) {
      it(`finds ${perSecond} calls a second, counted by ${name}, with ${callers} at a time`, async () => {
        const clock = createFakeClock()
        const limiter = createLimiter({ adaptive: true, clock })
        const take = server(() => perSecond)
        const calls = startCallers(callers, limiter, clock, take)
        isNear(await calls.callsIn(minuteMs), perSecond)
        isFound(await calls.callsIn(minuteMs), perSecond)
        await calls.end()
      })
    }
  }

  it(`finds a limit again that changes, counted by ${name}`, async () => {
    const clock = createFakeClock()
    const limiter = createLimiter({ adaptive: true, clock })
    let perSecond = 10
    const take = server(() => perSecond)
    const calls = startCallers(8, limiter, clock, take)
    for (perSecond of [10, 4, 20]) {
      await calls.callsIn(minuteMs)
      isFound(await calls.callsIn(minuteMs), perSecond)
    }
    await calls.end()
  })
}

it('goes down to what is still taken where the limit drops far, and not step by step', async () => {
  const clock = createFakeClock()
  let perSecond = 50
  const take = servers['a fixed window'](() => perSecond)
  const calls = startCallers(8, createLimiter({ adaptive: true, clock }), clock, take)
  await calls.callsIn(minuteMs)
  perSecond = 2
  const { refused } = await calls.callsIn(minuteMs)
  assert.ok(refused <= 60, `${refused} were refused; in steps of a fifth it is 200`)
  await calls.end()
})

it('slows nothing down that is not refused', async () => {
  async function accepted(adaptive: boolean): Promise<number> {
    const clock = createFakeClock()
    const calls = startCallers(8, createLimiter({ adaptive, clock }), clock, () => true)
    const { accepted } = await calls.callsIn(10 * secondMs)
    await calls.end()
    return accepted
  }
  const without = await accepted(false)
  assert.ok(without > 7000, `${without} calls`)
  assert.is(await accepted(true), without)
})

/** Between two calls, after the first call ever was refused: one a second was too many, so that 0.8 are made. */
const gapMs = 1250

it('takes refusals of calls that are under way together for one', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, clock })
  const refuse = (): Promise<void> =>
    limiter.run(async (announce) => {
      await clock.sleep(callMs)
      announce({ isRefused: true })
    })
  const underWay = Array.from({ length: 100 }, refuse)
  await clock.advance(callMs)
  await Promise.all(underWay)
  const next = limiter.run(async () => 'started')
  await clock.advance(gapMs - callMs)
  assert.is(await soon(next, 'the next call'), 'started')
})

it('starts first come, first served, and spaces the starts', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, clock })
  await limiter.run(async (announce) => announce({ isRefused: true }))
  const started: string[] = []
  const all = ['a', 'b', 'c'].map((name) => limiter.run(async () => started.push(name)))
  await clock.advance(gapMs - 1)
  assert.equal(started, [])
  await clock.advance(1)
  assert.equal(started, ['a'])
  await clock.advance(gapMs)
  assert.equal(started, ['a', 'b'])
  await clock.advance(gapMs)
  assert.equal(started, ['a', 'b', 'c'])
  await Promise.all(all)
})

it('holds back those that were about to start when the pace was cut', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, maxConcurrency: 1, clock })
  const first = limiter.run(async (announce) => {
    await clock.sleep(callMs)
    announce({ isRefused: true })
  })
  let isStarted = false
  const next = limiter.run(async () => {
    isStarted = true
  })
  // `bottleneck` takes timers of its own to give each its place.
  while (clock.sleeping === 0) await settle()
  await clock.advance(callMs)
  await first
  while (clock.sleeping === 0 && !isStarted) await settle()
  assert.not(isStarted)
  await clock.advance(gapMs)
  await next
})

it('gives up its place when aborted, and lets nobody sleep for it', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, clock })
  await limiter.run(async (announce) => announce({ isRefused: true }))
  const controller = new AbortController()
  const { signal } = controller
  const aborted = limiter.run(async () => assert.unreachable(), { signal })
  await settle()
  assert.is(clock.sleeping, 1)
  const reason = new Error('stop')
  controller.abort(reason)
  assert.is(await aborted.catch((thrown: unknown) => thrown), reason)
  assert.is(clock.sleeping, 0)
})

it('does not count its own pace as a wait that the server asked for', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, clock })
  await limiter.run(async (announce) => announce({ isRefused: true }))
  const next = limiter.run(async () => 'started', { maxWaitMs: 0 })
  await clock.advance(gapMs)
  assert.is(await next, 'started')
})

it('has the same pace after a pause as before it', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ adaptive: true, clock })
  await limiter.run(async (announce) => announce({ isRefused: true }))
  limiter.pause(10 * minuteMs)
  let started = 0
  const all = [1, 2].map(() =>
    limiter.run(async () => {
      started += 1
    }),
  )
  await clock.advance(10 * minuteMs)
  assert.is(started, 1)
  await clock.advance(1000)
  assert.is(started, 1, 'the other is a gap behind')
  await clock.advance(gapMs - 1000)
  await Promise.all(all)
})

it('still asks a server that refuses everything, a few times a minute', async () => {
  const clock = createFakeClock()
  const calls = startCallers(8, createLimiter({ adaptive: true, clock }), clock, () => false)
  await calls.callsIn(5 * minuteMs)
  const { refused } = await calls.callsIn(minuteMs)
  assert.ok(refused >= 4 && refused <= 8, `${refused} calls`)
  await calls.end()
})

it('starts no more than `requests`, however much the server takes', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
  try {
    const limiter = createLimiter({ adaptive: true, requests: 4 })
    const starts: number[] = []
    while (starts.length < 9) {
      const call = limiter.run(async () => starts.push(Date.now()))
      let isDone = false
      void call.then(() => {
        isDone = true
      })
      while (!isDone) {
        await turn()
        mock.timers.tick(10)
      }
    }
    for (const from of starts) assert.ok(starts.filter((at) => at >= from && at < from + 990).length <= 4)
  } finally {
    mock.timers.reset()
  }
})

it.run()
