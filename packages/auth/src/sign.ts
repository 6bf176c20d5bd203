import { MillraceError, Secret, secret } from '@millrace/core'
import type { Authenticator, OutgoingRequest } from '@millrace/http'
import { headersOf } from './fields.ts'
import { createRecentSecrets } from './recent-secrets.ts'
import { isCredentialName } from './secrets-among.ts'

/** Puts credentials on a request in code. Header names are lower case; what it is given is its own to change. */
export type SignRequest = (request: OutgoingRequest) => OutgoingRequest | Promise<OutgoingRequest>

/** Each request may have a signature of its own: those of the requests that are likely to be under way. */
const rememberedValues = 16

export interface SignOptions {
  /** For errors. Default `signature`. */
  readonly name?: string
  /** Values that must not be seen: the keys that the function works with. */
  readonly secrets?: readonly (string | Secret)[]
}

/**
 * Puts credentials on requests by a function: signatures, and everything else that has no function here.
 *
 * The client sends what it gives to the origin of the base URL only. Values of headers and query parameters that the
 * function sets and whose names say that they are credentials (`authorization`, `x-signature`, `token`) are kept secret.
 *
 * @example
 * sign((request) => ({ ...request, headers: { ...request.headers, 'x-signature': hmac(request.body ?? '') } }))
 */
export function sign(fn: SignRequest, options: SignOptions = {}): Authenticator {
  const { name = 'signature' } = options
  const given = (options.secrets ?? []).map(secret)
  const recent = createRecentSecrets(rememberedValues)
  const query = new Set<string>()

  async function apply(request: OutgoingRequest): Promise<OutgoingRequest> {
    const { url, headers } = request
    const signed: unknown = await fn({ ...request, url: new URL(url), headers: { ...headers } })
    if (!isRequest(signed)) {
      const message = `auth "${name}": the function must give the request, with url and headers; it gave ${typeof signed}`
      throw new MillraceError('E_AUTH', message)
    }
    const result = { ...signed, headers: headersOf(signed.headers) }
    for (const [, value] of credentials(headers, result.headers)) recent.add(new Secret(value))
    for (const [key, value] of credentials(parametersOf(url), parametersOf(signed.url))) {
      recent.add(new Secret(value))
      query.add(key)
    }
    return result
  }

  return Object.freeze({
    name,
    get secrets() {
      return [...given, ...recent.all]
    },
    get secretQuery() {
      return [...query]
    },
    apply,
  } satisfies Authenticator)
}

function isRequest(value: unknown): value is OutgoingRequest {
  if (typeof value !== 'object' || value === null) return false
  const { url, headers } = value as Partial<OutgoingRequest>
  return url instanceof URL && typeof headers === 'object' && headers !== null
}

type Texts = Readonly<Record<string, string>>

/** What is new or changed, and has the name of a credential. */
function credentials(before: Texts, after: Texts): [name: string, value: string][] {
  return Object.entries(after).filter(([name, value]) => value !== before[name] && isCredentialName(name))
}

function parametersOf(url: URL): Texts {
  return Object.fromEntries(url.searchParams)
}
