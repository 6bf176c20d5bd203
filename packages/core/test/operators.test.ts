import {
  batch,
  bufferCountOrTime,
  filterRows,
  flatMap,
  mapRows,
  type Page,
  prefetch,
  takeRows,
  validateRows,
} from '@millrace/core'
import { z } from 'zod'
import { testOperator } from '../../../test/support/test-operator.ts'

/** A page of one row that is its number. */
const page = (n: number): Page<number> => ({ rows: [n], position: { offset: n + 1 } })
const rowsOf = (page: Page<number>): readonly number[] => page.rows
const number = (n: number): number => n
const one = (n: number): number[] => [n]
const all = (numbers: readonly number[]): readonly number[] => numbers

testOperator('mapRows', () => mapRows((row: number) => row), { ahead: 0, item: page, numbers: rowsOf })
testOperator('filterRows', () => filterRows((_: number) => true), { ahead: 0, item: page, numbers: rowsOf })
testOperator('validateRows', () => validateRows(z.number()), { ahead: 0, item: page, numbers: rowsOf })
testOperator('takeRows', () => takeRows<number>(1_000), { ahead: 0, item: page, numbers: rowsOf })

// #region prefetch
testOperator('prefetch', (options) => prefetch<number>(2, options), {
  ahead: 2,
  item: number,
  numbers: one,
  takesSignal: true,
})
// #endregion

for (const count of [1, 3]) {
  testOperator(`batch(${count})`, (options) => batch<number>(count, options), {
    ahead: count,
    item: number,
    numbers: all,
    takesSignal: true,
  })
  // An hour: here the count decides.
  testOperator(`bufferCountOrTime(${count})`, (options) => bufferCountOrTime<number>(count, 3_600_000, options), {
    ahead: count,
    item: number,
    numbers: all,
    takesSignal: true,
  })
  testOperator(
    `flatMap of ${count} at once`,
    (options) => flatMap((n: number) => [n], { concurrency: count, ...options }),
    { ahead: count - 1, item: number, numbers: one, takesSignal: true },
  )
}
