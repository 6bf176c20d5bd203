import { type Field, wholeNumber } from './collect-fields.ts'

const totalWord =
  /^((total)(count|results?|rows|items|records|elements|hits|size|entries)?|(rows|items|records|results)total|numfound|count)$/

/** Where an answer says how many rows there are in all. */
export function findTotal(fields: readonly Field[]): Field | undefined {
  const totals = fields.filter(
    ({ word, value, isBesideRows }) => isBesideRows && totalWord.test(word) && wholeNumber(value) !== undefined,
  )
  return totals.find(({ word }) => word !== 'count') ?? totals[0]
}
