/** A name, a name in brackets and quotes, or an index in brackets; a name may follow a dot. */
const step = /\.?([^.[\]'"*?()@\s][^.[\]'"*?()]*)|\[(?:'([^']+)'|"([^"]+)"|(-?\d+))\]/y

/**
 * The value at a dotted path (`meta.total`) of a decoded JSON body; undefined where there is none.
 *
 * Names with dots or signs stand in brackets and quotes (`['@odata.nextLink']`), places of a list in brackets alone,
 * from the end below zero (`data[-1].id`): what RFC 9535 calls a singular query, with or without `$`.
 *
 * @throws {SyntaxError} where the text is no such path.
 */
export function valueAt(body: unknown, path: string): unknown {
  let value: unknown = body
  for (const key of keysOf(path)) {
    if (typeof value !== 'object' || value === null) return undefined
    if (typeof key === 'number') value = Array.isArray(value) ? value.at(key) : undefined
    else if (Object.hasOwn(value, key)) value = (value as Readonly<Record<string, unknown>>)[key]
    else return undefined
  }
  return value
}

function keysOf(path: string): (string | number)[] {
  const text = path.replace(/^\$(?=[.[])/, '')
  const keys: (string | number)[] = []
  step.lastIndex = 0
  while (step.lastIndex < text.length) {
    const [, name, single, double, index] = step.exec(text) ?? []
    const key = name ?? single ?? double
    if (key === undefined && index === undefined) break
    keys.push(key ?? Number(index))
  }
  if (keys.length > 0 && step.lastIndex === text.length) return keys
  throw new SyntaxError(`"${path}" is no path to one value, such as meta.total, ['@odata.nextLink'] or data[-1].id`)
}
