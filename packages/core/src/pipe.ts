import type { Operator, Sink } from './operator.ts'

/**
 * Leads a source through operators, left to right, and optionally into a sink at the end.
 *
 * Operators of `ix` and of Millrace mix freely: both are functions from async iterable to async iterable.
 *
 * @example
 * const names = pipe(pages, mapRows((row) => row.name), toArray())
 */
export function pipe<A>(source: AsyncIterable<A>): AsyncIterable<A>
export function pipe<A, B>(source: AsyncIterable<A>, ab: Operator<A, B>): AsyncIterable<B>
export function pipe<A, R>(source: AsyncIterable<A>, ar: Sink<A, R>): Promise<R>
export function pipe<A, B, C>(source: AsyncIterable<A>, ab: Operator<A, B>, bc: Operator<B, C>): AsyncIterable<C>
export function pipe<A, B, R>(source: AsyncIterable<A>, ab: Operator<A, B>, br: Sink<B, R>): Promise<R>
export function pipe<A, B, C, D>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
): AsyncIterable<D>
export function pipe<A, B, C, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cr: Sink<C, R>,
): Promise<R>
export function pipe<A, B, C, D, E>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
): AsyncIterable<E>
export function pipe<A, B, C, D, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  dr: Sink<D, R>,
): Promise<R>
export function pipe<A, B, C, D, E, R>(
  source: AsyncIterable<A>,
  ab: Operator<A, B>,
  bc: Operator<B, C>,
  cd: Operator<C, D>,
  de: Operator<D, E>,
  er: Sink<E, R>,
): Promise<R>
export function pipe(source: unknown, ...steps: readonly ((value: never) => unknown)[]): unknown {
  return steps.reduce<unknown>((value, step) => step(value as never), source)
}
