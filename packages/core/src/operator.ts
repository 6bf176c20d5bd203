import type { AsyncIterableX } from 'ix/asynciterable/asynciterablex'

/**
 * A step of a pipeline: takes an async iterable, gives an async iterable, and pulls nothing by itself.
 *
 * The contract, which `testOperator` checks: nothing is pulled before the first `next()`; `break`, `throw` and abort
 * reach the source's `return()`; order is kept unless the name says `Unordered`. Every operator of `ix` is one, and so
 * is every `async function*` that takes an async iterable.
 */
export type Operator<In, Out> = (source: AsyncIterable<In>) => AsyncIterable<Out>

/**
 * What the operators of Millrace are: operators that give an iterable of `ix`, so that they fit the `.pipe(…)` of `ix`
 * as well as our `pipe`, and can be iterated again if their source can.
 */
export type IxOperator<In, Out> = (source: AsyncIterable<In>) => AsyncIterableX<Out>

/** The end of a pipeline: consumes the source and reports. */
export type Sink<In, Result> = (source: AsyncIterable<In>) => Promise<Result>
