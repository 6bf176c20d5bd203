import { MillraceError, type Redact } from '@millrace/core'

/** Parses a client's base URL. Only http and https, and no user name in it: `fetch`-like clients drop that in silence. */
export function parseBaseUrl(baseUrl: string, redact: Redact): URL {
  const url = parseHttpUrl(baseUrl, 'base URL', redact)
  url.hash = ''
  return url
}

/**
 * The URL of a path, joined to the base: exactly one `/` between them, whatever both bring. The base keeps its own
 * query, an empty path is the base itself, and an absolute http(s) URL takes the place of the base.
 */
export function resolveUrl(base: URL, path: string, redact: Redact): URL {
  if (/^https?:\/\//i.test(path)) return parseHttpUrl(path, 'URL', redact)
  const [withoutHash = ''] = path.split('#', 1)
  const [pathname = '', ...rest] = withoutHash.split('?')
  const query = [base.search.slice(1), rest.join('?')].filter((part) => part !== '').join('&')
  const url = new URL(base)
  const tail = pathname.replace(/^\/+/, '')
  if (tail !== '') url.pathname = `${base.pathname.replace(/\/+$/, '')}/${tail}`
  url.search = query
  return url
}

/** Where a redirect leads: `location` against the URL that answered with it. */
export function resolveRedirect(from: URL, location: string, redact: Redact): URL {
  const parsed = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const url = parseHttpUrl(parsed?.href ?? location, 'redirect target', redact)
  url.hash = ''
  return url
}

function parseHttpUrl(text: string, what: string, redact: Redact): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new MillraceError('E_URL', `the ${what} must start with http:// or https://, got "${redact(text)}"`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new MillraceError(
      'E_URL',
      `the ${what} ${redact(text)} holds a user name or password: take them out, and give them as auth (basic)`,
    )
  }
  return url
}
