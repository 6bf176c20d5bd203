import type { JsonObject, Row } from '@millrace/core'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readByHand } from './read-by-hand.ts'

const it = suite('incremental histories')

/** What happens at the API between two runs. */
type Change = { readonly id: number; readonly at: number }

const range = fc.constantFrom('open' as const, 'closed' as const)
const runs = fc.array(fc.array(fc.record({ id: fc.nat(8), at: fc.nat(12) }), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
})
const settings = fc.record({
  lag: fc.nat(4),
  lastValueFunc: fc.constantFrom('max' as const, 'min' as const),
  rangeStart: range,
  initialValue: fc.option(fc.nat(12), { nil: undefined }),
})
const pageSize = fc.integer({ min: 1, max: 4 })

interface History {
  readonly lag: number
  readonly lastValueFunc: 'max' | 'min'
  readonly rangeStart: 'open' | 'closed'
  readonly initialValue: number | undefined
  readonly disposition: 'append' | 'merge'
}

/** All runs of a stream, one after the other: the rows each has loaded. */
function loadedBy(history: History, changes: readonly (readonly Change[])[], rowsPerPage: number): Row[][] {
  const { disposition, initialValue, ...config } = history
  const api = new Map<number, number>()
  let stored: JsonObject | undefined
  return changes.map((changed) => {
    for (const { id, at } of changed) api.set(id, at)
    const rows = [...api].map(([id, at]) => ({ id, at }))
    const pages = Array.from({ length: Math.ceil(rows.length / rowsPerPage) }, (_, page) =>
      rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage),
    )
    const cursor = { cursorPath: 'at', ...config, ...(initialValue !== undefined && { initialValue }) }
    const read = readByHand(cursor, new Map([['', pages]]), { disposition, ...(stored && { stored }) })
    stored = read.stored
    return [...read.rows]
  })
}

/** The same, done the plain way: everything that was ever loaded is remembered, and `last` is the only watermark. */
function expectedOf(history: History, changes: readonly (readonly Change[])[]): Row[][] {
  const sign = history.lastValueFunc === 'max' ? 1 : -1
  const { lag, rangeStart, disposition } = history
  const initial = history.initialValue === undefined ? undefined : history.initialValue * sign
  const api = new Map<number, number>()
  const everLoaded = new Set<string>()
  let last: number | undefined
  return changes.map((changed) => {
    for (const { id, at } of changed) api.set(id, at)
    const lagged = last === undefined ? initial : Math.max(last - lag, initial ?? Number.NEGATIVE_INFINITY)
    const loaded: Row[] = []
    for (const [id, at] of api) {
      const value = at * sign
      if (lagged !== undefined && (rangeStart === 'open' ? value <= lagged : value < lagged)) continue
      if (disposition === 'append' && everLoaded.has(`${id} ${at}`)) continue
      loaded.push({ id, at })
    }
    // Moved after the run, never within it.
    for (const { id, at } of loaded as Change[]) {
      everLoaded.add(`${id} ${at}`)
      last = last === undefined ? at * sign : Math.max(last, at * sign)
    }
    return loaded
  })
}

for (const disposition of ['append', 'merge'] as const) {
  it(`with ${disposition}, loads in every run what a reader that forgets nothing loads`, () =>
    fc.assert(
      fc.property(settings, runs, pageSize, (config, changes, rowsPerPage) => {
        const history = { ...config, disposition }
        // A row that goes back and comes again to a value it had is the same row for append, to both.
        assert.equal(loadedBy(history, changes, rowsPerPage), expectedOf(history, changes))
      }),
      { numRuns: 1_000 },
    ))
}

it('reads a stopped run again from its start where it cannot go on, and loads nothing less', () =>
  fc.assert(
    fc.property(settings, runs, fc.nat(20), (config, changes, stoppedAt) => {
      const { initialValue, ...rest } = config
      const cursor = { cursorPath: 'at', ...rest, ...(initialValue !== undefined && { initialValue }) }
      const pages = new Map([
        ['', changes.map((page, run) => page.map((row, index) => ({ ...row, id: `${run} ${index}` })))],
      ])
      const whole = readByHand(cursor, pages)
      const position = whole.positions()[stoppedAt % whole.positions().length] as JsonObject
      const again = readByHand(cursor, pages, { stored: position, isUnfinished: true })
      assert.equal(again.rows, whole.rows)
      assert.equal(again.stored, whole.stored)
    }),
    { numRuns: 300 },
  ))

it.run()
