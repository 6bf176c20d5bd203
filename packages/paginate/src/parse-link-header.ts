/** One link of a `Link` header. */
export interface Link {
  /** As it stands there: absolute or relative. */
  readonly target: string
  /** Lower case. */
  readonly relations: readonly string[]
}

const target = /[\s,]*<([^>]*)>/y
/** `; name`, `; name=token` or `; name="text"`, where a backslash takes the next character as it is. */
const parameter = /\s*;\s*(?:([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?/y

/**
 * The links of a `Link` header, in order. Reads as far as it makes sense: what follows a mistake is left out.
 *
 * A comma or semicolon in a URL or in quotes ends nothing, which is why this is no `split`. A link with an `anchor` is
 * about another document and left out; of two `rel` in one link the first counts.
 *
 * @see RFC 8288 §3 and appendix B (parsing)
 */
export function parseLinkHeader(header: string): Link[] {
  const links: Link[] = []
  let at = 0
  for (;;) {
    target.lastIndex = at
    const found = target.exec(header)
    if (!found) return links
    at = target.lastIndex
    let relations: string[] | undefined
    let isOfAnother = false
    for (;;) {
      parameter.lastIndex = at
      const [all = '', name = '', quoted, plain = ''] = parameter.exec(header) ?? []
      if (all === '') break
      at += all.length
      const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
      if (name.toLowerCase() === 'rel') relations ??= value.toLowerCase().split(/\s+/).filter(Boolean)
      if (name.toLowerCase() === 'anchor') isOfAnother = true
    }
    if (!isOfAnother) links.push({ target: (found[1] ?? '').trim(), relations: relations ?? [] })
  }
}
