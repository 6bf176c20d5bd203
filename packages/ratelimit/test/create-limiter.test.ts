import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLimiter } from '@millrace/ratelimit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { createFakeClock } from '../../../test/support/fake-clock.ts'

const it = suite('createLimiter')

/** Lets everything happen that waits for no time: `bottleneck` takes a zero timer per step. */
async function settle(): Promise<void> {
  for (let step = 0; step < 5; step += 1) await new Promise((done) => setTimeout(done, 2))
}

/** A promise that the test settles when it likes. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

it('never runs more than maxConcurrency at one time, and uses all of it', async () => {
  const limiter = createLimiter({ maxConcurrency: 3 })
  let running = 0
  let most = 0
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, id) =>
      limiter.run(async () => {
        running += 1
        most = Math.max(most, running)
        await settle()
        running -= 1
        return id
      }),
    ),
  )
  assert.is(most, 3)
  assert.equal(answers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

it('starts first come, first served', async () => {
  const limiter = createLimiter({ requests: 1000, maxConcurrency: 2 })
  const started: number[] = []
  await Promise.all(
    Array.from({ length: 20 }, (_, id) =>
      limiter.run(async () => {
        started.push(id)
      }),
    ),
  )
  assert.equal(
    started,
    Array.from({ length: 20 }, (_, id) => id),
  )
})

it('starts no more than `requests` in any window of `perSeconds`', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
  try {
    const limiter = createLimiter({ requests: 4, perSeconds: 2 })
    const starts: number[] = []
    const all = Promise.all(
      Array.from({ length: 9 }, () =>
        limiter.run(async () => {
          starts.push(Date.now())
        }),
      ),
    )
    let isDone = false
    void all.then(() => {
      isDone = true
    })
    while (!isDone) {
      await turn()
      mock.timers.tick(10)
    }
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
    assert.ok(Math.min(...gaps) >= 500 - 10, `gaps ${gaps}`)
    for (const from of starts) assert.ok(starts.filter((at) => at >= from && at < from + 1990).length <= 4)
    assert.ok(Math.max(...gaps) <= 600, `no slower than it may be: ${gaps}`)
  } finally {
    mock.timers.reset()
  }
})

it('starts nobody during a pause, and everybody in order after it', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const started: number[] = []
  limiter.pause(5000)
  const all = Promise.all(
    [1, 2, 3].map((id) =>
      limiter.run(async () => {
        started.push(id)
      }),
    ),
  )
  await settle()
  assert.equal(started, [])
  await clock.advance(4999)
  await settle()
  assert.equal(started, [])
  await clock.advance(1)
  await all
  assert.equal(started, [1, 2, 3])
})

it('holds back those that were about to start when the pause began', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ maxConcurrency: 1, clock })
  const first = gate()
  const started: string[] = []
  const running = limiter.run(() => first.opened)
  const next = limiter.run(async () => {
    started.push('next')
  })
  await settle()
  limiter.pause(1000)
  first.open()
  await running
  await settle()
  assert.equal(started, [], 'what ran has ended, but the next waits for the pause')
  await clock.advance(1000)
  await next
  assert.equal(started, ['next'])
})

it('keeps the longer of two pauses', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  limiter.pause(1000)
  limiter.pause(10)
  let started = false
  const run = limiter.run(async () => {
    started = true
  })
  await settle()
  await clock.advance(10)
  await settle()
  assert.not(started, 'the shorter one does not end the longer one')
  limiter.pause(2990)
  await clock.advance(990)
  await settle()
  assert.not(started, 'the pause was prolonged while it was being waited for')
  await clock.advance(2000)
  await run
})

it('hands a failure to the caller as it is, and goes on', async () => {
  const limiter = createLimiter({ maxConcurrency: 1 })
  const failure = new Error('mine')
  const failed = limiter.run(() => Promise.reject(failure))
  const thrown = limiter.run(() => {
    throw failure
  })
  const after = limiter.run(async () => 'fine')
  assert.is(await failed.catch((reason: unknown) => reason), failure)
  assert.is(await thrown.catch((reason: unknown) => reason), failure)
  assert.is(await after, 'fine')
})

it('gives up its place when aborted, with the reason of the signal', async () => {
  const limiter = createLimiter({ maxConcurrency: 1 })
  const first = gate()
  const running = limiter.run(() => first.opened)
  const controller = new AbortController()
  let ran = false
  const aborted = limiter.run(
    async () => {
      ran = true
    },
    { signal: controller.signal },
  )
  const last = limiter.run(async () => 'last')
  await settle()
  const reason = new Error('stop')
  controller.abort(reason)
  assert.is(await aborted.catch((thrown: unknown) => thrown), reason)
  first.open()
  await running
  assert.is(await last, 'last')
  assert.not(ran)
})

it('starts nothing for a signal that was aborted before', async () => {
  const reason = new Error('stop')
  const limiter = createLimiter()
  const thrown = await limiter
    .run(async () => assert.unreachable(), { signal: AbortSignal.abort(reason) })
    .catch((error: unknown) => error)
  assert.is(thrown, reason)
})

it('stops waiting for a pause when nobody is left to start', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  limiter.pause(60_000)
  const controller = new AbortController()
  const aborted = limiter.run(async () => {}, { signal: controller.signal })
  await settle()
  assert.is(clock.sleeping, 1)
  controller.abort()
  await aborted.catch(() => {})
  assert.is(clock.sleeping, 0)
  const later = limiter.run(async () => 'later')
  await settle()
  await clock.advance(60_000)
  assert.is(await later, 'later')
})

it('starts no more than the answers announce, and goes on when the quota is full again', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  let started = 0
  const call = (remaining: number): Promise<void> =>
    limiter.run(async (announce) => {
      started += 1
      announce({ limit: 10, remaining, resetMs: 30_000 })
    })
  await call(1)
  await call(0)
  const next = call(9)
  await settle()
  await clock.advance(29_999)
  await settle()
  assert.is(started, 2)
  await clock.advance(1)
  await next
  assert.is(started, 3)
})

it('takes calls without an answer for calls that the announced number does not hold', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const slow = gate()
  const started: string[] = []
  const first = limiter.run(async () => {
    started.push('slow')
    await slow.opened
  })
  await settle()
  await limiter.run(async (announce) => announce({ remaining: 2, resetMs: 60_000 }))
  const all = ['a', 'b'].map((name) =>
    limiter.run(async () => {
      started.push(name)
    }),
  )
  await settle()
  assert.equal(started, ['slow', 'a'], 'of the two that are left, the slow one may take one')
  slow.open()
  await first
  await clock.advance(60_000)
  await Promise.all(all)
  assert.equal(started, ['slow', 'a', 'b'])
})

it('lets an answer that comes late neither raise the number nor end the pause', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const late = gate()
  const answers = [
    limiter.run(async (announce) => {
      await late.opened
      announce({ remaining: 5, resetMs: 10_000 })
    }),
    limiter.run(async (announce) => announce({ remaining: 1, resetMs: 10_000 })),
  ]
  await answers[1]
  late.open()
  await answers[0]
  let started = false
  const next = limiter.run(async () => {
    started = true
  })
  await settle()
  assert.not(started)
  await clock.advance(10_000)
  await next
})

it('wakes who waits for the quota when another answer says that there is more', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  const slow = gate()
  const first = limiter.run(async (announce) => {
    await slow.opened
    announce({ remaining: 1, resetMs: 60_000 })
  })
  await settle()
  await limiter.run(async (announce) => announce({ remaining: 1, resetMs: 60_000 }))
  const next = limiter.run(async () => 'started')
  await settle()
  assert.is(clock.sleeping, 1)
  slow.open()
  await first
  assert.is(await next, 'started')
  assert.is(clock.sleeping, 0)
})

it('takes a window that ends much later for a new one', async () => {
  const limiter = createLimiter({ clock: createFakeClock() })
  await limiter.run(async (announce) => {
    announce({ remaining: 0, resetMs: 1000 })
    announce({ remaining: 50, resetMs: 60_000 })
  })
  assert.is(await limiter.run(async () => 'started'), 'started')
})

it('does not let anybody wait longer than they would: those in the queue, and those that come', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock, maxConcurrency: 1 })
  const first = gate()
  const running = limiter.run(async (announce) => {
    await first.opened
    announce({ remaining: 0, resetMs: 3_600_000 })
  })
  const impatient = limiter.run(async () => assert.unreachable(), { maxWaitMs: 60_000 })
  const patient = limiter.run(async () => 'patient', { maxWaitMs: 3_600_000 })
  await settle()
  first.open()
  const error = await failureOf(impatient)
  assert.is(error.code, 'E_PAUSED')
  assert.ok(error.retryable)
  assert.is(error.retryAfterMs, 3_600_000)
  await running
  const late = await failureOf(limiter.run(async () => assert.unreachable(), { maxWaitMs: 60_000 }))
  assert.is(late.code, 'E_PAUSED')
  await clock.advance(3_600_000)
  assert.is(await patient, 'patient')
})

it('refuses options that make no sense', () => {
  assert.throws(() => createLimiter({ requests: 0 }), /requests must be a number above 0, got 0/)
  assert.throws(() => createLimiter({ requests: 1, perSeconds: -1 }), /perSeconds/)
  assert.throws(() => createLimiter({ maxConcurrency: 1.5 }), /maxConcurrency must be a whole number/)
  assert.throws(() => createLimiter().pause(Number.NaN), /ms must be a number from 0/)
})

it.run()
