/** The value at a dotted path (`meta.total`) of a decoded JSON body; undefined where there is none. */
export function valueAt(body: unknown, path: string): unknown {
  let value: unknown = body
  for (const key of path.replace(/^\$\./, '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}
