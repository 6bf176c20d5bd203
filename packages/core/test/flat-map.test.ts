import { flatMap, pipe, toArray } from '@millrace/core'
import { from } from 'ix/asynciterable/asynciterablex'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from '../../../test/support/probe-source.ts'
import { settle } from '../../../test/support/turns.ts'

const it = suite('flatMap')

it('gives whole streams in the order of the source, whichever answers first', async () => {
  const slow = [30, 0, 20, 10]
  const result = await pipe(
    from(slow),
    flatMap(
      async function* (turns, index) {
        for (let n = 0; n < 3; n++) {
          await settle(turns / 10)
          yield `${index}.${n}`
        }
      },
      { concurrency: 3 },
    ),
    toArray(),
  )
  assert.equal(
    result,
    [0, 1, 2, 3].flatMap((index) => [0, 1, 2].map((n) => `${index}.${n}`)),
  )
})

it('holds at most `concurrency` streams open, and reads `ahead` items of each that waits', async () => {
  const source = createProbeSource({ item: (n) => n })
  const inner: ReturnType<typeof createProbeSource<string>>[] = []
  let delivered = 0
  const streams = flatMap(
    (parent: number) => {
      const stream = createProbeSource({ item: (n) => `${parent}.${n}`, length: 4 })
      inner.push(stream)
      return stream
    },
    { concurrency: 3, ahead: 2 },
  )
  for await (const item of streams(source)) {
    await settle()
    const parent = Number(item.split('.')[0])
    assert.ok(source.pulled <= parent + 3, `${source.pulled} parents pulled while at parent ${parent}`)
    for (const waiting of inner.slice(parent + 1)) assert.ok(waiting.pulled <= 2)
    delivered += 1
    if (delivered === 10) break
  }
  assert.ok(source.pulled <= 5, `pulled ${source.pulled} parents to deliver 10 items of 3`)
  assert.is(source.returned, 1)
  assert.equal(
    inner.map((stream) => stream.returned),
    [0, 0, 1, 1, 1].slice(0, inner.length),
    'closes what is open, and not what has ended',
  )
})

it('opens streams while the first is still silent', async () => {
  const opened: number[] = []
  const abort = new AbortController()
  const streams = flatMap(
    (n: number) => {
      opened.push(n)
      return createProbeSource({ item: (k) => k, hangAt: 0 })
    },
    { concurrency: 4, signal: abort.signal },
  )
  const result = toArray()(streams(createProbeSource({ item: (n) => n }))).catch((thrown: unknown) => thrown)
  await settle()
  assert.equal(opened, [0, 1, 2, 3])
  abort.abort('enough')
  assert.is(await result, 'enough')
})

it('closes every open stream and the source when one fails, after the items before it', async () => {
  const source = createProbeSource({ item: (n) => n })
  const failing = new Error('stream 2')
  const inner: ReturnType<typeof createProbeSource<number>>[] = []
  const streams = flatMap(
    (parent: number) => {
      const stream = createProbeSource({
        item: (n) => parent * 10 + n,
        length: 2,
        ...(parent === 2 ? { failAt: 1, error: failing } : {}),
      })
      inner.push(stream)
      return stream
    },
    { concurrency: 4 },
  )
  const seen: number[] = []
  try {
    for await (const item of streams(source)) seen.push(item)
    assert.unreachable()
  } catch (thrown) {
    assert.is(thrown, failing)
  }
  assert.equal(seen, [0, 1, 10, 11, 20])
  assert.is(source.returned, 1)
  assert.is(inner[2]?.returned, 0, 'what failed is not closed')
  assert.ok(inner.slice(3).every((stream) => stream.returned === 1))
})

it('passes on what the function throws, and closes the source', async () => {
  const source = createProbeSource({ item: (n) => n })
  const error = new Error('from the function')
  const seen: number[] = []
  const streams = flatMap(
    (n: number) => {
      if (n === 3) throw error
      return [n]
    },
    { concurrency: 2 },
  )
  try {
    for await (const n of streams(source)) seen.push(n)
    assert.unreachable()
  } catch (thrown) {
    assert.is(thrown, error)
  }
  assert.equal(seen, [0, 1, 2])
  assert.is(source.returned, 1)
})

it('opens no stream for an item that arrives after the consumer has left', async () => {
  let deliver = (): void => {}
  let pulled = 0
  const slow: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (pulled > 0) {
          await new Promise<void>((resolve) => {
            deliver = resolve
          })
        }
        return { done: false, value: pulled++ }
      },
      return: async () => ({ done: true, value: undefined }),
    }),
  }
  const opened: number[] = []
  const streams = flatMap(
    (n: number) => {
      opened.push(n)
      return [n]
    },
    { concurrency: 2 },
  )
  for await (const _ of streams(slow)) break
  deliver()
  await settle()
  assert.is(pulled, 2)
  assert.equal(opened, [0])
})

it('does not open a stream whose own function aborts', async () => {
  const abort = new AbortController()
  const inner = createProbeSource({ item: (n) => n })
  const streams = flatMap(
    () => {
      abort.abort('enough')
      return inner
    },
    { signal: abort.signal },
  )
  const source = createProbeSource({ item: (n) => n })
  assert.is(await toArray()(streams(source)).catch((thrown: unknown) => thrown), 'enough')
  assert.is(inner.opened, 0)
  assert.is(source.returned, 1)
})

it('refuses a concurrency that is no whole number from 1', () => {
  assert.throws(
    () => flatMap(() => [], { concurrency: 0 }),
    /flatMap: concurrency must be a whole number from 1, got 0 \(number\)/,
  )
  assert.throws(() => flatMap(() => [], { ahead: 1.5 }), /flatMap: ahead must be a whole number from 1/)
})

it.run()
