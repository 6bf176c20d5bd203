import { bufferCountOrTime } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock } from '../../../test/support/fake-clock.ts'
import { createProbeSource } from '../../../test/support/probe-source.ts'
import { settle } from '../../../test/support/turns.ts'

const it = suite('bufferCountOrTime')

it('hands over a full group without waiting for the time, and stops its timer', async () => {
  const clock = createFakeClock()
  const groups = bufferCountOrTime<number>(3, 1_000, { clock })(createProbeSource({ item: (n) => n, length: 7 }))
  const seen: (readonly number[])[] = []
  for await (const group of groups) {
    seen.push(group)
    assert.is(clock.sleeping, 0)
  }
  assert.equal(seen, [[0, 1, 2], [3, 4, 5], [6]])
})

it('hands over what is there when the time is up, and never an empty group', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const source = createProbeSource({ item: (n) => n, hangAt: 2 })
  const iterator = bufferCountOrTime<number>(5, 1_000, { clock, signal: abort.signal })(source)[Symbol.asyncIterator]()

  const first = iterator.next()
  await clock.advance(1_000)
  assert.equal(await first, { done: false, value: [0, 1] })

  let isDone = false
  const second = iterator.next().catch((thrown: unknown) => thrown)
  void second.then(() => {
    isDone = true
  })
  await clock.advance(10_000)
  assert.is(isDone, false, 'an empty group is not worth a wake-up')
  abort.abort('enough')
  assert.is(await second, 'enough')
  assert.is(clock.sleeping, 0)
})

it('delivers the items before an error, then the error', async () => {
  const error = new Error('from the source')
  const iterator = bufferCountOrTime<number>(5, 1_000, { clock: createFakeClock() })(
    createProbeSource({ item: (n) => n, failAt: 2, error }),
  )[Symbol.asyncIterator]()
  assert.equal((await iterator.next()).value, [0, 1])
  assert.is(await iterator.next().catch((thrown: unknown) => thrown), error)
})

it('leaves no timer behind on abort', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const source = createProbeSource({ item: (n) => n, hangAt: 1 })
  const iterator = bufferCountOrTime<number>(5, 1_000, { clock, signal: abort.signal })(source)[Symbol.asyncIterator]()
  const first = iterator.next().catch((thrown: unknown) => thrown)
  await settle()
  assert.is(clock.sleeping, 1)
  abort.abort('enough')
  assert.is(await first, 'enough')
  assert.is(clock.sleeping, 0)
})

it.run()
