/** One value of a query parameter. A list repeats the parameter; a missing value (`null` in JSON) is left out. */
export type QueryValue = QueryScalar | readonly QueryScalar[] | null
export type QueryScalar = string | number | boolean | bigint

export type Query = Readonly<Record<string, QueryValue | undefined>>

/**
 * The URL with parameters set: those of the same name are replaced, all others keep their place and spelling.
 *
 * Not `URL.searchParams`, which spells the whole query anew, and with it the links that an API signed.
 */
export function withQuery(url: URL, query: Query): URL {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
  const result = new URL(url)
  if (set.length === 0) return result
  const names = new Set(set.map(([name]) => name))
  const kept = withoutQuery(url, (name) => names.has(name))
  const added = set.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: QueryScalar) => encodePair(name, String(each))),
  )
  result.search = [...(kept === '' ? [] : [kept]), ...added].join('&')
  return result
}

/** The query of a URL without the parameters that `isDropped` names, the rest as it was spelled. No leading `?`. */
export function withoutQuery(url: URL, isDropped: (name: string) => boolean): string {
  return url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isDropped(queryName(pair)))
    .join('&')
}

/** The decoded name in `name=value`. */
export function queryName(pair: string): string {
  const name = pair.split('=', 1)[0] ?? ''
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

/** `%20` for a space, which every server understands; `+` only those that read queries as forms. */
function encodePair(name: string, value: string): string {
  return `${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(value))}`
}

/** Half a surrogate pair has no UTF-8, and `encodeURIComponent` throws on it. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}
