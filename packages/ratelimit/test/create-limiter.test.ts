import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLimiter } from '@millrace/ratelimit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
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
  const aborted = limiter.run(async () => {
    ran = true
  }, controller.signal)
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
    .run(async () => assert.unreachable(), AbortSignal.abort(reason))
    .catch((error: unknown) => error)
  assert.is(thrown, reason)
})

it('stops waiting for a pause when nobody is left to start', async () => {
  const clock = createFakeClock()
  const limiter = createLimiter({ clock })
  limiter.pause(60_000)
  const controller = new AbortController()
  const aborted = limiter.run(async () => {}, controller.signal)
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

it('refuses options that make no sense', () => {
  assert.throws(() => createLimiter({ requests: 0 }), /requests must be a number above 0, got 0/)
  assert.throws(() => createLimiter({ requests: 1, perSeconds: -1 }), /perSeconds/)
  assert.throws(() => createLimiter({ maxConcurrency: 1.5 }), /maxConcurrency must be a whole number/)
  assert.throws(() => createLimiter().pause(Number.NaN), /ms must be a number from 0/)
})

it.run()
