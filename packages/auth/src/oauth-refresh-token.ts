import { Secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { valueAt } from '@millrace/paginate'
import { type ClientAuthenticationOptions, clientAuthentication } from './client-authentication.ts'
import type { Fields } from './fields.ts'
import { type OAuthTokenOptions, oauth } from './oauth.ts'
import { createRecentSecrets } from './recent-secrets.ts'
import type { TokenClientOptions } from './request-token.ts'
import { requireText } from './require-credential.ts'
import { requireHttpUrl } from './require-http-url.ts'
import { secretsAmong } from './secrets-among.ts'

/** The one in use and the one before. */
const rememberedTokens = 2

export interface OAuthRefreshTokenOptions extends OAuthTokenOptions, ClientAuthenticationOptions {
  readonly tokenUrl: string
  readonly refreshToken: string | Secret
  /** More fields of the token request, such as `scope`. They win over our own. */
  readonly fields?: Fields
}

/**
 * OAuth 2 refresh token: a program that acts for a user who has allowed it to.
 *
 * Where the server gives a new refresh token with each access token, the new one is used as long as this process runs, and
 * stored nowhere. If the old one is of no use then, the next process needs a new one: prefer servers and settings that
 * do not rotate.
 *
 * @see RFC 6749 §6
 */
export function oauthRefreshToken(options: OAuthRefreshTokenOptions, client: TokenClientOptions = {}): Authenticator {
  const { tokenUrl, fields = {} } = options
  requireHttpUrl('oauthRefreshToken: tokenUrl', tokenUrl)
  const self = clientAuthentication('oauthRefreshToken', options)
  const secrets = [...self.secrets, ...secretsAmong(fields)]
  const recent = createRecentSecrets(rememberedTokens)
  let current = requireText('oauthRefreshToken: refreshToken', options.refreshToken)
  recent.add(current)
  const grant = {
    name: 'oauth refresh token',
    tokenUrl,
    headers: self.headers,
    fields: () => ({ grant_type: 'refresh_token', refresh_token: current, ...self.fields(), ...fields }),
    secrets: () => [...secrets, ...recent.all],
    received: (body: unknown) => {
      const next = valueAt(body, 'refresh_token')
      if (typeof next !== 'string' || next === '') return
      current = new Secret(next)
      recent.add(current)
    },
  }
  return oauth(grant, options, client)
}
