import type { Answer } from '../paginator.ts'
import { wholeNumber, wordOf } from './collect-fields.ts'

/** A query parameter of the URL that answered, whose name is one of some words: what the endpoint calls it itself. */
export function queryNameOf(
  { url }: Answer,
  words: RegExp,
): { readonly name: string; readonly value: number | undefined } | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  for (const [name, value] of new URL(url).searchParams) {
    if (words.test(wordOf(name))) return { name, value: wholeNumber(value) }
  }
  return undefined
}
