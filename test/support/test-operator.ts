import { getEventListeners } from 'node:events'
import type { Operator } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from './probe-source.ts'
import { rejection } from './rejection.ts'
import { settle, soon } from './turns.ts'

export interface OperatorOptions<In, Out> {
  /** Source items that may be pulled beyond those delivered, while the consumer holds an output: the documented number. */
  readonly ahead: number
  /** The source's item for 0, 1, 2, … */
  readonly item: (n: number) => In
  /** Which of 0, 1, 2, … an output stands for. */
  readonly numbers: (out: Out) => readonly number[]
  /** Set where the operator takes a signal. */
  readonly takesSignal?: boolean
}

/** Makes the operator under test, such that it passes all items on, in whatever grouping. */
export type MakeOperator<In, Out> = (options: { readonly signal?: AbortSignal }) => Operator<In, Out>

/** One line of the contract, and what checks it. */
export interface OperatorFact {
  readonly name: string
  check(): Promise<void>
}

/**
 * The contract of every operator that keeps the order, line by line. See `Operator` in `@millrace/core`.
 */
export function operatorFacts<In, Out>(
  makeOperator: MakeOperator<In, Out>,
  { ahead, item, numbers, takesSignal = false }: OperatorOptions<In, Out>,
): OperatorFact[] {
  /** Items 0 to `count - 1`. */
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

  async function collect(outputs: AsyncIterable<Out>, into: number[]): Promise<void> {
    for await (const output of outputs) into.push(...numbers(output))
  }

  const facts: OperatorFact[] = [
    {
      name: 'pulls nothing before the first next()',
      async check() {
        const source = createProbeSource({ item })
        const iterator = makeOperator({})(source)[Symbol.asyncIterator]()
        await settle()
        assert.is(source.pulled, 0)
        await soon(Promise.resolve(iterator.return?.()), 'return() before the first next()')
        assert.is(source.pulled, 0)
        assert.is(source.returned, 0, 'a source that was never opened is not closed')
      },
    },
    {
      name: `has at most ${ahead} items in flight while the consumer works`,
      async check() {
        const source = createProbeSource({ item })
        let delivered = 0
        for await (const output of makeOperator({})(source)) {
          delivered += numbers(output).length
          await settle()
          const inFlight = source.pulled - delivered
          assert.ok(inFlight <= ahead, `${inFlight} in flight after ${delivered} delivered`)
          if (delivered >= 12) break
        }
        assert.is(source.mostAtOnce, 1, 'asks the source for one item at a time')
      },
    },
    {
      name: 'keeps the order, delivers everything, and ends with the source',
      async check() {
        for (const length of [0, 1, 2, 25]) {
          const source = createProbeSource({ item, length })
          const seen: number[] = []
          await soon(collect(makeOperator({})(source), seen), `a source of ${length}`)
          assert.equal(seen, upTo(length))
          assert.is(source.returned, 0, 'a source that ended is not closed again')
        }
      },
    },
    {
      name: 'closes the source once on break',
      async check() {
        const source = createProbeSource({ item })
        const leave = async (): Promise<void> => {
          for await (const output of makeOperator({})(source)) if (numbers(output).length > 0) break
        }
        await soon(leave(), 'break')
        assert.is(source.returned, 1)
        const { pulled } = source
        await settle()
        assert.is(source.pulled, pulled, 'reads on after break')
      },
    },
    {
      name: 'closes the source once when the consumer throws',
      async check() {
        const source = createProbeSource({ item })
        const error = new Error('from the consumer')
        const leave = async (): Promise<void> => {
          for await (const _ of makeOperator({})(source)) throw error
        }
        assert.is(await rejection(soon(leave(), 'throw')), error)
        assert.is(source.returned, 1)
      },
    },
    {
      name: 'closes the source once when an error is thrown into it',
      async check() {
        const source = createProbeSource({ item })
        const error = new Error('into the operator')
        const iterator = makeOperator({})(source)[Symbol.asyncIterator]()
        await soon(iterator.next(), 'next()')
        assert.is(await rejection(soon(Promise.resolve(iterator.throw?.(error)), 'throw()')), error)
        assert.is(source.returned, 1)
      },
    },
    {
      name: 'passes an error of the source through, after the items before it',
      async check() {
        const error = new Error('from the source')
        for (const failAt of [0, 1, 7]) {
          const source = createProbeSource({ item, failAt, error })
          const seen: number[] = []
          assert.is(await rejection(soon(collect(makeOperator({})(source), seen), 'an error')), error)
          assert.equal(seen, upTo(failAt))
          assert.is(source.returned, 0, 'a source that failed is not closed')
        }
      },
    },
    {
      name: 'leaves no rejection unhandled when the source fails after the consumer has left',
      async check() {
        const unhandled: unknown[] = []
        const note = (reason: unknown): number => unhandled.push(reason)
        process.on('unhandledRejection', note)
        try {
          for (const failAt of [1, 2, 3]) {
            const source = createProbeSource({ item, failAt })
            const iterator = makeOperator({})(source)[Symbol.asyncIterator]()
            await soon(iterator.next(), 'next()').catch(() => {})
            await settle()
            await soon(Promise.resolve(iterator.return?.()), 'return()')
            await settle()
          }
        } finally {
          process.off('unhandledRejection', note)
        }
        assert.equal(unhandled, [])
      },
    },
    {
      name: 'can be iterated again when its source can',
      async check() {
        const outputs = makeOperator({})(createProbeSource({ item, length: 3 }))
        for (let time = 0; time < 2; time++) {
          const seen: number[] = []
          await soon(collect(outputs, seen), 'a second time')
          assert.equal(seen, upTo(3))
        }
      },
    },
  ]
  if (!takesSignal) return facts

  return [
    ...facts,
    {
      name: 'rejects with signal.reason while it waits, and closes the source once',
      async check() {
        for (const hangAt of [0, 3]) {
          const source = createProbeSource({ item, hangAt })
          const abort = new AbortController()
          const seen: number[] = []
          const collecting = collect(makeOperator({ signal: abort.signal })(source), seen)
          const outcome = rejection(soon(collecting, 'abort'))
          await settle()
          const reason = { why: 'enough' }
          abort.abort(reason)
          assert.is(await outcome, reason)
          assert.is(source.returned, 1)
        }
      },
    },
    {
      name: 'rejects with signal.reason at the next pull, and closes the source at once',
      async check() {
        const source = createProbeSource({ item })
        const abort = new AbortController()
        const iterator = makeOperator({ signal: abort.signal })(source)[Symbol.asyncIterator]()
        await soon(iterator.next(), 'next()')
        const reason = new Error('enough')
        abort.abort(reason)
        await settle()
        assert.is(source.returned, 1)
        assert.is(await rejection(soon(iterator.next(), 'next() after abort')), reason)
        assert.is(source.returned, 1)
      },
    },
    {
      name: 'leaves nothing on the signal, which may serve many streams: at the end, on break, and on an error',
      async check() {
        const { signal } = new AbortController()
        await soon(collect(makeOperator({ signal })(createProbeSource({ item, length: 3 })), []), 'the end')
        for await (const _ of makeOperator({ signal })(createProbeSource({ item }))) break
        await soon(collect(makeOperator({ signal })(createProbeSource({ item, failAt: 2 })), []), 'an error').catch(
          () => {},
        )
        assert.equal(getEventListeners(signal, 'abort'), [])
      },
    },
    {
      name: 'does not open the source when the signal is aborted already',
      async check() {
        const source = createProbeSource({ item })
        const reason = new Error('too late')
        const iterator = makeOperator({ signal: AbortSignal.abort(reason) })(source)[Symbol.asyncIterator]()
        assert.is(await rejection(soon(iterator.next(), 'next()')), reason)
        assert.is(source.opened, 0)
      },
    },
  ]
}

/** Registers a suite that holds an operator to the contract. */
export function testOperator<In, Out>(
  name: string,
  makeOperator: MakeOperator<In, Out>,
  options: OperatorOptions<In, Out>,
): void {
  const it = suite(`${name}: contract of an operator`)
  for (const { name: fact, check } of operatorFacts(makeOperator, options)) it(fact, check)
  it.run()
}
