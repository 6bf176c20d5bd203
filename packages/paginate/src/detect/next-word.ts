import type { Field } from './collect-fields.ts'

/** Names of what leads to the next page and of nothing else. */
const nextWord =
  /^(odata)?next(page|records?|results?|batch)?(link|url|uri|href|path|cursor|token|marker|offset|start|number)?$/

/** Names inside of an object that is called `next`. */
const partOfNext = /^(href|url|link|uri|cursor|after|token|pagetoken|page|offset|start)$/

/** Whether a field is called what leads to the next page, wherever it stands. */
export function isNextWord({ word, parentWord }: Field): boolean {
  return nextWord.test(word) || (nextWord.test(parentWord) && partOfNext.test(word))
}

/** Also where it is called something that begins with `next`, in a place where APIs speak of pages. */
export function saysNext(field: Field): boolean {
  return isNextWord(field) || (field.isBesideRows && field.word.startsWith('next'))
}
