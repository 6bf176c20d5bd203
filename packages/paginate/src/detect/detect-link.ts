import type { Answer } from '../paginator.ts'
import { parseLinkHeader } from '../parse-link-header.ts'
import type { Field } from './collect-fields.ts'
import type { Detected } from './detected.ts'
import { isNextWord, saysNext } from './next-word.ts'

/** `Link: <…>; rel="next"`. */
export function detectHeaderLink({ headers }: Answer): Detected | undefined {
  const links = parseLinkHeader(headers?.get('link') ?? '')
  const next = links.find(({ target, relations }) => target !== '' && relations.includes('next'))
  return next && { settings: { type: 'header_link' }, reason: 'the Link header has rel="next"' }
}

/** `next` and the like with a URL in it, or with an object that has one. Names that mean nothing else come first. */
export function detectJsonLink(fields: readonly Field[]): Detected | undefined {
  const links = fields.filter((field) => saysNext(field) && isLink(field))
  const link = links.find(isNextWord) ?? links[0]
  return link && { settings: { type: 'json_link', nextUrlPath: link.path }, reason: `"${link.path}" is a link` }
}

function isLink({ word, parentWord, value }: Field): boolean {
  if (typeof value !== 'string') return false
  const text = value.trim()
  if (/^https?:\/\/\S+$/i.test(text)) return true
  // A cursor may begin with a slash too.
  if (/(cursor|token|marker|key|id)$/.test(word)) return false
  const isNamedLink = parentWord.startsWith('next') && /^(href|url|link|uri)$/.test(word)
  return isNamedLink ? /^[^\s{}]+$/.test(text) : /^([/?]|[^\s{}?]+\?[^\s{}=]+=)[^\s{}]*$/.test(text)
}
