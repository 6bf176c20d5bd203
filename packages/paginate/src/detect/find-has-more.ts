import type { Field } from './collect-fields.ts'

const hasMoreWord = /^(has(more|next|nextpage|moreitems|moreresults)|more|moreresults|ismore)$/

/** The flag that says whether more pages follow: one beside the cursor or the counts over one elsewhere. */
export function findHasMore(fields: readonly Field[], parent: string): Field | undefined {
  const flags = fields.filter(({ word, value }) => hasMoreWord.test(word) && typeof value === 'boolean')
  return flags.find((flag) => flag.parent === parent) ?? flags.find(({ isBesideRows }) => isBesideRows)
}
