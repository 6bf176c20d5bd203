import type { Operator } from '@millrace/core'
import { batch } from 'ix/asynciterable/operators/batch'
import { bufferCountOrTime } from 'ix/asynciterable/operators/buffercountortime'
import { filter } from 'ix/asynciterable/operators/filter'
import { flatMap } from 'ix/asynciterable/operators/flatmap'
import { map } from 'ix/asynciterable/operators/map'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type MakeOperator, operatorFacts } from './support/test-operator.ts'

const it = suite('testOperator')

/** Names of the facts that do not hold. */
async function broken<Out>(
  makeOperator: MakeOperator<number, Out>,
  numbers: (out: Out) => readonly number[],
  takesSignal = false,
): Promise<string[]> {
  const names: string[] = []
  for (const { name, check } of operatorFacts(makeOperator, { ahead: 0, item: (n) => n, numbers, takesSignal })) {
    await check().catch(() => names.push(name))
  }
  return names
}

const one = (n: number): number[] => [n]

/** An operator written as a generator over what `read` makes of the source. */
function generator(read: (source: AsyncIterable<number>) => AsyncGenerator<number>): MakeOperator<number, number> {
  return () => (source) => ({ [Symbol.asyncIterator]: () => read(source) })
}

it('finds nothing wrong with map and filter of ix', async () => {
  assert.equal(await broken(() => map((n: number) => n), one), [])
  assert.equal(await broken(() => filter((_: number) => true), one), [])
})

it('finds that flatMap of ix reads far ahead', async () => {
  const operator = (): Operator<number, number> => flatMap((n: number) => one(n) as never, 2)
  assert.ok((await broken(operator, one)).includes('has at most 0 items in flight while the consumer works'))
})

it('finds that batch of ix reads without limit', async () => {
  const facts = await broken(
    () => batch<number>(),
    (out) => out,
  )
  assert.ok(facts.includes('has at most 0 items in flight while the consumer works'))
})

it('finds that bufferCountOrTime of ix does not close its source', async () => {
  const facts = await broken(
    () => bufferCountOrTime<number>(1, 5),
    (out) => out,
  )
  assert.ok(facts.includes('closes the source once on break'))
})

it('finds an operator that begins before it is asked', async () => {
  const eager: MakeOperator<number, number> = () => (source) => {
    const iterator = source[Symbol.asyncIterator]()
    let first: Promise<IteratorResult<number>> | undefined = iterator.next()
    return {
      [Symbol.asyncIterator]: () => ({
        next() {
          const next = first ?? iterator.next()
          first = undefined
          return next
        },
      }),
    }
  }
  assert.ok((await broken(eager, one)).includes('pulls nothing before the first next()'))
})

it('finds an operator that swaps, one that drops, and one that swallows the error', async () => {
  const swaps = generator(async function* (source) {
    let held: number | undefined
    for await (const n of source) {
      if (held === undefined) held = n
      else {
        yield n
        yield held
        held = undefined
      }
    }
    if (held !== undefined) yield held
  })
  assert.ok((await broken(swaps, one)).includes('keeps the order, delivers everything, and ends with the source'))

  const drops = generator(async function* (source) {
    for await (const n of source) if (n !== 20) yield n
  })
  assert.equal(await broken(drops, one), ['keeps the order, delivers everything, and ends with the source'])

  const swallows = generator(async function* (source) {
    try {
      yield* source
    } catch {}
  })
  assert.ok((await broken(swallows, one)).includes('passes an error of the source through, after the items before it'))
})

it('finds an operator that closes twice, one that cannot be iterated again, and one that is deaf to its signal', async () => {
  const closesTwice = generator(async function* (source) {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for await (const n of { [Symbol.asyncIterator]: () => iterator }) yield n
    } finally {
      await iterator.return?.()
    }
  })
  assert.ok((await broken(closesTwice, one)).includes('closes the source once on break'))

  const once: MakeOperator<number, number> = () =>
    async function* (source) {
      for await (const n of source) yield n
    }
  assert.equal(await broken(once, one), ['can be iterated again when its source can'])

  const deaf = await broken(() => map((n: number) => n), one, true)
  assert.is(deaf.length, 3)
})

it.run()
