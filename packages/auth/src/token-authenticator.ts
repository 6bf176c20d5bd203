import { type JsonValue, type MillraceError, Secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { valueAt } from '@millrace/paginate'
import { requestToken, type TokenAnswer, type TokenClientOptions, type TokenRequest } from './request-token.ts'
import { isSendable, requireCredential } from './require-credential.ts'
import { createTokenCache, type FetchedToken } from './token-cache.ts'

/** An hour: the usual life of tokens whose answers do not say. A refused token is renewed in any case. */
export const defaultTokenLifeMs = 3_600_000

/** As many keys of an answer as an error lists. */
const listedKeys = 10

export interface TokenAuthenticatorOptions {
  readonly request: TokenRequest
  /** Where the token is in the answer. */
  readonly tokenPath: string
  /** Where the answer says for how many seconds it is good. */
  readonly expiresInPath: string
  /** Where it does not say. Default {@link defaultTokenLifeMs}. */
  readonly tokenLifeMs?: number | undefined
  /** Lower case. */
  readonly header: string
  /** Stands before the token in the header. */
  readonly prefix: string
  /** A token that is there already: used until it is refused. */
  readonly accessToken?: string | Secret | undefined
  /** Gets every answer with a token. */
  readonly received?: (body: JsonValue) => void
}

/** Sends a token in a header, the same with all requests: fetched before the first one, and again when it is due or refused. */
export function tokenAuthenticator(options: TokenAuthenticatorOptions, client: TokenClientOptions): Authenticator {
  const { request, header, prefix, accessToken, tokenLifeMs = defaultTokenLifeMs, received } = options
  if (!(tokenLifeMs > 0)) throw new RangeError(`${request.name}: tokenLifeMs must be above 0, got ${tokenLifeMs}`)

  const secrets = (): readonly Secret[] => [...request.secrets(), ...cache.secrets]
  const cache = createTokenCache(
    async (context) => {
      const answer = await requestToken({ ...request, secrets }, context, client)
      const fetched = readToken(answer, { ...options, tokenLifeMs })
      received?.(answer.body)
      return fetched
    },
    {
      clock: client.clock,
      first: accessToken === undefined ? undefined : requireCredential(`${request.name}: accessToken`, accessToken),
    },
  )
  const headerValue = (token: Secret): string => `${prefix}${token.reveal()}`

  return Object.freeze({
    name: request.name,
    get secrets() {
      return secrets()
    },
    apply: async (outgoing, context) => {
      const token = await cache.get(context)
      return { ...outgoing, headers: { ...outgoing.headers, [header]: headerValue(token) } }
    },
    renew: (refused) => cache.forget((token) => refused.headers[header] === headerValue(token)),
  } satisfies Authenticator)
}

type TokenPlace = Pick<TokenAuthenticatorOptions, 'tokenPath' | 'expiresInPath'> & { readonly tokenLifeMs: number }

/** @throws {MillraceError} `E_AUTH`, where there is none that can be sent. */
function readToken(answer: TokenAnswer, { tokenPath, expiresInPath, tokenLifeMs }: TokenPlace): FetchedToken {
  const text = valueAt(answer.body, tokenPath)
  if (typeof text !== 'string' || text === '') throw missingToken(answer, tokenPath)
  if (!isSendable(text)) throw answer.failure(`, but the text at "${tokenPath}" can be sent in no header`)
  const seconds = Number(valueAt(answer.body, expiresInPath) ?? Number.NaN)
  return { token: new Secret(text), lifeMs: seconds > 0 ? seconds * 1000 : tokenLifeMs }
}

function missingToken({ body, failure }: TokenAnswer, tokenPath: string): MillraceError {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const keys = isObject ? Object.keys(body).slice(0, listedKeys).join(', ') : ''
  const found = isObject ? `its keys are ${keys || 'none'}` : 'it is no JSON object'
  return failure(`, but there is no text at "${tokenPath}": ${found}`)
}
