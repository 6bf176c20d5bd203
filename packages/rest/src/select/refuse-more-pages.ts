import { MillraceError } from '@millrace/core'

export interface AnsweredOnce {
  readonly body: unknown
  readonly rows: readonly unknown[]
  readonly headers: { get(name: string): string | null }
  readonly url: string
}

/**
 * For endpoints whose way of paging was not found out: fails where the answer says that there is more, since everything
 * after the first page would be missing without a word.
 *
 * @throws {MillraceError} `E_PAGINATOR` naming what says so.
 */
export function refuseMorePages(answer: AnsweredOnce): void {
  const { rows, url } = answer
  const sign = signOfMore(answer)
  if (sign === undefined) return
  throw new MillraceError(
    'E_PAGINATOR',
    `the answer of ${url} has ${rows.length} row${rows.length === 1 ? '' : 's'} and says that there are more (${sign}), and nothing in it shows how to ask for them; set paginator, or paginator: single_page if this page is all you want`,
    { context: { url, rows: rows.length } },
  )
}

/** What in an answer says that there are more pages, if anything does. */
export function signOfMore({ body, rows, headers }: AnsweredOnce): string | undefined {
  return (
    linkSign(headers.get('link')) ??
    countSign(headers.get('x-total-count'), rows.length) ??
    (rows[0] === body ? undefined : bodySign(body, rows.length))
  )
}

function linkSign(link: string | null): string | undefined {
  return link !== null && /;\s*rel\s*=\s*"?[^";,]*\bnext\b/i.test(link) ? 'a Link header with rel=next' : undefined
}

function countSign(count: string | null, rows: number): string | undefined {
  return count !== null && Number(count) > rows ? `the X-Total-Count header is ${Number(count)}` : undefined
}

/** Looks at the body's own keys and those one level below, in no list. */
function bodySign(body: unknown, rows: number, prefix = ''): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  for (const [key, value] of Object.entries(body)) {
    const path = `${prefix}${key}`
    if (/^next/i.test(key) && leadsOn(value)) return `"${path}" is set`
    if (/^has_?(more|next)/i.test(key) && value === true) return `"${path}" is true`
    if (/^total(_?(count|results|rows|items|records))?$/i.test(key) && Number(value) > rows && value !== true) {
      return `"${path}" is ${String(value)}`
    }
    if (/^((total|num)_?pages|pages|page_?count|last_?page)$/i.test(key) && Number(value) > 1) {
      return `"${path}" is ${String(value)}`
    }
    const below = prefix === '' ? bodySign(value, rows, `${path}.`) : undefined
    if (below !== undefined) return below
  }
  return undefined
}

function leadsOn(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.values(value).some(leadsOn)
  return typeof value === 'string'
    ? value !== ''
    : typeof value === 'number' || typeof value === 'bigint' || value === true
}
