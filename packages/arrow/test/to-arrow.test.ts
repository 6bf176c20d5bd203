import { fromArrow, toArrow } from '@millrace/arrow'
import type { Page, Row } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('toArrow')

interface Watched {
  pulled: number
  returned: number
}

async function* pages(
  all: readonly (Page | readonly Row[])[],
  watched: Watched,
): AsyncGenerator<Page | readonly Row[]> {
  try {
    for (const page of all) {
      watched.pulled += 1
      yield page
    }
  } finally {
    watched.returned += 1
  }
}

it('gives one batch per page of rows, in order, and none for an empty page', async () => {
  const watched = { pulled: 0, returned: 0 }
  const rows: Row[][] = []
  const all = [{ rows: [{ a: 1 }], position: {} }, [], [{ a: 2 }, { b: 'x' }], { rows: [], position: { page: 3 } }]
  for await (const batch of toArrow()(pages(all, watched))) rows.push(fromArrow(batch))
  assert.equal(rows, [
    [{ a: 1 }],
    [
      { a: 2, b: null },
      { a: null, b: 'x' },
    ],
  ])
  assert.equal(watched, { pulled: 4, returned: 1 })
})

it('gathers small pages until they come to the rows of a batch, and what is left at the end', async () => {
  const sizes = async (pageRows: readonly number[]): Promise<unknown> => {
    let next = 0
    const all = pageRows.map((count) => Array.from({ length: count }, () => ({ a: next++ })))
    const found: number[][] = []
    for await (const batch of toArrow({ leastRows: 5 })(pages(all, { pulled: 0, returned: 0 }))) {
      found.push(fromArrow(batch).map((row) => Number(row['a'])))
    }
    assert.equal(
      found.flat(),
      Array.from({ length: next }, (_, a) => a),
    )
    return found.map(({ length }) => length)
  }
  assert.equal(await sizes([2, 2, 2, 1]), [6, 1])
  assert.equal(await sizes([7, 0, 5, 4]), [7, 5, 4])
  assert.equal(await sizes([]), [])
  assert.throws(() => toArrow({ leastRows: 0 }), /leastRows must be a whole number from 1/)
})

it('pulls nothing before the first next, nothing ahead, and returns the source on early exit', async () => {
  const watched = { pulled: 0, returned: 0 }
  const batches = toArrow()(pages([[{ a: 1 }], [{ a: 2 }], [{ a: 3 }]], watched))
  assert.is(watched.pulled, 0)
  for await (const _ of batches) break
  assert.equal(watched, { pulled: 1, returned: 1 })
})

it('returns the source when a page cannot be converted', async () => {
  const watched = { pulled: 0, returned: 0 }
  try {
    for await (const _ of toArrow()(pages([[{ a: Number.NaN }], [{ a: 1 }]], watched)));
    assert.unreachable()
  } catch (thrown) {
    assert.is((thrown as { code: string }).code, 'E_VALUE')
  }
  assert.equal(watched, { pulled: 1, returned: 1 })
})

it('starts anew with every source', async () => {
  const operator = toArrow()
  const names: unknown[] = []
  for (const rows of [[{ a: 1 }], [{ b: 1 }]]) {
    for await (const batch of operator(pages([rows], { pulled: 0, returned: 0 }))) names.push(batch.schema.names)
  }
  assert.equal(names, [['a'], ['b']])
})

it.run()
