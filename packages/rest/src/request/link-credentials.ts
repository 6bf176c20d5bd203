import { createRedact, MillraceError, Secret, secret } from '@millrace/core'
import type { Authenticator, Query } from '@millrace/http'
import type { ClientConfig } from '../config/rest-config.ts'

/** Names of parameters whose values may be credentials. One too many costs nothing: it is put back on the link. */
const credentialName = /auth|cookie|key|pass|pwd|secret|session|signature|token/i

/** A shorter secret may stand in a link by chance. */
const shortestFound = 8

/**
 * Keeps credentials out of links to further pages, which become part of a position and are stored with the data.
 *
 * APIs repeat in their links what they were asked with, the key included. `auth` puts its own on every request anyway;
 * those in the parameters of the endpoint or in the base URL are put back when a link is followed.
 */
export interface LinkCredentials {
  /** The URL without credentials. @param query - The endpoint's own. */
  removed(url: string, query: Query): string
  /** The same for a link to be stored. @throws {MillraceError} `E_PAGINATOR` where a credential stays in it. */
  checked(url: string, query: Query): string
  /** Whether a link leads to another origin. */
  leadsAway(url: string): boolean
  /** What has to be put back on a link without credentials. Nothing, where it leads to another origin. */
  ofLink(url: string, query: Query): Query
}

export function linkCredentials(
  { baseUrl, headers = {} }: Pick<ClientConfig, 'baseUrl' | 'headers'>,
  auth: Authenticator | undefined,
  others: readonly Secret[] = [],
): LinkCredentials {
  const base = new URL(baseUrl)
  const secretNames = new Set(auth?.secretQuery)
  const ofHeaders = Object.values(headers).filter((value) => value instanceof Secret)

  /** Read each time, because tokens change. */
  const secrets = (): Secret[] =>
    [...(auth?.secrets ?? []), ...ofHeaders, ...others].filter((each) => each.reveal().length >= shortestFound)

  /** Credentials among the parameters of every request: those with the name of one, and those with a secret in them. */
  function own(query: Query): [string, string][] {
    const values = secrets().map((each) => each.reveal())
    return [...base.searchParams, ...Object.entries(query)]
      .flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, String(each)]))
      .filter(([name, value]) => credentialName.test(name) || values.some((secret) => value.includes(secret)))
  }

  function removed(text: string, query: Query): string {
    if (!URL.canParse(text)) return text
    const url = new URL(text)
    const ofRequest = new Set(own(query).map((pair) => JSON.stringify(pair)))
    const values = new Set(secrets().map((each) => each.reveal()))
    url.username = ''
    url.password = ''
    const pairs = url.search.slice(1).split('&')
    // The others keep their spelling: a link may be signed.
    url.search = pairs
      .filter((pair) => {
        const [[name, value] = ['', '']] = [...new URLSearchParams(pair)]
        return !secretNames.has(name) && !values.has(value) && !ofRequest.has(JSON.stringify([name, value]))
      })
      .join('&')
    return url.href
  }

  function checked(text: string, query: Query): string {
    const link = removed(text, query)
    const redact = createRedact(secrets())
    if (redact(link) === link) return link
    throw new MillraceError(
      'E_PAGINATOR',
      `the link to the next page holds a credential where it cannot be taken out, and links are stored with the data: ${redact(link)}; use another paginator`,
    )
  }

  function ofLink(text: string, query: Query): Query {
    if (leadsAway(text)) return {}
    const present = new URL(text, base).searchParams
    const back: Record<string, string[]> = {}
    for (const [name, value] of own(query)) if (!present.has(name)) back[name] = [...(back[name] ?? []), value]
    return back
  }

  function leadsAway(text: string): boolean {
    return URL.canParse(text) && new URL(text).origin !== base.origin
  }

  return Object.freeze({ removed, checked, leadsAway, ofLink })
}

/** The values of parameters of a URL that have the name of a credential. */
export function secretsOfUrl(url: string): Secret[] {
  const found = [...new URL(url).searchParams].filter(([name, value]) => credentialName.test(name) && value !== '')
  return found.map(([, value]) => secret(value))
}
