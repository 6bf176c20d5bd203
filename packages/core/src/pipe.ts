import type { Operator } from './operator.ts'

/** The last step: an operator, a sink, or any other function of an async iterable. */
type Last<In, Result> = (source: AsyncIterable<In>) => Result

/**
 * Leads a source through operators, left to right, and optionally into a sink at the end.
 *
 * Operators of `ix` and of Millrace mix freely: both are functions from async iterable to async iterable. With more than
 * nine steps, give a part of them a name: a `pipe` inside a `pipe` is an operator too.
 *
 * Shape:  AsyncIterable<A> → what the last step gives.
 * Order:  the steps'.
 * Memory: the steps'.
 * Pulls:  nothing by itself.
 *
 * @example
 * const names = await pipe(pages, mapRows((row) => row.name), toArray())
 */
export function pipe<A>(source: AsyncIterable<A>): AsyncIterable<A>
export function pipe<A, R>(source: AsyncIterable<A>, last: Last<A, R>): R
export function pipe<A, B, R>(source: AsyncIterable<A>, ab: Operator<A, B>, last: Last<B, R>): R
export function pipe<A, B, C, R>(source: AsyncIterable<A>, ab: Operator<A, B>, bc: Operator<B, C>, last: Last<C, R>): R
export function pipe<A, B, C, D, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  last: Last<D, R>,
): R
export function pipe<A, B, C, D, E, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  last: Last<E, R>,
): R
export function pipe<A, B, C, D, E, F, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  ef: Operator<E, F>,
  last: Last<F, R>,
): R
export function pipe<A, B, C, D, E, F, G, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  ef: Operator<E, F>,
  fg: Operator<F, G>,
  last: Last<G, R>,
): R
export function pipe<A, B, C, D, E, F, G, H, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  ef: Operator<E, F>,
  fg: Operator<F, G>,
  gh: Operator<G, H>,
  last: Last<H, R>,
): R
export function pipe<A, B, C, D, E, F, G, H, I, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  ef: Operator<E, F>,
  fg: Operator<F, G>,
  gh: Operator<G, H>,
  hi: Operator<H, I>,
  last: Last<I, R>,
): R
export function pipe(source: unknown, ...steps: readonly ((value: never) => unknown)[]): unknown {
  return steps.reduce<unknown>((value, step) => step(value as never), source)
}
