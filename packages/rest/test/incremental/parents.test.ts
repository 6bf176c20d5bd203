import type { Row } from '@millrace/core'
import { mostParents, mostTiesPerParent } from '@millrace/rest'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Pages, readByHand } from './read-by-hand.ts'

const it = suite('incremental parents')

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id)
const perParent = { cursorPath: 'at', perParent: true } as const

/** One child of each parent, with this value. */
function children(values: Readonly<Record<string, number>>): Pages {
  return new Map(Object.entries(values).map(([parent, at]) => [parent, [[{ id: `${parent}${at}`, at }]]]))
}

it('reads the children of all parents from one start, whatever the others have shown', () => {
  const pages = children({ a: 100, b: 90, c: 50, d: 40, e: 30, f: 20 })
  const { rows, starts, stored } = readByHand({ cursorPath: 'at', initialValue: 0 }, pages)
  assert.equal(idsOf(rows), ['a100', 'b90', 'c50', 'd40', 'e30', 'f20'])
  assert.equal([...starts.values()], [0, 0, 0, 0, 0, 0])
  assert.is(stored['last'], 100)
})

it('keeps a watermark for each parent, and starts each at its own', () => {
  const config = { ...perParent, initialValue: 0 }
  const first = readByHand(config, children({ a: 100, b: 20 }))
  const second = readByHand(config, children({ b: 30, c: 5, a: 90 }), { stored: first.stored })
  assert.equal(idsOf(second.rows), ['b30', 'c5'])
  assert.equal(Object.fromEntries(second.starts), { b: 20, c: 0, a: 100 })
  const third = readByHand(config, children({ a: 100, b: 30 }), { stored: second.stored })
  assert.equal(idsOf(third.rows), [])
  assert.equal(Object.fromEntries(third.starts), { a: 100, b: 30 })
})

it('starts a parent that comes twice in a read at the same value both times', () => {
  const config = { ...perParent, initialValue: 0 }
  const first = readByHand(config, children({ a: 10 }))
  const once = readByHand(config, children({ a: 50 }), { stored: first.stored })
  const again = readByHand(config, children({ a: 30 }), { stored: once.stored, isUnfinished: true })
  assert.equal([...again.starts.values()], [10])
  assert.equal(idsOf(again.rows), ['a30'])
})

it('warns of parents that have gone back, once for all', () => {
  const first = readByHand(perParent, children({ a: 10, b: 10, c: 10 }))
  const { warnings } = readByHand(perParent, children({ a: 9, b: 8, c: 10 }), { stored: first.stored })
  assert.is(warnings.length, 1)
  assert.match(warnings[0] ?? '', /is 9 now and was 10 in an earlier run, and the same for 1 other parents/)
})

it('forgets one watermark for all where there is to be one for each, and the other way round', () => {
  const one = readByHand({ cursorPath: 'at' }, children({ a: 10 }))
  const each = readByHand(perParent, children({ a: 10 }), { stored: one.stored })
  assert.equal(idsOf(each.rows), ['a10'])
  assert.match(each.warnings.join(), /per_parent false.*per_parent true.*is forgotten/)
  const back = readByHand({ cursorPath: 'at' }, children({ a: 10 }), { stored: each.stored })
  assert.equal(idsOf(back.rows), ['a10'])
  assert.is(back.warnings.length, 1)
})

it('keeps the watermarks of so many parents, reads the others in full, and says so', () => {
  const values = Object.fromEntries(Array.from({ length: mostParents + 2 }, (_, parent) => [`p${parent}`, 5]))
  const first = readByHand(perParent, children(values))
  assert.is(first.warnings.length, 1)
  assert.match(first.warnings[0] ?? '', /watermarks of 2000 parents, and there are more/)
  assert.ok(JSON.stringify(first.stored).length < 100 * mostParents)
  const second = readByHand(perParent, children(values), { stored: first.stored })
  assert.equal(idsOf(second.rows), ['p20005', 'p20015'])
})

it('remembers so many rows of each parent', () => {
  const page = Array.from({ length: mostTiesPerParent + 3 }, (_, id) => ({ id, at: 1 }))
  const first = readByHand(
    perParent,
    new Map([
      ['a', [page]],
      ['b', [[{ id: 'b', at: 1 }]]],
    ]),
  )
  assert.match(first.warnings.join(), /more than 20 rows have the furthest value/)
  const second = readByHand(
    perParent,
    new Map([
      ['a', [page]],
      ['b', [[{ id: 'b', at: 1 }]]],
    ]),
    { stored: first.stored },
  )
  assert.equal(idsOf(second.rows), [20, 21, 22])
})

const value = fc.nat(12)
const unit = fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 3 })
const settings = fc.record({
  lag: fc.constantFrom(0, 3),
  lastValueFunc: fc.constantFrom('max' as const, 'min' as const),
  perParent: fc.boolean(),
})

function pagesOf(units: readonly (readonly (readonly number[])[])[], run: number): Pages {
  return new Map(
    units.map((pages, parent) => [
      `p${parent}`,
      pages.map((page, index) => page.map((at, row) => ({ id: `${run} ${parent} ${index} ${row}`, at }))),
    ]),
  )
}

it('gives the same rows and the same watermark in whatever order units are read, and however they are cut into pages', () =>
  fc.assert(
    fc.property(settings, fc.array(unit, { maxLength: 4 }), fc.array(unit, { maxLength: 4 }), (config, one, two) => {
      const cursor = { cursorPath: 'at', ...config }
      const { stored } = readByHand(cursor, pagesOf(one, 1))
      const again = new Map([
        ...pagesOf(one, 1),
        ...[...pagesOf(two, 2)].map(([key, each]) => [`x${key}`, each] as const),
      ])
      const forward = readByHand(cursor, again, { stored })
      const backward = readByHand(cursor, again, { stored, readOrder: (units) => [...units].reverse() })
      const whole = new Map([...again].map(([key, pages]) => [key, [pages.flat()]]))
      const atOnce = readByHand(cursor, whole, { stored })
      assert.equal([backward.rows, backward.stored], [forward.rows, forward.stored])
      assert.equal(backward.positions(), forward.positions())
      assert.equal(Object.fromEntries(backward.starts), Object.fromEntries(forward.starts))
      assert.equal(atOnce.rows, forward.rows)
      assert.equal(sorted(atOnce.stored), sorted(forward.stored))
    }),
    { numRuns: 300 },
  ))

/** The order in which rows are remembered says nothing. */
function sorted(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json), (key, each) =>
    key === 'ties' ? (each as unknown[]).map((tie) => JSON.stringify(tie)).sort() : each,
  )
}

it.run()
