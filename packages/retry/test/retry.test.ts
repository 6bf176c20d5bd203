import { inspect } from 'node:util'
import { type Emit, isMillraceError, MillraceError, type MillraceEvent } from '@millrace/core'
import { type Backoff, createRetryBudget, exponential, retry, WaitTooLongError } from '@millrace/retry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { recordingClock } from '../../../test/support/recording-clock.ts'

const it = suite('retry')

const fixed: Backoff = { name: 'fixed', waitMs: (n) => n * 100 }

function busy(options: { retryAfterMs?: number; retryable?: boolean } = {}): MillraceError {
  return new MillraceError('E_BUSY', 'the server is busy', {
    retryable: true,
    context: { stream: 'events' },
    ...options,
  })
}

/** Fails with the given errors, in order, then answers. */
function failing(...errors: unknown[]): { attempt: (n: number) => Promise<string>; numbers: number[] } {
  const numbers: number[] = []
  const attempt = async (n: number): Promise<string> => {
    numbers.push(n)
    if (errors.length > 0) throw errors.shift()
    return 'answer'
  }
  return { attempt, numbers }
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.unreachable('should have failed'),
    (thrown: unknown) => thrown,
  )
}

it('gives the answer of the first attempt that succeeds', async () => {
  const clock = recordingClock()
  const { attempt, numbers } = failing(busy(), busy())
  assert.is(await retry(attempt, { clock, backoff: fixed }), 'answer')
  assert.equal(numbers, [1, 2, 3])
  assert.equal(clock.slept, [100, 200])
})

it('waits about 2, 4 and 8 s by default and stops after three retries', async () => {
  const clock = recordingClock()
  const { attempt, numbers } = failing(busy(), busy(), busy(), busy(), busy())
  await failureOf(retry(attempt, { clock, random: () => 0.5 }))
  assert.equal(numbers, [1, 2, 3, 4])
  assert.equal(clock.slept, [2000, 4000, 8000])
})

it('throws the last error itself, which says how many attempts were made', async () => {
  const last = busy()
  const { attempt } = failing(busy(), last)
  const thrown = await failureOf(retry(attempt, { clock: recordingClock(), maxRetries: 1 }))
  assert.is(thrown, last)
  assert.is(last.message, 'the server is busy (after 2 attempts)')
  assert.equal(last.context, { stream: 'events', attempts: 2 })
  assert.match(inspect(last), /the server is busy \(after 2 attempts\)/)
})

it('leaves an error alone that counts its attempts itself', async () => {
  const last = new MillraceError('E_BUSY', 'busy after 2 attempts', { retryable: true, context: { attempts: 2 } })
  const { attempt } = failing(busy(), last)
  await failureOf(retry(attempt, { clock: recordingClock(), maxRetries: 1 }))
  assert.is(last.message, 'busy after 2 attempts')
})

it('does not repeat what is not retryable', async () => {
  const foreign = new TypeError('a bug')
  const permanent = busy({ retryable: false })
  for (const thrown of [foreign, permanent, 'a string']) {
    const { attempt, numbers } = failing(thrown)
    assert.is(await failureOf(retry(attempt, { clock: recordingClock() })), thrown)
    assert.equal(numbers, [1])
  }
  assert.is(permanent.message, 'the server is busy', 'one attempt needs no counting')
})

it('lets isRetryable decide', async () => {
  const { attempt, numbers } = failing(new TypeError('flaky'))
  await retry(attempt, { clock: recordingClock(), isRetryable: (thrown) => thrown instanceof TypeError })
  assert.equal(numbers, [1, 2])
})

it('waits as long as the other side asked, and never less', async () => {
  const clock = recordingClock()
  const { attempt } = failing(busy({ retryAfterMs: 60_000 }), busy({ retryAfterMs: 10 }))
  await retry(attempt, { clock, backoff: fixed })
  assert.equal(clock.slept, [60_000, 10])
})

it('falls back to the backoff where the other side asked for no wait at all', async () => {
  const clock = recordingClock()
  await retry(failing(busy({ retryAfterMs: 0 })).attempt, { clock, backoff: fixed })
  assert.equal(clock.slept, [100])
})

it('ends with the time to come back where it would wait too long', async () => {
  const clock = recordingClock(Date.parse('2026-01-01T00:00:00Z'))
  const cause = busy({ retryAfterMs: 3_600_000 })
  const thrown = await failureOf(retry(failing(cause).attempt, { clock, maxWaitMs: 60_000 }))
  assert.instance(thrown, WaitTooLongError)
  if (!(thrown instanceof WaitTooLongError)) return
  assert.is(thrown.code, 'E_WAIT_TOO_LONG')
  assert.is(thrown.resumeAt, '2026-01-01T01:00:00.000Z')
  assert.is(thrown.cause, cause)
  assert.equal(thrown.context, { stream: 'events', resumeAt: '2026-01-01T01:00:00.000Z' })
  assert.match(thrown.message, /the server is busy; it asked to wait 3600 s, longer than the 60 s allowed/)
  assert.equal(clock.slept, [])
})

it('says when to come back even where no retry is left', async () => {
  const asked = busy({ retryAfterMs: 3_600_000 })
  const thrown = await failureOf(retry(failing(asked).attempt, { maxRetries: 0, clock: recordingClock() }))
  assert.instance(thrown, WaitTooLongError)
  const never = busy({ retryAfterMs: 3_600_000, retryable: false })
  assert.is(await failureOf(retry(failing(never).attempt, { clock: recordingClock() })), never)
})

it('survives a wait that no date can hold', async () => {
  const thrown = await failureOf(retry(failing(busy({ retryAfterMs: Number.MAX_VALUE })).attempt))
  assert.instance(thrown, WaitTooLongError)
})

it('cuts a backoff to maxWaitMs', async () => {
  const clock = recordingClock()
  await retry(failing(busy(), busy(), busy()).attempt, { clock, random: () => 0.5, maxWaitMs: 3000 })
  assert.equal(clock.slept, [2000, 3000, 3000])
})

it('starts no retry after the deadline', async () => {
  const clock = recordingClock()
  const { attempt, numbers } = failing(busy(), busy(), busy())
  const thrown = await failureOf(retry(attempt, { clock, backoff: fixed, deadlineMs: 300 }))
  assert.equal(numbers, [1, 2])
  assert.equal(clock.slept, [100])
  assert.ok(isMillraceError(thrown) && thrown.context['attempts'] === 2)
})

it('rejects with the reason of the signal', async () => {
  const reason = new Error('stop')
  const before = failing()
  assert.is(await failureOf(retry(before.attempt, { signal: AbortSignal.abort(reason) })), reason)
  assert.equal(before.numbers, [], 'nothing was attempted')

  const waiting = new AbortController()
  const emit: Emit = () => waiting.abort(reason)
  assert.is(await failureOf(retry(failing(busy()).attempt, { signal: waiting.signal, emit })), reason)

  const during = new AbortController()
  const attempt = async (): Promise<string> => {
    during.abort(reason)
    throw busy()
  }
  assert.is(await failureOf(retry(attempt, { signal: during.signal })), reason)
})

it('tells of every retry', async () => {
  const events: MillraceEvent[] = []
  const emit: Emit = (event) => events.push(event)
  await retry(failing(busy(), busy()).attempt, { clock: recordingClock(), backoff: fixed, emit })
  assert.equal(events, [
    { type: 'retry', reason: 'the server is busy', attempt: 1, waitMs: 100 },
    { type: 'retry', reason: 'the server is busy', attempt: 2, waitMs: 200 },
  ])
})

it('leaves a dead server alone once the budget is spent', async () => {
  const budget = createRetryBudget({ capacity: 4 })
  const clock = recordingClock()
  const events: string[] = []
  const counts: number[] = []
  for (let call = 0; call < 3; call += 1) {
    const { attempt, numbers } = failing(busy(), busy(), busy(), busy())
    await failureOf(retry(attempt, { clock, budget, emit: (event) => events.push(event.type) }))
    counts.push(numbers.length)
  }
  assert.equal(counts, [4, 2, 1])
  assert.equal(events, ['retry', 'retry', 'retry', 'retry', 'warning', 'warning'])
})

it('gives a living server its budget back', async () => {
  const budget = createRetryBudget({ capacity: 2 })
  for (let call = 0; call < 5; call += 1) {
    await retry(failing(busy(), busy()).attempt, { clock: recordingClock(), budget })
  }
  assert.ok(budget.take())
  assert.ok(budget.take())
  assert.not(budget.take(), 'never more than its capacity')
})

it('refuses options that make no sense', async () => {
  for (const maxRetries of [-1, 1.5, Number.NaN]) {
    const thrown = await failureOf(retry(failing().attempt, { maxRetries }))
    assert.match(String(thrown), /maxRetries must be a whole number from 0/)
  }
  assert.throws(() => exponential({ factor: 0.5 }), /factor must be a number from 1/)
  assert.throws(() => exponential({ baseMs: -1 }), /baseMs/)
  assert.throws(() => exponential({ jitter: 2 }), /jitter/)
  assert.throws(() => createRetryBudget({ capacity: 0 }), /capacity/)
})

it.run()
