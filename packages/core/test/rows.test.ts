import { filterRows, isMillraceError, mapRows, type Page, pipe, takeRows, toArray } from '@millrace/core'
import { from } from 'ix/asynciterable/asynciterablex'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProbeSource } from '../../../test/support/probe-source.ts'

const meta = { url: 'https://api.test/events', status: 200, ms: 1, bytes: 2, attempt: 1 }
const pages: Page<number>[] = [
  { rows: [1, 2, 3], position: { offset: 3 }, meta },
  { rows: [4, 5], position: { offset: 5 }, meta },
  { rows: [], position: { offset: 5 } },
]

const mapIt = suite('mapRows')

mapIt('replaces rows and keeps position and meta', async () => {
  const mapped = await pipe(
    from(pages),
    mapRows((row, index) => `${index}:${row * 10}`),
    toArray(),
  )
  assert.equal(mapped, [
    { rows: ['0:10', '1:20', '2:30'], position: { offset: 3 }, meta },
    { rows: ['0:40', '1:50'], position: { offset: 5 }, meta },
    { rows: [], position: { offset: 5 } },
  ])
  assert.equal(pages[0]?.rows, [1, 2, 3])
})

mapIt('says at which row of which page a function failed', async () => {
  const cause = new TypeError('no such field')
  const failing = pipe(
    from(pages),
    mapRows((row) => {
      if (row === 5) throw cause
      return row
    }),
    toArray(),
  )
  const thrown = await failing.catch((error: unknown) => error)
  assert.ok(isMillraceError(thrown))
  assert.is(thrown.code, 'E_ROW_FUNCTION')
  assert.is(thrown.cause, cause)
  assert.equal(thrown.context, { operator: 'mapRows', page: 1, row: 1, url: meta.url })
  assert.is(
    thrown.message,
    'mapRows: the function failed at row 1 of page 1 (https://api.test/events), both counted from 0: no such field',
  )
})

mapIt('refuses a function that answers with a promise', async () => {
  const thrown = await pipe(
    from(pages),
    mapRows(async (row) => row),
    toArray(),
  ).catch((error: unknown) => error)
  assert.ok(isMillraceError(thrown))
  assert.match(thrown.message, 'it returned a promise')
})

mapIt('closes the source when the function fails', async () => {
  const source = createProbeSource({ item: (n) => ({ rows: [n], position: {} }) })
  const failing = mapRows((row: number) => {
    if (row === 2) throw new Error('two')
    return row
  })
  await toArray()(failing(source)).catch(() => {})
  assert.is(source.pulled, 3)
  assert.is(source.returned, 1)
})

mapIt.run()

const filterIt = suite('filterRows')

filterIt('keeps rows that pass, and pages whose rows all fail', async () => {
  const kept = await pipe(
    from(pages),
    filterRows((row) => row > 3),
    toArray(),
  )
  assert.equal(kept, [
    { rows: [], position: { offset: 3 }, meta },
    { rows: [4, 5], position: { offset: 5 }, meta },
    { rows: [], position: { offset: 5 } },
  ])
})

filterIt('narrows the type with a guard', async () => {
  const mixed: Page<string | number>[] = [{ rows: [1, 'a'], position: {} }]
  const kept: Page<string>[] = await pipe(
    from(mixed),
    filterRows((row): row is string => typeof row === 'string'),
    toArray(),
  )
  assert.equal(kept, [{ rows: ['a'], position: {} }])
})

filterIt('refuses a promise, which would keep every row', async () => {
  const later = async (): Promise<boolean> => false
  const thrown = await pipe(from(pages), filterRows(later as unknown as () => boolean), toArray()).catch(
    (error: unknown) => error,
  )
  assert.ok(isMillraceError(thrown))
  assert.is(thrown.code, 'E_ROW_FUNCTION')
  assert.match(thrown.message, 'filterRows: the function failed at row 0 of page 0')
})

filterIt.run()

const takeIt = suite('takeRows')

takeIt('cuts the last page and asks for no more', async () => {
  const source = createProbeSource({ item: (n) => ({ rows: [2 * n, 2 * n + 1], position: { page: n } }) })
  const taken = await pipe(source, takeRows(5), toArray())
  assert.equal(
    taken.map((page) => page.rows),
    [[0, 1], [2, 3], [4]],
  )
  assert.is(source.pulled, 3)
  assert.is(source.returned, 1)
})

takeIt('ends at the end of a page without asking for the next', async () => {
  const source = createProbeSource({ item: (n) => ({ rows: [2 * n, 2 * n + 1], position: { page: n } }) })
  assert.is((await pipe(source, takeRows(4), toArray())).length, 2)
  assert.is(source.pulled, 2)
})

takeIt('does not open the source for 0 rows', async () => {
  const source = createProbeSource({ item: (n) => ({ rows: [n], position: {} }) })
  assert.equal(await pipe(source, takeRows(0), toArray()), [])
  assert.is(source.opened, 0)
})

takeIt('refuses a count that is no whole number from 0', () => {
  assert.throws(() => takeRows(-1), /takeRows: count must be a whole number from 0, got -1 \(number\)/)
  assert.throws(() => takeRows('5' as unknown as number), /got 5 \(string\)/)
})

takeIt.run()
