/** `baseUrl` of `base_url`. */
export function camelCase(key: string): string {
  return key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `base_url` of `baseUrl`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Settings as they stand in a file: the keys in dlt's spelling, the values as they are. */
export function inFileSpelling(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [snakeCase(key), value]))
}
