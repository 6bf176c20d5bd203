import { rowKeys } from './row-keys.ts'

/** What says that a body is one of several pages. */
const pagingWord =
  /^((odata)?next(page\w*|link|url|uri|href|cursor|token|offset|records?\w*|results?)?|has(more|next)\w*|(total|num)?pages|pagescount|lastpage|currentpage|perpage|pagesize|itemsperpage|offset|cursors?|paging|pagination|pager|pageinfo|listinfo|responsemetadata)$/

/** What else stands around rows: counts and news of the request itself. */
const envelopeWord =
  /^(total\w*|count|page|limit|size|start|skip|startat|startindex|maxresults|resultsizeestimate|number|first|last|prev\w*|more|self|url|href|links?|meta(data|info)?|info|status\w*|success|ok|code|message|error|errors|warnings?|version|apiversion|requestid|traceid|took|timedout|time|timestamp|object|type|kind|etag|odata\w*|schemas|copyright|jsonrpc)$/

/** Counts and places of pages: what is left where an API leaves out a list without items. */
const countWord =
  /^(total\w*|count|page|limit|size|start|skip|startat|startindex|maxresults|resultsizeestimate|prev\w*)$/

const identityWord = /^(id|uuid|guid)$/

/** What an object is: something around rows, a row itself, or perhaps either. */
export type BodyShape = 'envelope' | 'entity' | 'unclear'

/**
 * What kind of object this is, judged by its keys.
 *
 * Signs of paging make an envelope, unless it has an id. Without them, an id or two plain values of its own make an entity,
 * and none makes an envelope. All else is unclear.
 */
export function bodyShape(body: object): BodyShape {
  const entries = Object.entries(body).map(([name, value]) => [wordOf(name), value] as const)
  const hasId = hasIdentity(body)
  if (entries.some(([word]) => pagingWord.test(word))) return hasId ? 'unclear' : 'envelope'
  const own = entries.filter(([word, value]) => {
    const isNoList = value === null && rowKeys.includes(word)
    return !envelopeWord.test(word) && !isObjectOrList(value) && !isNoList
  }).length
  if (own === 0) return 'envelope'
  return hasId || own >= 2 ? 'entity' : 'unclear'
}

export function hasIdentity(body: object): boolean {
  return Object.entries(body).some(([name, value]) => identityWord.test(wordOf(name)) && !isObjectOrList(value))
}

/** Whether a body holds nothing but what stands around rows: where an API leaves out a list without items. */
export function isEmptyEnvelope(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  return Object.entries(body).every(([name, value]) => {
    const word = wordOf(name)
    if (Array.isArray(value)) return value.length === 0
    return value === null || pagingWord.test(word) || countWord.test(word) || isEmptyEnvelope(value)
  })
}

/** Whether a body says that there is something: an answer that only counts is a row. */
export function countsAny(body: object): boolean {
  return Object.entries(body).some(([name, value]) => /^(total|count)/.test(wordOf(name)) && Number(value) > 0)
}

/** The name in small letters and digits alone. */
export function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

function isObjectOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
