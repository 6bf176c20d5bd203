/** A name, a name in brackets and quotes, or an index in brackets; a dot may stand before each. */
const step = /\.?(?:([^.[\]'"*?()@,|&`\s][^.[\]'"*?(),|&`]*)|\[(?:'([^']+)'|"([^"]+)"|(-?\d+))\])/y

/**
 * The value at a dotted path (`meta.total`) of a decoded JSON body; undefined where there is none.
 *
 * @throws {SyntaxError} where the text is no path to one value: see {@link compilePath}.
 */
export function valueAt(body: unknown, path: string): unknown {
  return compilePath(path)(body)
}

/**
 * Compiles a dotted path (`meta.total`) to property reads, for loops over rows: the result is undefined where there is no
 * such value.
 *
 * Names with dots or signs stand in brackets and quotes (`['@odata.nextLink']`), places of a list in brackets alone,
 * from the end below zero (`data[-1].id`): what RFC 9535 calls a singular query, with or without `$`.
 *
 * @throws {SyntaxError} where the text is no such path.
 */
export function compilePath(path: string): (body: unknown) => unknown {
  const keys = keysOf(path)
  return (body) => {
    let value = body
    for (const key of keys) {
      if (typeof value !== 'object' || value === null) return undefined
      if (typeof key === 'number') value = Array.isArray(value) ? value.at(key) : undefined
      else if (Object.hasOwn(value, key)) value = (value as Readonly<Record<string, unknown>>)[key]
      else return undefined
    }
    return value
  }
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

/** A path with one more name at its end, in quotes where it needs them; undefined where no quotes can hold it. */
export function joinPath(path: string, name: string): string | undefined {
  if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return path === '' ? name : `${path}.${name}`
  if (!name.includes("'")) return name === '' ? undefined : `${path}['${name}']`
  return name.includes('"') ? undefined : `${path}["${name}"]`
}
