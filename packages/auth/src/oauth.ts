import type { JsonValue, Secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { type Fields, formOf } from './fields.ts'
import type { TokenClientOptions } from './request-token.ts'
import { tokenAuthenticator } from './token-authenticator.ts'

/** A way to get a token from an OAuth 2 server. */
export interface OAuthGrant {
  readonly name: string
  readonly tokenUrl: string
  /** Of the token request. Read anew for each. Names are lower case. */
  headers(): Readonly<Record<string, string>>
  /** Of its form. Read anew for each. */
  fields(): Fields
  secrets(): readonly Secret[]
  /** Gets every answer with a token. */
  received?(body: JsonValue): void
}

/** What tokens of all grants have in common. */
export interface OAuthTokenOptions {
  /** How long a token is good where the server does not say, milliseconds. Default `defaultTokenLifeMs`. */
  readonly tokenLifeMs?: number
  /** A token that is there already: used until the API refuses it. */
  readonly accessToken?: string | Secret
}

/**
 * Sends the token of a grant as `Authorization: Bearer <token>`.
 *
 * @see RFC 6749 §5.1
 */
export function oauth(grant: OAuthGrant, options: OAuthTokenOptions, client: TokenClientOptions): Authenticator {
  const { name, tokenUrl, received } = grant
  return tokenAuthenticator(
    {
      tokenLifeMs: options.tokenLifeMs,
      accessToken: options.accessToken,
      request: {
        name,
        url: tokenUrl,
        method: 'POST',
        secrets: grant.secrets,
        write: () => ({
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...grant.headers() },
          body: formOf(grant.fields()),
        }),
      },
      tokenPath: 'access_token',
      expiresInPath: 'expires_in',
      header: 'authorization',
      prefix: 'Bearer ',
      ...(received && { received }),
    },
    client,
  )
}
