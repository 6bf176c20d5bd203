/**
 * A step of a pipeline: takes an async iterable, gives an async iterable, and pulls nothing by itself.
 *
 * The contract, which `testOperator` checks: nothing is pulled before the first `next()`; `break`, `throw` and abort
 * reach the source's `return()`; order is kept unless the name says `Unordered`. Every operator of `ix` is one.
 */
export type Operator<In, Out> = (source: AsyncIterable<In>) => AsyncIterable<Out>

/** The end of a pipeline: consumes the source and reports. */
export type Sink<In, Result> = (source: AsyncIterable<In>) => Promise<Result>
