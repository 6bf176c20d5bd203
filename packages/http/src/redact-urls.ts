const redacted = '[redacted]'

/** Query parameters that hold a credential wherever they occur; lower case, without `-`, `_` and `.`. */
const wellKnown: ReadonlySet<string> = new Set([
  'apikey',
  'xapikey',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'token',
  'key',
  'secret',
  'clientsecret',
  'password',
  'passwd',
  'pwd',
  'signature',
  'sig',
  'xamzsignature',
  'xamzcredential',
  'xamzsecuritytoken',
])

/** A parameter: what comes before it, its name, its value. `&` is also met escaped, in HTML and in JSON. */
const parameter = /(\?|&amp;|\\u0026|&)([^=&?\s"'<>\\]+)=((?:(?!&|\\u0026)[^\s"'<>#])*)/g

/** From the colon on: a pattern for the scheme as well would be tried from every letter of a long text. */
const userInfo = /:\/\/[^/?#\s"'<>]*@/g

/**
 * Text with the credentials taken out of every URL in it: user names, and the values of secret query parameters.
 *
 * Works on text and not on parsed URLs, because what most needs redaction is what does not parse.
 *
 * @param secretQuery - Names to redact besides the well-known ones.
 */
export function redactUrls(text: string, secretQuery: readonly string[] = []): string {
  const own = new Set(secretQuery.map(normalize))
  return text
    .replace(userInfo, '://')
    .replace(parameter, (whole: string, before: string, name: string) =>
      wellKnown.has(normalize(name)) || own.has(normalize(name)) ? `${before}${name}=${redacted}` : whole,
    )
}

/** `API%5FKey` → `apikey`. */
function normalize(name: string): string {
  let decoded = name
  try {
    decoded = decodeURIComponent(name)
  } catch {
    // Not URL-encoded after all: compare it as it stands.
  }
  return decoded.toLowerCase().replace(/[-_.+ ]/g, '')
}
