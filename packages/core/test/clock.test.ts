import { systemClock } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('systemClock')

it('sleeps and tells the time', async () => {
  const before = systemClock.now()
  await systemClock.sleep(2)
  await systemClock.sleep(0)
  assert.ok(systemClock.now() >= before)
})

it('rejects with signal.reason, before and during a sleep', async () => {
  const abort = new AbortController()
  const asleep = systemClock.sleep(3_600_000, abort.signal).catch((thrown: unknown) => thrown)
  abort.abort('enough')
  assert.is(await asleep, 'enough')
  for (const ms of [0, 10]) {
    assert.is(await systemClock.sleep(ms, abort.signal).catch((thrown: unknown) => thrown), 'enough')
  }
})

it('sleeps longer than a timer can hold', async () => {
  const abort = new AbortController()
  let isAwake = false
  const asleep = systemClock.sleep(2 ** 31, abort.signal).then(
    () => {
      isAwake = true
    },
    () => {},
  )
  await systemClock.sleep(15)
  abort.abort()
  await asleep
  assert.is(isAwake, false)
})

it.run()
