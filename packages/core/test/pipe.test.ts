import {
  batch,
  filterRows,
  flatMap,
  forEach,
  mapRows,
  type Operator,
  type Page,
  pipe,
  prefetch,
  toArray,
} from '@millrace/core'
import { from } from 'ix/asynciterable/asynciterablex'
import { buffer } from 'ix/asynciterable/operators/buffer'
import { filter } from 'ix/asynciterable/operators/filter'
import { map } from 'ix/asynciterable/operators/map'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from '../../../test/support/probe-source.ts'

const it = suite('pipe')

/** Pages of the rows 0 and 1, 2 and 3, 4 and 5. */
async function* pages(): AsyncGenerator<Page<number>> {
  for (let n = 0; n < 3; n++) yield { rows: [2 * n, 2 * n + 1], position: { page: n } }
}

it('gives the source itself when there is no step', () => {
  const source = pages()
  assert.is(pipe(source), source)
})

it('leads through operators of Millrace and of ix, into a sink', async () => {
  const groups: number[][] = await pipe(
    pages(),
    prefetch(1),
    mapRows((row) => row * 10),
    filter((page) => page.rows.length > 0),
    map((page) => page.rows.length),
    buffer(2),
    toArray(),
  )
  assert.equal(groups, [[2, 2], [2]])
})

it('fits the .pipe of ix, where operators of both take turns', async () => {
  const rows = from(pages()).pipe(
    mapRows((row: number) => row + 1),
    map((page) => page.rows),
    flatMap((rows) => rows, { concurrency: 2 }),
    filter((row) => row % 2 === 0),
    batch(10),
  )
  const seen: number[] = []
  await rows.forEach((some) => {
    seen.push(...some)
  })
  assert.equal(seen, [2, 4, 6])
})

it('takes any function of async iterables for an operator', async () => {
  const doubled: Operator<number, number> = async function* (source) {
    for await (const n of source) yield n * 2
  }
  assert.equal(await pipe(from([1, 2]), doubled, toArray()), [2, 4])
})

it('reaches the source with return() through all steps', async () => {
  const source = createProbeSource({ item: (n): Page<number> => ({ rows: [n], position: {} }) })
  const piped = pipe(
    source,
    map((page) => page),
    prefetch(2),
    filterRows((row) => row >= 0),
    flatMap((page) => page.rows, { concurrency: 2 }),
    buffer(2),
  )
  for await (const _ of piped) break
  assert.is(source.returned, 1)
})

it('reads the largest pipeline it has types for', async () => {
  const plusOne = map((n: number) => n + 1)
  assert.equal(await pipe(from([0]), plusOne, plusOne, plusOne, plusOne, plusOne, plusOne, plusOne, toArray()), [7])
})

it.run()

const forEachIt = suite('forEach')

forEachIt('waits for the function before it pulls the next item', async () => {
  const source = createProbeSource({ item: (n) => n, length: 5 })
  const seen: string[] = []
  await pipe(
    source,
    forEach(async (n, index) => {
      await Promise.resolve()
      seen.push(`${index}:${n} after ${source.pulled}`)
    }),
  )
  assert.equal(seen, ['0:0 after 1', '1:1 after 2', '2:2 after 3', '3:3 after 4', '4:4 after 5'])
})

forEachIt('closes the source when the function fails', async () => {
  const source = createProbeSource({ item: (n) => n })
  const error = new Error('from the function')
  const thrown = await forEach<number>((n) => {
    if (n === 2) throw error
  })(source).catch((thrown: unknown) => thrown)
  assert.is(thrown, error)
  assert.is(source.returned, 1)
})

forEachIt.run()
