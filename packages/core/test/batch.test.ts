import { batch, prefetch } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from '../../../test/support/probe-source.ts'
import { settle } from '../../../test/support/turns.ts'

const it = suite('batch')

it('gives what has arrived: one item to a quick consumer, a full batch to a slow one', async () => {
  const source = createProbeSource({ item: (n) => n, length: 12 })
  const seen: (readonly number[])[] = []
  for await (const items of batch<number>(5)(source)) {
    seen.push(items)
    if (seen.length > 1) await settle(20)
  }
  assert.equal(seen[0], [0])
  assert.equal(
    seen.flat(),
    Array.from({ length: 12 }, (_, n) => n),
  )
  assert.ok(seen.slice(2, -1).every((items) => items.length === 5))
})

it.run()

const prefetchIt = suite('prefetch')

prefetchIt('has the next item on its way while the consumer works', async () => {
  const source = createProbeSource({ item: (n) => n })
  for await (const n of prefetch<number>(2)(source)) {
    await settle()
    assert.is(source.pulled, n + 3)
    if (n === 3) break
  }
})

prefetchIt('waits on early exit for the item that is on its way, then passes on what closing throws', async () => {
  let isDone = false
  async function* pages(): AsyncGenerator<number> {
    try {
      yield 0
      await settle(10)
      isDone = true
      yield 1
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: a source whose closing fails is what this is about
      throw new Error('from closing')
    }
  }
  try {
    for await (const _ of prefetch<number>(1)(pages())) break
    assert.unreachable()
  } catch (thrown) {
    assert.match((thrown as Error).message, 'from closing')
  }
  assert.ok(isDone)
})

prefetchIt('refuses a count that is no whole number from 1', () => {
  assert.throws(() => prefetch(0), /prefetch: count must be a whole number from 1, got 0 \(number\)/)
})

prefetchIt.run()
