/**
 * The errors do not quote the URL, which may hold a password.
 *
 * @param what - The option, such as `sessionToken: loginUrl`.
 */
export function requireHttpUrl(what: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new RangeError(`${what} must start with http:// or https://`)
  if (url.username !== '' || url.password !== '') throw new RangeError(`${what} holds a user name: take it out`)
}
