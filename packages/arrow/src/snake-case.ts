/** What Python's `str.strip` takes off and `\s` does not, and the other way round. */
const alsoSpace = '\u001c\u001d\u001e\u001f\u0085'
const noSpace = '\ufeff'

/** dlt's word for a key that nothing is left of. */
const emptyName = '_empty'

/** Between the parts of a name: `user__address` is the `address` of a `user`. */
export const pathSeparator = '__'

/**
 * The name that dlt's default naming convention gives a key, as a column or as a part of a table's name.
 *
 * What `__` separates is named part by part, so that `a__b` stays as it is. Names are not shortened: Parquet and Delta
 * have no limit, where dlt cuts the middle out of a name that is too long for its destination.
 *
 * @example
 * snakeCase('userID') // => 'user_id'
 * snakeCase('@odata.nextLink') // => 'aodata_next_link'
 * snakeCase('price (USD)') // => 'price_usdx'
 * @see dlt 1.31, `naming/snake_case.py` and `NamingConvention.normalize_path`
 */
export function snakeCase(key: string): string {
  const parts = key
    .split(pathSeparator)
    .map(stripped)
    .filter((part) => part !== '')
  return parts.length === 0 ? emptyName : parts.map(namePart).join(pathSeparator)
}

function namePart(part: string): string {
  const ascii = part
    .replace(/[+*]/g, 'x')
    .replaceAll('-', '_')
    .replaceAll('@', 'a')
    .replaceAll('|', 'l')
    // Digits of every script stay, letters of other scripts do not.
    .replace(/[^a-zA-Z\p{Nd}_]+/gu, '_')
  const snake = ascii
    .replace(/([^_])([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
  const name = /^\p{Nd}/u.test(snake) ? `_${snake}` : snake
  let end = name.length
  while (end > 0 && name[end - 1] === '_') end -= 1
  // Each of them, so that `a_` and `a__` are two columns.
  return (name.slice(0, end) + 'x'.repeat(name.length - end)).replace(/__+/g, '_')
}

function stripped(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text[from] as string)) from += 1
  while (to > from && isSpace(text[to - 1] as string)) to -= 1
  return text.slice(from, to)
}

function isSpace(character: string): boolean {
  return (/\s/.test(character) && character !== noSpace) || alsoSpace.includes(character)
}
